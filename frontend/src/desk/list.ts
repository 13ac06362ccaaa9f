/** The list of events over its pages, as one view that follows the journal. */
import { api, type EventQuery } from '@shared/api/calls'
import type { Entry } from '@shared/live/frames'
import { reduceEvents } from '@shared/state/events'
import { factsOf, type Reduced } from '@shared/state/facts'
import type { Bar, EventRow, EventsView, Live, Me } from '@shared/wire'
import { dayKey } from '@shared/words/dates'
import { followable } from './rights'

export const PAGE = 50
const MOST = 200
const CITY = 4
/** A day on which nothing was planned: its board is empty and names all topics of a region. */
const EMPTY_DAY = '2000-01-01'

/** `key` says which filters it was read by. */
export type ListView = EventsView & { key: string }

/** The first `wanted` rows or more, by as few requests as possible. */
export async function readList(query: EventQuery, wanted: number, me: Me, key: string, signal: AbortSignal): Promise<ListView> {
  const topics = await wideTopics(query.region, me, signal)
  const first = await api.events({ ...query, limit: Math.min(wanted, MOST) }, signal)
  let view: ListView = { ...first, key, live: followable({ ...first.live, topics: { ...first.live.topics, ...topics } }, me) }
  for (let read = MOST; view.next && read < wanted; read += MOST) {
    view = withPage(view, await api.events({ ...query, limit: MOST, cursor: view.next }, signal))
  }
  return view
}

export async function readMore(query: EventQuery, cursor: string): Promise<EventsView> {
  return api.events({ ...query, limit: PAGE, cursor })
}

/** Rows that moved between pages while they were read stand once. */
export function withPage(view: ListView, page: EventsView): ListView {
  const known = new Set(view.items.map(row => row.id))
  return { ...view, items: [...view.items, ...page.items.filter(row => !known.has(row.id))], next: page.next, total: page.total }
}

/** A city's events are told to its counties. Their positions are taken before the list is read: no change falls between. */
async function wideTopics(region: string | undefined, me: Me, signal: AbortSignal): Promise<Live['topics']> {
  if (region?.length !== CITY || !me.faces.includes('board')) return {}
  return (await api.board({ region, from: EMPTY_DAY, days: 1 }, signal)).live.topics
}

/** Counts of an event with one shift are that shift's, taken at once; all else as every list of events does it. */
export function reduceList(view: ListView, entry: Entry): Reduced<ListView> {
  const { bar } = factsOf(entry)
  const row = bar && view.items.find(one => one.id === bar.event_id)
  if (!bar || !row || !isOnlyShift(row, bar)) return reduceEvents(view, entry) as Reduced<ListView>
  const moved = { ...row, filled: bar.filled, offered: bar.offered, state: bar.state }
  return { view: { ...view, items: view.items.map(one => (one === row ? moved : one)) } }
}

/** Every shift has a need, so a second one would add to what the event wishes. */
function isOnlyShift(row: EventRow, bar: Bar): boolean {
  return row.max === bar.max && row.desired === bar.desired && row.starts_at === bar.starts_at && row.ends_at === bar.ends_at
}

export interface Totals {
  filled: number
  desired: number
  offered: number
}

export function totalsOf(rows: readonly EventRow[]): Totals {
  const sum: Totals = { filled: 0, desired: 0, offered: 0 }
  for (const row of rows) {
    sum.filled += row.filled
    sum.desired += row.desired
    sum.offered += row.offered
  }
  return sum
}

export interface DayOfRows {
  key: string
  rows: EventRow[]
}

/** Rows by the day on which they begin, in the order given. */
export function byDay(rows: readonly EventRow[]): DayOfRows[] {
  const days: DayOfRows[] = []
  for (const row of rows) {
    const key = dayKey(row.starts_at)
    const last = days.at(-1)
    if (last?.key === key) last.rows.push(row)
    else days.push({ key, rows: [row] })
  }
  return days
}
