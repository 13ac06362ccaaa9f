/** What the list shows, as the address says it, so that it can be kept and sent: read with care, written short. Pure. */
import type { EventQuery } from '@shared/api/calls'
import { plusDays } from '@shared/words/dates'
import { EVENT_STATES, MODES } from '@shared/wire'

export interface Filters {
  /** Empty: all that the person may read. */
  region: string
  mode: string
  state: string
  /** The first calendar day; empty: today. */
  from: string
  /** How many days; 0: all that follow. */
  days: number
  words: string
}

export type Address = Record<string, string>

export const SPANS = [1, 7, 14, 30, 0] as const
const USUAL = 14
const LONGEST = 80

/** Anything unknown or malformed falls back to the usual; `home` is the region shown to this person at first. */
export function readFilters(query: Readonly<Record<string, unknown>>, home: string): Filters {
  const text = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : '')
  const one = (name: string, known: readonly string[]) => (known.includes(text(name)) ? text(name) : '')
  const days = SPANS.find(span => String(span) === text('days'))
  return {
    region: home && /^\d{4}(\d{2}(\d{3}){0,2})?$/.test(text('region')) ? text('region') : home,
    mode: one('mode', MODES),
    state: one('state', EVENT_STATES),
    from: isDay(text('from')) ? text('from') : '',
    days: days ?? USUAL,
    words: text('q').slice(0, LONGEST),
  }
}

/** Only what differs from the usual. */
export function writeFilters(filters: Filters, home: string): Address {
  const said: Address = {}
  if (filters.region !== home) said.region = filters.region
  if (filters.mode) said.mode = filters.mode
  if (filters.state) said.state = filters.state
  if (filters.from) said.from = filters.from
  if (filters.days !== USUAL) said.days = String(filters.days)
  if (filters.words) said.q = filters.words
  return said
}

/** What the server is asked; `today` is the venue's calendar day. */
export function askedBy(filters: Filters, today: string): EventQuery {
  const from = filters.from || today
  const asked: EventQuery = { from }
  if (filters.days) asked.until = plusDays(from, filters.days - 1)
  if (filters.region) asked.region = filters.region
  if (filters.mode) asked.mode = filters.mode
  if (filters.state) asked.state = filters.state
  if (filters.words.trim()) asked.q = filters.words.trim()
  return asked
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text
}
