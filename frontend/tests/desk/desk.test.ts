/** The desk as a person uses it, against a real server: list, filters, keys, the sheet, and what is done there. */
import type { App } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bar } from '../shared/state/rows'
import { DeskServer } from './server'

const SOON = { timeout: 5000, interval: 20 }
let server: DeskServer
let app: App | undefined

/** Starts the page as its entry does. The modules are made anew: they hold the address of the server. */
async function open(path: string): Promise<void> {
  vi.resetModules()
  const view = window as unknown as { happyDOM: { setURL: (url: string) => void } }
  view.happyDOM.setURL(server.url + path)
  localStorage.clear()
  localStorage.setItem('citong.locale', 'zh-CN')
  document.body.innerHTML = '<div id="app"></div>'
  const [{ start }, { default: root }, { router }] = await Promise.all([
    import('@shared/ui/start'), import('../../src/desk/DeskPage.vue'), import('../../src/desk/routes'),
  ])
  await start({
    root,
    face: 'desk',
    words: { 'zh-CN': () => import('../../src/desk/words/zh-CN'), en: () => import('../../src/desk/words/en') },
    more: made => {
      app = made
      made.use(router)
    },
  })
}

const text = () => document.body.textContent?.replace(/\s+/g, ' ') ?? ''
const shown = (said: string) => vi.waitFor(() => expect(text()).toContain(said), SOON)
const lines = () => [...document.querySelectorAll<HTMLElement>('.event-line')]
const asked = (method: string, path: string) => server.asked.filter(one => one.method === method && one.path === path)
const press = (key: string) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

function button(said: string): HTMLElement {
  const found = [...document.querySelectorAll<HTMLElement>('button, a')].find(one => one.textContent?.includes(said))
  if (!found) throw new Error(`nothing says ${said}: ${text()}`)
  return found
}

