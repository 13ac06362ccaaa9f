/** Walking over the time line by keys: along a row by time, between rows to what lies nearest, and from hole to hole. Pure. */
import { uncovered } from '@shared/state/board'
import type { Placed, TimeRow } from './timeline'

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

export interface Spot {
  row: number
  placed: Placed
}

export function find(rows: readonly TimeRow[], id: string | null): Spot | null {
  if (id === null) return null
  for (const [row, one] of rows.entries()) {
    const placed = one.bars.find(found => found.bar.id === id)
    if (placed) return { row, placed }
  }
  return null
}

/** The bar one step away, or where one is when there is none. */
export function step(rows: readonly TimeRow[], from: Spot, way: Step): Spot {
  if (way === 'up' || way === 'down') return across(rows, from, way === 'up' ? -1 : 1)
  const bars = inTime(rows[from.row])
  const at = bars.findIndex(one => one.bar.id === from.placed.bar.id)
  const to = { left: at - 1, right: at + 1, first: 0, last: bars.length - 1 }[way]
  return { row: from.row, placed: bars[to] ?? from.placed }
}

/** The next or previous bar with a hole in the order of the screen, going round at the ends. */
export function nextHole(rows: readonly TimeRow[], from: string | null, by: 1 | -1): Spot | null {
  const spots = rows.flatMap((row, at) => inTime(row).map(placed => ({ row: at, placed })))
  const here = spots.findIndex(spot => spot.placed.bar.id === from)
  for (let off = 1; off <= spots.length; off++) {
    const start = here < 0 ? (by > 0 ? -1 : 0) : here
    const spot = spots[(start + by * off + 2 * spots.length) % spots.length]
    if (spot && uncovered(spot.placed.bar) > 0) return spot
  }
  return null
}

function across(rows: readonly TimeRow[], from: Spot, by: 1 | -1): Spot {
  for (let row = from.row + by; row >= 0 && row < rows.length; row += by) {
    const near = [...(rows[row]?.bars ?? [])].sort((a, b) => off(a, from.placed) - off(b, from.placed))[0]
    if (near) return { row, placed: near }
  }
  return from
}

function off(one: Placed, other: Placed): number {
  return Math.abs(one.left - other.left)
}

function inTime(row: TimeRow | undefined): Placed[] {
  return [...(row?.bars ?? [])].sort((a, b) => a.bar.starts_at.localeCompare(b.bar.starts_at) || a.left - b.left)
}
