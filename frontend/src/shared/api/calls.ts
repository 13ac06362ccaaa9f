/** Every call the faces make, one line each. Reads may be aborted; writes by hand carry a fresh key. */
import type { Locale } from '../words/locale'
import type { Assumptions, Face, HoursStage, RepairStepBody, paths } from '../wire'
import { http, once, take } from './http'

type Body<Path extends '/api/events' | '/api/needs/check' | '/api/needs/{id}/resize' | '/api/shifts/{id}/move'> = paths[Path]['post']['requestBody']['content']['application/json']
type Query<Path extends '/api/regions' | '/api/events' | '/api/openings'> = NonNullable<paths[Path]['get']['parameters']['query']>

type LinkReason = paths['/api/links/answer']['post']['requestBody']['content']['application/json']['reason']

const by = (id: string) => ({ params: { path: { id } } })
const write = (id: string) => ({ params: { path: { id }, header: once() } })

export const api = {
  me: () => take(http.GET('/api/me')),
  chooseLanguage: (locale: Locale) =>
    take(http.PATCH('/api/me', { params: { header: once() }, body: { language: locale === 'en' ? 'en' : 'zh' } })),
  sendCode: (email: string, face?: Face) => take(http.POST('/api/signin/code', { body: face ? { email, face } : { email } })),
  exchangeCode: (email: string, code: string) => take(http.POST('/api/signin/exchange', { body: { email, code } })),
  exchangeToken: (token: string) => take(http.POST('/api/signin/exchange', { body: { token } })),
  signOut: () => take(http.POST('/api/signout', { params: { header: once() } })),

  regions: (query: Query<'/api/regions'>) => take(http.GET('/api/regions', { params: { query } })),

  notices: (cursor?: string) => take(http.GET('/api/notices', { params: { query: { limit: 30, ...(cursor ? { cursor } : {}) } } })),
  readNotice: (id: string) => take(http.POST('/api/notices/{id}/read', write(id))),
  readNotices: (until: string) => take(http.POST('/api/notices/read', { params: { header: once() }, body: { until } })),
  contact: () => take(http.GET('/api/me/contact')),
  chooseContact: (body: paths['/api/me/contact']['put']['requestBody']['content']['application/json']) =>
    take(http.PUT('/api/me/contact', { params: { header: once() }, body })),

  renewCalendar: () => take(http.POST('/api/me/calendar')),
  endCalendar: () => take(http.DELETE('/api/me/calendar', { params: { header: once() } })),
  pushKey: () => take(http.GET('/api/me/push')),
  allowPush: (body: { endpoint: string; p256dh: string; auth: string }) => take(http.POST('/api/me/push', { params: { header: once() }, body })),
  endPush: (endpoint: string) => take(http.POST('/api/me/push/end', { params: { header: once() }, body: { endpoint } })),
  watches: () => take(http.GET('/api/watches')),
  addWatch: (body: { region: string; hours: number; missing: number }) => take(http.POST('/api/watches', { params: { header: once() }, body })),
  endWatch: (id: string) => take(http.DELETE('/api/watches/{id}', write(id))),
  openLink: (token: string) => take(http.POST('/api/links/open', { body: { token } })),
  answerLink: (token: string, assignment: string, answer: 'accept' | 'decline', reason?: string) =>
    take(http.POST('/api/links/answer', { body: { token, assignment, answer, reason: (reason ?? null) as LinkReason } })),

  offers: () => take(http.GET('/api/offers')),
  /** Whole days, both included. */
  assignments: (from: string, until: string) => take(http.GET('/api/assignments', { params: { query: { from, until } } })),

  swaps: () => take(http.GET('/api/swaps')),
  swappable: (line: string) => take(http.GET('/api/assignments/{id}/swaps', by(line))),
  proposeSwap: (line: string, lines: string[]) => take(http.POST('/api/assignments/{id}/swap', { ...write(line), body: { lines } })),
  handOver: (line: string, volunteer: string) => take(http.POST('/api/assignments/{id}/hand-over', { ...write(line), body: { volunteer } })),
  agreeSwap: (id: string) => take(http.POST('/api/swaps/{id}/agree', write(id))),
  refuseSwap: (id: string, reason = '') => take(http.POST('/api/swaps/{id}/refuse', { ...write(id), body: { reason } })),
  withdrawSwap: (id: string) => take(http.POST('/api/swaps/{id}/withdraw', write(id))),

  openings: (query: Query<'/api/openings'>) => take(http.GET('/api/openings', { params: { query } })),

  venueCode: (shift: string) => take(http.GET('/api/shifts/{id}/code', by(shift))),
  checkIn: (line: string) => take(http.POST('/api/assignments/{id}/check-in', { ...write(line), body: {} })),
  undoCheckIn: (line: string) => take(http.POST('/api/assignments/{id}/undo-check-in', write(line))),
  checkOut: (line: string) => take(http.POST('/api/assignments/{id}/check-out', { ...write(line), body: {} })),
  miss: (line: string, excused: boolean) => take(http.POST('/api/assignments/{id}/no-show', { ...write(line), body: { excused } })),
  complete: (line: string) => take(http.POST('/api/assignments/{id}/complete', { ...write(line), body: {} })),
  completeShift: (shift: string) => take(http.POST('/api/shifts/{id}/complete', write(shift))),
  correct: (line: string, body: { reason: string; came: string; left: string }) =>
    take(http.POST('/api/assignments/{id}/correct', { ...write(line), body })),

  myHours: (year: number, cursor?: string) =>
    take(http.GET('/api/records/mine', { params: { query: { year, limit: 100, ...(cursor ? { cursor } : {}) } } })),
  records: (stage: HoursStage, cursor?: string) =>
    take(http.GET('/api/records', { params: { query: { stage, limit: 100, ...(cursor ? { cursor } : {}) } } })),
  postedHours: (query: { region: string; q?: string; cursor?: string }) => take(http.GET('/api/records/public', { params: { query } })),
  confirmHours: (lines: { id: string; minutes: number; reason: string }[]) =>
    take(http.POST('/api/records/confirm', { params: { header: once() }, body: { lines } })),
  signHours: (ids: string[]) => take(http.POST('/api/records/sign', { params: { header: once() }, body: { ids } })),
  approveOvertime: (id: string, minutes: number) => take(http.POST('/api/records/{id}/overtime', { ...write(id), body: { minutes } })),
  disputeHours: (id: string, reason: string) => take(http.POST('/api/records/{id}/dispute', { ...write(id), body: { reason } })),
  correctHours: (id: string, minutes: number, reason: string) => take(http.POST('/api/records/{id}/correct', { ...write(id), body: { minutes, reason } })),
  objectToHours: (id: string, reason: string) => take(http.POST('/api/records/{id}/objections', { ...write(id), body: { reason } })),
  settleObjection: (id: string, upheld: boolean, answer: string) =>
    take(http.POST('/api/objections/{id}/settle', { ...write(id), body: { upheld, answer } })),

  makeUp: (line: string, body: { came: string; left: string; reason: string; evidence: string }) =>
    take(http.POST('/api/assignments/{id}/make-up', { ...write(line), body })),

  board: (query: { region: string; from: string; days: number; after?: string }, signal?: AbortSignal) =>
    take(http.GET('/api/board', { params: { query }, signal })),
  attention: (query: { region: string; from: string; days: number }, signal?: AbortSignal) =>
    take(http.GET('/api/board/attention', { params: { query }, signal })),

  risks: (query: { region: string; from: string; days: number }, signal?: AbortSignal) =>
    take(http.GET('/api/board/risks', { params: { query }, signal })),
  callNeed: (need: string) => take(http.POST('/api/needs/{id}/call', write(need))),
  restNeed: (need: string) => take(http.POST('/api/needs/{id}/rest', write(need))),
  limits: (query: { region?: string; event?: string }) => take(http.GET('/api/limits', { params: { query } })),
  setLimits: (body: LimitsBody) => take(http.POST('/api/limits', { params: { header: once() }, body })),

  runPlan: (body: { region: string; from: string; days: number; seconds?: number; seed?: number; assumptions?: Assumptions | null }) =>
    take(http.POST('/api/drafts', { params: { header: once() }, body })),
  drafts: (region: string, cursor?: string) =>
    take(http.GET('/api/drafts', { params: { query: { region, limit: 8, ...(cursor ? { cursor } : {}) } } })),
  assumable: (region: string) => take(http.GET('/api/drafts/assumable', { params: { query: { region } } })),
  skills: () => take(http.GET('/api/skills')),
  compare: (left: string, right: string, signal?: AbortSignal) =>
    take(http.GET('/api/drafts/compare', { params: { query: { left, right } }, signal })),
  draft: (id: string) => take(http.GET('/api/drafts/{id}', by(id))),
  changes: (id: string, cursor?: string) =>
    take(http.GET('/api/drafts/{id}/changes', { params: { path: { id }, query: { limit: 200, ...(cursor ? { cursor } : {}) } } })),
  holes: (id: string, cursor?: string) =>
    take(http.GET('/api/drafts/{id}/holes', { params: { path: { id }, query: { limit: 100, ...(cursor ? { cursor } : {}) } } })),
  cancelDraft: (id: string) => take(http.POST('/api/drafts/{id}/cancel', write(id))),
  discardDraft: (id: string) => take(http.POST('/api/drafts/{id}/discard', write(id))),
  publishDraft: (id: string) => take(http.POST('/api/drafts/{id}/publish', write(id))),

  events: (query: EventQuery, signal?: AbortSignal) => take(http.GET('/api/events', { params: { query: query as Query<'/api/events'> }, signal })),
  venues: (q: string) => take(http.GET('/api/venues', { params: { query: q ? { q } : {} } })),
  teams: (q: string) => take(http.GET('/api/teams', { params: { query: q ? { q } : {} } })),
  checkNeed: (body: Body<'/api/needs/check'>) => take(http.POST('/api/needs/check', { body })),
  postEvent: (body: Body<'/api/events'>, key: string) => take(http.POST('/api/events', { params: { header: { 'Idempotency-Key': key } }, body })),
  event: (id: string) => take(http.GET('/api/events/{id}', by(id))),
  publishEvent: (id: string) => take(http.POST('/api/events/{id}/publish', write(id))),
  cancelEvent: (id: string, reason: string) => take(http.POST('/api/events/{id}/cancel', { ...write(id), body: { reason } })),
  superviseEvent: (id: string, phase: 'open' | 'supervised') => take(http.POST('/api/events/{id}/phase', { ...write(id), body: { phase } })),
  resizeNeed: (id: string, body: Body<'/api/needs/{id}/resize'>) => take(http.POST('/api/needs/{id}/resize', { ...write(id), body })),
  cancelNeed: (id: string, reason: string) => take(http.POST('/api/needs/{id}/cancel', { ...write(id), body: { reason } })),
  moveShift: (id: string, body: Body<'/api/shifts/{id}/move'>) => take(http.POST('/api/shifts/{id}/move', { ...write(id), body })),
  beat: (page: string, at: BeatBody) => take(http.PUT('/api/presence/{id}', { ...by(page), body: at })),
  /** Also while the page is being closed. */
  leave: (page: string) => take(http.DELETE('/api/presence/{id}', { ...by(page), keepalive: true })),
  candidates: (need: string) => take(http.GET('/api/needs/{id}/candidates', { params: { path: { id: need }, query: { limit: 12 } } })),
  relaxations: (need: string, draft?: string) =>
    take(http.GET('/api/needs/{id}/relaxations', { params: { path: { id: need }, query: draft ? { draft } : {} } })),
  substitutes: (need: string) => take(http.GET('/api/needs/{id}/substitutes', { params: { path: { id: need }, query: { limit: 5 } } })),
  waiting: (need: string) => take(http.GET('/api/needs/{id}/waiting', by(need))),
  reserve: (need: string, volunteer: string) => take(http.POST('/api/needs/{id}/reserve', { ...write(need), body: { volunteer } })),
  promote: (line: string) => take(http.POST('/api/assignments/{id}/promote', write(line))),
  /** An open offer, or a place in line; the reason is told to the person. */
  takeBack: (line: string, reason = '') => take(http.POST('/api/assignments/{id}/withdraw', { ...write(line), body: { reason } })),
  reserves: (query: { region: string; from: string; days: number }) => take(http.GET('/api/board/standby', { params: { query } })),
  repair: (need: string, steps: RepairStepBody[]) => take(http.POST('/api/needs/{id}/repair', { ...write(need), body: { steps } })),
  offerSeat: (need: string, volunteer: string) => take(http.POST('/api/needs/{id}/offer', { ...write(need), body: { volunteer } })),
}

type BeatBody = paths['/api/presence/{id}']['put']['requestBody']['content']['application/json']
type LimitsBody = paths['/api/limits']['post']['requestBody']['content']['application/json']

/** Filters as an address holds them; the server refuses a mode or state that it does not know. */
export type EventQuery = Omit<Query<'/api/events'>, 'mode' | 'state'> & { mode?: string; state?: string }
