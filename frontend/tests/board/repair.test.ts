/** What is asked from the ways to repair a hole, and the no to it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DeskServer } from '../desk/server'
import { SOON, served } from '../shared/ui/served'

let server: DeskServer
beforeEach(async () => void (server = await DeskServer.open()))
afterEach(() => server.close())

it('keeps the reason of a no while it looks for ways again', async () => {
  const step = { volunteer: { id: 'v1', name: '陈**' }, need: { id: 'n1' }, leaves: null, instead: null, consent: false, km: 2, why_text: '离得近' }
  server.instead.set('GET /api/needs/n1/substitutes', [200, { ready: true, missing: 1, eligible: 1, impossible: null, proposals: [{ steps: [step], touched: 1, gain: 5 }] }])
  const reasons = [{ rule: 'overlap', data: {}, text: '同一时间已有班次', remedy: null }]
  server.instead.set('POST /api/needs/n1/repair', [409, { code: 'refused', title: '无法进行', status: 409, detail: '', reasons }])
  const { component, mounted } = await served(server, () => import('../../src/board/RepairList.vue'))
  const list = mounted.show(component, { need: 'n1', missing: 1, offered: 0 })
  await vi.waitFor(() => expect(list.text()).toContain('陈**'), SOON)
  await list.find('.ways button').trigger('click')
  await vi.waitFor(() => expect(server.asked.filter(one => one.method === 'GET')).toHaveLength(2), SOON)
  await vi.waitFor(() => expect(list.find('.ways button').attributes('disabled')).toBeUndefined(), SOON)
  expect(list.text()).toContain('同一时间已有班次')
})
