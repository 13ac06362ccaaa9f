/** A tap on a notice, where its mark cannot be set. */
import { shallowRef } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DeskServer } from '../../desk/server'
import { SOON, served } from './served'

let server: DeskServer
beforeEach(async () => void (server = await DeskServer.open()))
afterEach(() => server.close())

const notice = (id: string) => ({ id, subject: `通知 ${id}`, text: '', at: '2026-11-24T01:00:00Z', read: false, pressing: false, about: { path: `phone/${id}`, title: '', title_en: '', place: '', starts_at: null } })

async function list(next: string | null, ...ids: string[]) {
  const { component, mounted } = await served(server, () => import('@shared/ui/InboxList.vue'))
  const { INBOX } = await import('@shared/ui/inbox')
  const view = (items: string[]) => ({ view: { items: items.map(notice), unread: 1, next, live: { epoch: '', topics: {} } }, loading: false, error: null, readAt: 1 })
  const state = shallowRef(view(ids))
  const shown = mounted.show(component, {}, { [INBOX as symbol]: { state, followed: { change: () => {} } } })
  return { shown, now: (...items: string[]) => (state.value = view(items)) }
}

it('leads to what it is about all the same', async () => {
  server.instead.set('POST /api/notices/n1/read', [503, { code: 'busy', title: '服务器正忙', status: 503, detail: '' }])
  const { shown } = await list(null, 'n1')
  await shown.find('.notice').trigger('click')
  await vi.waitFor(() => expect(shown.emitted('open')).toEqual([['phone/n1']]), SOON)
})

it('loses nothing between the first page and older ones when new ones come', async () => {
  server.instead.set('GET /api/notices', [200, { items: [notice('n3')], next: null, unread: 1, live: { epoch: '', topics: {} } }])
  const { shown, now } = await list('more', 'n1', 'n2')
  const ids = () => shown.findAll('.notice strong').map(one => one.text().replace('（未读）', ''))
  await shown.findAll('button').at(-1)?.trigger('click')
  await vi.waitFor(() => expect(ids()).toEqual(['通知 n1', '通知 n2', '通知 n3']), SOON)
  now('n0', 'n1')
  await vi.waitFor(() => expect(ids()).toEqual(['通知 n0', '通知 n1', '通知 n2', '通知 n3']), SOON)
})
