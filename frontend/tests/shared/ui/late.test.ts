/** Answers that come late, or after somebody has gone. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DeskServer } from '../../desk/server'
import { SOON, gate, served } from './served'

let server: DeskServer
beforeEach(async () => void (server = await DeskServer.open()))
afterEach(() => server.close())

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

it('asks for no more codes once the wall is closed', async () => {
  const held = gate()
  server.before = () => held.passed
  const now = Date.now()
  server.instead.set('GET /api/shifts/s1/code', [200, { typed: '123456', scanned: 'x'.repeat(20), now: new Date(now).toISOString(), until: new Date(now + 1000).toISOString() }])
  const { component, mounted } = await served(server, () => import('@shared/ui/CodeWall.vue'))
  const wall = mounted.show(component, { shift: 's1', title: '南音' })
  await vi.waitFor(() => expect(server.asked).toHaveLength(1), SOON)
  wall.unmount()
  held.open()
  await pause(1500)
  expect(server.asked).toHaveLength(1)
})

it('shows the hours of the step that is open, though those of another come later', async () => {
  const held = gate()
  server.before = asked => (asked.query.stage === 'sign' ? held.passed : Promise.resolve())
  server.instead.set('GET /api/records', [200, { items: [], total: 0, next: null }])
  const { component, mounted } = await served(server, () => import('@shared/ui/HoursQueue.vue'))
  const queue = mounted.show(component, { stage: 'sign' })
  await vi.waitFor(() => expect(server.asked).toHaveLength(1), SOON)
  await queue.setProps({ stage: 'all' })
  await vi.waitFor(() => expect(queue.text()).toContain('还没有服务记录'), SOON)
  server.instead.set('GET /api/records', [503, { code: 'busy', title: '服务器正忙', status: 503, detail: '请稍后再试。' }])
  held.open()
  await pause(1000)
  expect(queue.text()).not.toContain('服务器正忙')
})

it('offers the towns of the county that is chosen, though those of another come later', async () => {
  const held = gate()
  server.before = async asked => {
    if (asked.query.parent === '350502') await held.passed
    server.instead.set('GET /api/regions', [200, { items: [{ code: `${asked.query.parent}001`, name: `镇 ${asked.query.parent}`, active: true }] }])
  }
  const { component, mounted } = await served(server, () => import('@shared/ui/RegionPicker.vue'))
  const picker = mounted.show(component, { modelValue: '350502', scopes: [{ code: '3505', name: '泉州市' }] })
  await vi.waitFor(() => expect(server.asked.some(one => one.query.parent === '350502')).toBe(true), SOON)
  await picker.setProps({ modelValue: '350503' })
  await vi.waitFor(() => expect(picker.text()).toContain('镇 350503'), SOON)
  held.open()
  await pause(1000)
  expect(picker.text()).toContain('镇 350503')
  expect(picker.text()).not.toContain('镇 350502')
})
