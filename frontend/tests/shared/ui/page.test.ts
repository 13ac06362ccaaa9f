/** One open page, on which a session ends and another begins. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Me } from '@shared/wire'
import { Journal } from '../live/journal'

let journal: Journal
beforeEach(async () => void (journal = await Journal.open()))
afterEach(() => journal.close())

it('is live again for who signs in after the session has ended', async () => {
  vi.resetModules()
  const view = window as unknown as { happyDOM: { setURL: (url: string) => void } }
  view.happyDOM.setURL(`http://127.0.0.1:${journal.port}/`)
  const { makePage } = await import('@shared/ui/page')
  const page = makePage(null)
  const me = { id: 'me', faces: ['desk'] } as unknown as Me
  const live = () => vi.waitFor(() => expect(page.status.value.state).toBe('live'), { timeout: 5000 })
  const follower = { entry() {}, reset() {}, lost() {} }
  page.session.enter(me)
  page.line.follow('event:a', { epoch: 'e1', seq: 0 }, follower)
  await live()
  journal.cut(4501)
  await vi.waitFor(() => expect(page.status.value).toEqual({ state: 'stopped', why: 'signin' }), { timeout: 5000 })
  expect(page.who.value.kind).toBe('anonymous')
  page.session.enter(me)
  await live()
  page.line.close()
})
