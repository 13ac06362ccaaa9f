/** Which rows of a long list are in sight, so that only those are drawn. Pixels; pure. */

export interface Slice {
  first: number
  /** Exclusive. */
  last: number
}

/** `tops[i]` is where row i begins; one more entry than rows, the last is the whole height. */
export function topsOf(heights: readonly number[]): number[] {
  const tops = [0]
  for (const height of heights) tops.push((tops.at(-1) ?? 0) + height)
  return tops
}

/** The rows that touch `from`–`until`, and `more` pixels on each side so that scrolling shows no gap. */
export function inSight(tops: readonly number[], from: number, until: number, more = 300): Slice {
  const rows = tops.length - 1
  const first = Math.max(0, before(tops, from - more))
  let last = first
  while (last < rows && (tops[last] ?? 0) < until + more) last++
  return { first: Math.min(first, rows), last }
}

/** The last row that begins at or before `y`. */
function before(tops: readonly number[], y: number): number {
  let low = 0
  let high = tops.length - 1
  while (low < high - 1) {
    const middle = (low + high) >> 1
    if ((tops[middle] ?? 0) <= y) low = middle
    else high = middle
  }
  return low
}
