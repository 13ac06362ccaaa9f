/**
 * Where each bar stands: time runs left to right through the days shown, places run top to bottom, and bars that would
 * lie on each other move to further lanes of their row. Pixels; pure.
 */
import { missing, uncovered } from '@shared/state/board'
import { plusDays, startOfDay } from '@shared/words/dates'
import type { Bar, BoardRow, BoardView } from '@shared/wire'

export const BAR_HEIGHT = 30
export const LANE = BAR_HEIGHT + 4
const PAD = 5
/** Bars keep off the lines between days. */
const EDGE = 3
const HOUR = 3_600_000
const USUAL = { from: 8, until: 22 }

/** The days shown, side by side; each shows the hours `from`–`until` of its clock over `day` pixels. */
export interface Scale {
  zone: string
  first: string
  /** When the first day begins, in milliseconds: known once, asked for every bar. Days have 24 hours here. */
  origin: number
  days: number
  from: number
  until: number
  day: number
  /** No bar is narrower: its counts must be readable. */
  least: number
}

export interface Placed {
  bar: Bar
  left: number
  width: number
  lane: number
}

export interface TimeRow {
  key: string
  title: string
  under: string
  bars: Placed[]
  height: number
  /** Seats that must be filled: nobody asked yet, and those that wait for an answer. */
  holes: number
  waiting: number
}

export type Grouping = 'venue' | 'town'

/** A scale that shows every bar: the usual hours, or more where a shift needs them. */
export function scaleOf(view: BoardView, first: string, days: number, width: number, least: number): Scale {
  const origin = startOfDay(first, view.zone).getTime()
  let { from, until } = USUAL
  for (const row of view.rows) {
    for (const bar of row.shifts) {
      const hour = hourOf(Date.parse(bar.starts_at) - origin)
      from = Math.min(from, Math.floor(hour))
      until = Math.max(until, Math.ceil(hour + length(bar)))
    }
  }
  return { zone: view.zone, first, origin, days, from, until: Math.min(24, until), day: Math.floor(width / days), least }
}

/** Pixels from the left edge for an instant; hours that are not shown stick to the edge of their day. */
export function xOf(instant: string | Date, scale: Scale): number {
  const { day, share } = spotOf(instant, scale)
  return (day + share) * scale.day
}

/** Which day of the scale, from 0, and which share of the hours that it shows. */
function spotOf(instant: string | Date, scale: Scale): { day: number; share: number } {
  const passed = new Date(instant).getTime() - scale.origin
  const day = Math.floor(passed / (24 * HOUR))
  const hour = hourOf(passed)
  return { day, share: (Math.min(Math.max(hour, scale.from), scale.until) - scale.from) / (scale.until - scale.from) }
}

/** The days of the scale as calendar keys. */
export function daysOf(scale: Pick<Scale, 'first' | 'days'>): string[] {
  return Array.from({ length: scale.days }, (_, at) => plusDays(scale.first, at))
}

/** Rows in the order given, each with its bars in lanes. */
export function rowsOf(view: BoardView, scale: Scale, grouping: Grouping): TimeRow[] {
  const groups = new Map<string, { row: BoardRow; bars: Bar[] }>()
  for (const row of view.rows) {
    const key = grouping === 'town' ? row.region.code : row.venue.id
    const group = groups.get(key)
    if (group) group.bars.push(...row.shifts)
    else groups.set(key, { row, bars: [...row.shifts] })
  }
  return [...groups].map(([key, { row, bars }]) => {
    const placed = lanes(bars.map(bar => place(bar, scale)))
    const count = placed.reduce((most, one) => Math.max(most, one.lane + 1), 1)
    return {
      key,
      title: grouping === 'town' ? row.region.name : row.venue.name,
      under: grouping === 'town' ? '' : row.region.name,
      bars: placed,
      height: Math.max(count * LANE + 2 * PAD, 48),
      holes: bars.reduce((sum, bar) => sum + uncovered(bar), 0),
      waiting: bars.reduce((sum, bar) => sum + missing(bar) - uncovered(bar), 0),
    }
  })
}

/** Rows with the most seats that nobody was asked for first, then those that wait; else as they stand. The order is a list of keys, so that it can be kept. */
export function holesFirst(rows: readonly TimeRow[]): string[] {
  return rows.map((row, at) => ({ row, at })).sort((a, b) => b.row.holes - a.row.holes || b.row.waiting - a.row.waiting || a.at - b.at).map(one => one.row.key)
}

/** Keeps an earlier order while the board moves under people's eyes; rows that it does not know come last. */
export function ordered(rows: readonly TimeRow[], keys: readonly string[]): TimeRow[] {
  const rank = new Map(keys.map((key, at) => [key, at]))
  return rows
    .map((row, at) => ({ row, rank: rank.get(row.key) ?? keys.length + at }))
    .sort((a, b) => a.rank - b.rank)
    .map(one => one.row)
}

export function topOf(placed: Placed): number {
  return PAD + placed.lane * LANE
}

function place(bar: Bar, scale: Scale): Placed {
  const { day, share } = spotOf(bar.starts_at, scale)
  const wished = Math.max(scale.least, (length(bar) / (scale.until - scale.from)) * scale.day)
  const width = Math.min(wished, scale.day - 2 * EDGE)
  const within = Math.min(Math.max(share * scale.day, EDGE), scale.day - EDGE - width)
  return { bar, left: day * scale.day + within, width, lane: 0 }
}

function lanes(bars: Placed[]): Placed[] {
  const ends: number[] = []
  return [...bars]
    .sort((a, b) => a.left - b.left || a.bar.id.localeCompare(b.bar.id))
    .map(one => {
      const free = ends.findIndex(end => end + 3 <= one.left)
      const lane = free < 0 ? ends.length : free
      ends[lane] = one.left + one.width
      return { ...one, lane }
    })
}

/** The hour of the day, 0 ≤ hour < 24, so many milliseconds after a midnight. */
function hourOf(passed: number): number {
  const day = 24 * HOUR
  return (((passed % day) + day) % day) / HOUR
}

function length(bar: Bar): number {
  return (Date.parse(bar.ends_at) - Date.parse(bar.starts_at)) / HOUR
}
