/** What one open page has: who is signed in, and one line to the server. Made once by each entry, used by its screens. */
import { inject, onScopeDispose, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import { api } from '../api/calls'
import { Problem } from '../api/problem'
import { http, take } from '../api/http'
import { Session, type SessionState } from '../api/session'
import { Line, type Status } from '../live/live'
import { pageOf, slowWay } from '../live/slow'
import { wakeWith } from '../live/wake'
import type { Face } from '../wire'

export interface Page {
  face: Face | null
  session: Session
  line: Line
  /** What the session and the line say, for screens. */
  who: Readonly<ShallowRef<SessionState>>
  status: Readonly<ShallowRef<Status>>
  online: Readonly<ShallowRef<boolean>>
  /** Which parts of the server do not work, by name. */
  ill: Readonly<ShallowRef<readonly string[]>>
}

/** Under which the entry provides its page to the screens. */
export const PAGE: InjectionKey<Page> = Symbol('page')

export function makePage(face: Face | null): Page {
  const session = new Session(localStorage, face === 'phone')
  const ill = shallowRef<readonly string[]>([])
  const line = new Line({
    url: `${location.origin.replace(/^http/, 'ws')}/live`,
    build: __BUILD__,
    hidden: () => document.visibilityState === 'hidden',
    health: parts => (ill.value = parts),
  })
  const who = shallowRef(session.state)
  const status = shallowRef(line.status)
  const online = shallowRef(navigator.onLine)
  session.watch(state => {
    who.value = state
    if (state.kind === 'known' && !state.kept && line.status.state === 'stopped' && line.status.why === 'signin') line.restart()
  })
  line.watch(now => {
    status.value = now
    if (now.state === 'stopped' && now.why === 'signin') session.end()
  })
  for (const kind of ['online', 'offline'] as const) addEventListener(kind, () => (online.value = navigator.onLine))
  wakeWith(window, () => {
    line.wake()
    if (session.state.kind === 'failed' || (session.state.kind === 'known' && session.state.kept)) void session.ask()
  })
  slowWay(line, readEntries)
  return { face, session, line, who, status, online, ill }
}

async function readEntries(topic: string, since: number) {
  try {
    return pageOf(await take(http.GET('/api/entries', { params: { query: { topic, since, limit: 200 } } })))
  } catch (error) {
    if (error instanceof Problem && error.status === 410) return null
    throw error
  }
}

export function usePage(): Page {
  const page = inject(PAGE)
  if (!page) throw new Error('usePage outside of a page')
  return page
}

/** Signs in by the mail's link, if the address carries one, else asks who is here. */
export async function arrive(page: Page, token: string | null): Promise<'linked' | 'link refused' | 'asked'> {
  if (!token) return page.session.ask().then(() => 'asked')
  try {
    page.session.enter((await api.exchangeToken(token)).me)
    return 'linked'
  } catch (error) {
    await page.session.ask()
    return error instanceof Problem ? 'link refused' : 'asked'
  }
}

/** The time of day for screens with clocks, in milliseconds, moved every `every` milliseconds while someone looks. */
export function useNow(every = 20_000): Readonly<ShallowRef<number>> {
  const now = shallowRef(Date.now())
  const tick = () => document.visibilityState === 'visible' && (now.value = Date.now())
  const timer = setInterval(tick, every)
  document.addEventListener('visibilitychange', tick)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}
