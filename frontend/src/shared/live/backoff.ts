/** When to come back: full jitter, so that a city of phones does not return in one wave. Milliseconds throughout. */

const FIRST = 1_000
const MOST = 30_000
/** A line that stood this long was a good one: the next failure starts from the first delay again. */
export const STABLE = 60_000
const CROWDED = 60_000

/**
 * A delay between 0 and min(30 s, 1 s · 2ⁿ) for the n-th failure in a row, counted from 0. Whoever is told to stay away
 * at least so long comes back within as long again: all were told at the same moment.
 */
export function delay(failures: number, random: () => number, least = 0): number {
  return least + random() * Math.max(least, Math.min(MOST, FIRST * 2 ** Math.min(failures, 10)))
}

export type StopReason = 'signin' | 'forbidden' | 'protocol' | 'upgrade'

/** Codes from 4500 on say that coming back is useless until something changes; all others mean: come back. */
export function stopReason(code: number): StopReason | null {
  if (code < 4500 || code > 4999) return null
  if (code === 4501) return 'signin'
  if (code === 4503) return 'forbidden'
  return code === 4526 ? 'upgrade' : 'protocol'
}

/** The least wait that a close code asks for: 4429, too many, wants a minute. */
export function leastWait(code: number): number {
  return code === 4429 ? CROWDED : 0
}