function choose(label: string, value: string): void {
  const select = document.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`)
  if (!select) throw new Error(`no choice ${label}`)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}

beforeEach(async () => {
  server = await DeskServer.open()
})

afterEach(async () => {
  app?.unmount()
  app = undefined
  await server.close()
})

describe('the list', () => {
  it('asks by the address, says the totals, and keeps each choice in the address', async () => {
    await open('/desk/?state=draft&days=0&from=2026-11-20')
    await shown('共 3 场')
    expect(asked('GET', '/api/events')[0]?.query).toMatchObject({ region: '350502', state: 'draft', from: '2026-11-20' })
    choose('服务方式', 'training')
    await vi.waitFor(() => expect(asked('GET', '/api/events').at(-1)?.query.mode).toBe('training'), SOON)
    expect(Object.fromEntries(new URLSearchParams(location.search))).toEqual({ mode: 'training', state: 'draft', from: '2026-11-20', days: '0' })
  })

  it('moves by j and k, and opens a line', async () => {
    await open('/desk/?days=0')
    await shown('共 3 场')
    press('j')
    press('j')
    press('k')
    press('j')
    expect(document.activeElement).toBe(lines()[1])
    press('/')
    expect((document.activeElement as HTMLInputElement).name).toBe('q')
    press('j')
    expect((document.activeElement as HTMLInputElement).name).toBe('q')
    lines()[0]?.click()
    await shown('风险告知')
    expect(location.pathname).toBe('/desk/events/e1')
    expect(location.search).toBe('?days=0')
  })

  it('says that nothing was found and offers ways on', async () => {
    await open('/desk/?q=nothing')
    await shown('没有找到活动')
    button('清除筛选').click()
    await shown('共 3 场')
    expect(location.search).toBe('')
  })

  it('tells why it cannot be read, and reads again', async () => {
    server.instead.set('GET /api/events', [503, { code: 'busy', title: '服务器正忙', status: 503, detail: '请稍后再试。' }])
    await open('/desk/')
    await shown('服务器正忙')
    server.instead.clear()
    button('再试一次').click()
    await shown('共 3 场')
  })

  it('moves its counts by itself, without reading again', async () => {
    await open('/desk/')
    await shown('共 3 场')
    await vi.waitFor(() => expect(server.followers).toBe(1), SOON)
    const reads = asked('GET', '/api/events').length
    const row = server.list.items[0]
    if (!row) throw new Error('no row')
    const { starts_at, ends_at, min, desired, max } = row
    server.tell('region:350502', 'assignment.accepted', { bar: bar('s1', 1, 0, { event_id: 'e1', starts_at, ends_at, min, desired, max }) })
    await vi.waitFor(() => expect(lines()[0]?.querySelector('.count')?.textContent).toContain('1/1'), SOON)
    expect(asked('GET', '/api/events')).toHaveLength(reads)
  })

  it('reads on from where the page ended', async () => {
    server.list = { ...server.list, next: 'page2', total: 4 }
    await open('/desk/')
    await shown('已列出 3 场')
    const [row] = server.list.items
    if (!row) throw new Error('no row')
    server.list = { ...server.list, items: [{ ...row, id: 'e4' }], next: null, total: 4 }
    button('再看一些').click()
    await vi.waitFor(() => expect(lines().map(line => line.dataset.event)).toEqual(['e1', 'e2', 'e3', 'e4']), SOON)
    expect(asked('GET', '/api/events').at(-1)?.query.cursor).toBe('page2')
  })
})

describe('one event', () => {
  it('names how many people a cancellation reaches, wants a reason, and shows what came of it', async () => {
    await open('/desk/events/e1')
    await shown('注意防暑')
    button('取消活动').click()
    await shown('将通知 1 人')
    expect(text()).toContain('收回 1 份待答复的邀请')
    button('确认取消').click()
    await shown('请写明原因')
    expect(asked('POST', '/api/events/e1/cancel')).toEqual([])
    const field = document.querySelector('textarea')
    if (!field) throw new Error('no field')
    field.value = '台风预警'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    button('确认取消').click()
    await shown('活动已取消')
    const [sent] = asked('POST', '/api/events/e1/cancel')
    expect(sent?.body).toEqual({ reason: '台风预警' })
    expect(sent?.key).toBeTruthy()
  })

  it('may not be published without a risk notice, and says so', async () => {
    server.sheet = { ...server.sheet, state: 'draft', risk_notice: ' ' }
    await open('/desk/events/e1')
    await shown('还没有写风险告知')
    expect((button('发布活动') as HTMLButtonElement).disabled).toBe(true)
  })

  it('offers no deed to those who only read', async () => {
    server.sheet = { ...server.sheet, can: { write: false, offer: false, call: false, correct: false } }
    await open('/desk/events/e1')
    await shown('注意防暑')
    for (const said of ['取消活动', '发布活动', '谁能来']) expect(() => button(said)).toThrow(said)
  })

  it('ranks who could take a need, asks one by hand, and tells every reason of a no', async () => {
    const person = (id: string, name: string) => ({ volunteer: { id, name, region: '350502' }, km: 2.5, worth: 9, why_text: '离你约 2.5 公里' })
    const reasons = [{ rule: 'availability', people: 6, text: '6 人这个时间没空' }]
    server.instead.set('GET /api/needs/n1/candidates', [200, { eligible: 2, pool: 8, reasons, items: [person('v1', '陈**'), person('v2', '林**')] }])
    const no = { code: 'refused', title: '无法进行', status: 409, detail: '原因见下。', reasons: [
      { rule: 'overlap', data: {}, text: '同一时间已有班次', remedy: '换一个人' }, { rule: 'rest', data: {}, text: '休息时间不够', remedy: '' } ] }
    server.instead.set('POST /api/needs/n1/offer', [409, no])
    await open('/desk/events/e1')
    await shown('谁能来')
    button('谁能来').click()
    await shown('8 人中有 2 人合适')
    expect(text()).toContain('6 人这个时间没空')
    button('发邀请').click()
    await shown('同一时间已有班次')
    expect(text()).toContain('可以这样做：换一个人')
    expect(text()).toContain('休息时间不够')
    server.instead.set('POST /api/needs/n1/offer', [201, {}])
    button('发邀请').click()
    await shown('已邀请')
    expect(asked('POST', '/api/needs/n1/offer').map(one => one.body)).toEqual([{ volunteer: 'v1' }, { volunteer: 'v1' }])
  })

  it('shows an answer as soon as it is given', async () => {
    await open('/desk/events/e1')
    await shown('等待答复')
    await vi.waitFor(() => expect(server.followers).toBe(1), SOON)
    server.tell('event:e1', 'assignment.accepted', {
      assignment: { id: 'a1', status: 'accepted', version: 2, need_id: 'n1', shift_id: 's1', event_id: 'e1' },
      need: { id: 'n1', filled: 1, offered: 0, min: 1, desired: 2, max: 2, version: 2 },
    })
    await vi.waitFor(() => expect(document.querySelector('.person')?.textContent).toContain('已接单'), SOON)
    expect(document.querySelector('.need-head .count')?.textContent).toContain('1/2')
  })

  it('is worded anew when the language changes', async () => {
    await open('/desk/events/e1')
    await shown('注意防暑')
    button('English').click()
    for (const path of ['/api/events/e1', '/api/events']) {
      await vi.waitFor(() => expect(asked('GET', path).at(-1)?.language).toBe('en'), SOON)
    }
    expect(document.title).toBe('Citong · Desk')
  })

  it('goes to paper with its people and its open seats', async () => {
    await open('/desk/events/e1/roster')
    await shown('签到名单')
    expect(document.querySelector('.page td:nth-child(2)')?.textContent).toBe('陈**')
    expect(text()).toContain('注意防暑')
  })
})
