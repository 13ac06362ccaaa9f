/** Rows for tests, as the server sends them; each test changes what it is about. */
import type { Entry } from '@shared/live/frames'
import type { Assignment, AttentionView, Bar, BoardView, EventSheet, EventsView, OffersView } from '@shared/wire'

export const live = { epoch: 'e1', topics: { 'region:350502': 7 } }

export function bar(id: string, filled: number, offered = 0, more: Partial<Bar> = {}): Bar {
  const counts = { min: 2, desired: 3, max: 4, filled, offered }
  return {
    id, event_id: `event of ${id}`, title: '南音晚会', title_en: 'Nanyin night', mode: 'performance', state: 'published', priority: 3,
    starts_at: '2026-11-28T11:00:00Z', ends_at: '2026-11-28T13:00:00Z', ...counts, version: 1, region_id: '350502001', venue_id: 'v1',
    phase: 'open', turns_to: null, turns_at: null,
    needs: [{ id: `need of ${id}`, role: '演奏', leader: false, ...counts, version: 1 }],
    ...more,
  }
}

export function board(...bars: Bar[]): BoardView {
  const totals = { events: bars.length, shifts: bars.length, seats: 0, mandatory: 0, filled: 0, offered: 0, holes: 0 }
  for (const one of bars) {
    totals.seats += one.desired
    totals.mandatory += one.min
    totals.filled += one.filled
    totals.offered += one.offered
    totals.holes += Math.max(0, one.min - one.filled)
  }
  return {
    region: { code: '350502', name: '鲤城区' }, from: '2026-11-22T16:00:00Z', until: '2026-11-29T16:00:00Z', zone: 'Asia/Shanghai',
    totals, rows: [{ venue: { id: 'v1', name: '府文庙' }, region: { code: '350502001', name: '海滨街道' }, shifts: bars }], next: null, live,
  }
}

export function attention(...bars: Bar[]): AttentionView {
  const items = bars.map(one => ({
    kind: 'hole', shift: one, need_id: `need of ${one.id}`, role: '演奏', missing: one.min - one.filled, offered: 0, reasons: [], pool: 9, left_at: null,
    at: one.starts_at, risk: 1, weight: 10,
  }))
  return { items, more: 0, live }
}

export function offer(id: string, more: Partial<Assignment> = {}): Assignment {
  return {
    id, status: 'offered', version: 1, need_id: 'n1', role: '演奏', leader: false, km: 2.4, with_count: 1, replaces: null, why: [], why_text: '您会琵琶。',
    event: { id: 'e1', title: '南音晚会', title_en: 'Nanyin night', mode: 'performance', description: '', risk_notice: '', state: 'published' },
    shift: {
      id: 's1', starts_at: '2026-11-28T11:00:00Z', ends_at: '2026-11-28T13:00:00Z', call_at: '2026-11-28T10:30:00Z',
      out_at: '2026-11-28T13:00:00Z', zone: 'Asia/Shanghai',
    },
    venue: { id: 'v1', name: '府文庙', region: { code: '350502001', name: '海滨街道' }, lat: null, lon: null, approximate: true },
    source: 'plan', offered_at: '2026-11-23T01:00:00Z', expires_at: '2026-11-25T01:00:00Z', answered_at: null, late: false,
    checked_in_at: null, checked_out_at: null, free_until: '2026-11-27T10:30:00Z', sign_in: null,
    team_offer: null,
    can: { accept: true, decline: true, cancel: false, again: false, check_out: false, swap: false, undo: false },
    ...more,
  }
}

export const offers = (...items: Assignment[]): OffersView => ({ items, live })

export function events(...ids: string[]): EventsView {
  const items = ids.map(id => ({
    id, title: id, title_en: '', mode: 'support', state: 'draft', priority: 3, region: { code: '350502', name: '鲤城区' },
    starts_at: '2026-11-28T11:00:00Z', ends_at: '2026-11-28T13:00:00Z', venue_names: [], min: 1, desired: 1, max: 1, filled: 0,
    offered: 0, version: 1,
  }))
  return { items, next: null, total: items.length, live }
}

export function sheet(): EventSheet {
  const line = {
    id: 'a1', status: 'offered', version: 1, volunteer: { id: 'p1', name: '陈**' }, offered_at: '2026-11-23T01:00:00Z', expires_at: null,
    answered_at: null, source: 'plan', late: false, why_text: '', checked_in_at: null, checked_out_at: null, came_by: '', near: null,
    excused: false, extra: false, own: false, undo: false, unreached: false,
  }
  const need = {
    id: 'n1', role: '演奏', min: 1, desired: 2, max: 2, taken: 0, offered: 1, asks: [], languages: [], age_min: 0, age_max: 150,
    near_minors: false, mentor_role: '', per_mentor: 1, leader: false, team: null, mode: 'reserve', version: 1, assignments: [line],
  }
  const shift = {
    id: 's1', starts_at: '2026-11-28T11:00:00Z', ends_at: '2026-11-28T13:00:00Z', call_at: '2026-11-28T10:30:00Z',
    out_at: '2026-11-28T13:00:00Z', venue: offer('x').venue, needs: [need],
  }
  const row = events('e1').items[0]
  if (!row) throw new Error('no row')
  return {
    ...row, description: '', risk_notice: '', unit: null, series: null, source: 'desk', phase: 'open', turns_to: null, turns_at: null, quorum: 0, leader: false,
    locks_at: null, can: { write: true, offer: true, call: true, correct: true }, shifts: [shift], live,
  }
}

export const entry = (kind: string, data: Record<string, unknown>, seq = 8): Entry => ({ topic: 'region:350502', seq, kind, id: 'x', data })
