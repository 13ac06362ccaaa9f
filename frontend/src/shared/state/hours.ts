/** Service records as screens need them: in groups, with the hours that may be chosen. Pure. */
import type { ServiceRecord } from '../wire'

export interface Group<Row> {
  key: string
  title: string
  title_en: string
  place: string
  starts: string
  rows: Row[]
}

/** Rows of one event and day together, in the order in which they came. */
export function groups<Row extends ServiceRecord>(rows: readonly Row[]): Group<Row>[] {
  const found = new Map<string, Group<Row>>()
  for (const row of rows) {
    const key = [row.title, row.place, row.plan_from].join('|')
    const group = found.get(key) ?? { key, title: row.title, title_en: row.title_en, place: row.place, starts: row.plan_from, rows: [] }
    group.rows.push(row)
    found.set(key, group)
  }
  return [...found.values()]
}

/** The hours that a record may be given, in minutes: none up to the most, in its units. */
export function choices(row: ServiceRecord): number[] {
  return Array.from({ length: Math.floor(row.most / row.unit) + 1 }, (_, step) => step * row.unit)
}

/** Whether so many minutes need a reason: fewer than were counted, or few of the plan. */
export function needsReason(row: ServiceRecord, minutes: number): boolean {
  return minutes < row.counted || minutes < row.enough
}

/** Minutes beyond the plan that were served and nobody has approved yet, in whole units. */
export function beyond(row: ServiceRecord): number {
  if (row.source === 'makeup' || row.overtime > 0) return 0
  const over = (Date.parse(row.left_at) - Date.parse(row.plan_until)) / 60_000
  return Math.max(0, Math.floor(over / row.unit) * row.unit)
}

/** Hours as people write them: `2`, `2.5`. */
export function inHours(minutes: number): string {
  return String(minutes / 60)
}

/** The last day of a time that ends at midnight. */
export function lastDay(until: string): string {
  return new Date(Date.parse(until) - 60_000).toISOString()
}
