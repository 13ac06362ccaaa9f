/** How score and bound came together, as two lines of steps in a box of 100 × 100 (y downwards). Pure. */
import type { DraftView } from '@shared/state/drafts'

export type CurvePoint = DraftView['curve'][number]
export interface Drawn {
  score: string
  bound: string
  /** Between the two, from where both are known. */
  between: string
  seconds: number
}

/** None before two moments are known. */
export function drawn(points: readonly CurvePoint[], now?: number): Drawn | null {
  const last = points.at(-1)
  const known = points.flatMap(point => [point.score, point.bound]).filter(value => value !== null)
  const first = points[0]
  if (!first || !last || known.length < 2) return null
  const end = Math.max(last.seconds, now ?? 0)
  const low = Math.min(...known)
  /** First bounds are far off; what matters is how the two meet, so the rest lies along the upper edge. */
  const bound = points.findLast(point => point.bound !== null)?.bound ?? low
  const high = Math.min(Math.max(...known), bound + 2 * Math.max(1, bound - low))
  const room = (high - low || 1) * 0.06
  const x = (seconds: number) => round(((seconds - first.seconds) / (end - first.seconds || 1)) * 100)
  const y = (value: number) => round(((high + room - Math.min(value, high)) / (high - low + 2 * room)) * 100)
  const steps = (of: 'score' | 'bound') => {
    const path: [number, number][] = []
    for (const point of points) {
      const value = point[of]
      if (value === null) continue
      const before = path.at(-1)
      if (before) path.push([x(point.seconds), before[1]])
      path.push([x(point.seconds), y(value)])
    }
    const at = path.at(-1)
    if (at) path.push([100, at[1]])
    return path
  }
  const [score, upper] = [steps('score'), steps('bound')]
  const both = Math.max(score[0]?.[0] ?? 0, upper[0]?.[0] ?? 0)
  return {
    score: line(score),
    bound: line(upper),
    between: score.length && upper.length ? `${line([...from(upper, both), ...from(score, both).reverse()])}Z` : '',
    seconds: end,
  }
}

function from(path: readonly [number, number][], since: number): [number, number][] {
  const before = path.filter(point => point[0] <= since).at(-1)
  const rest = path.filter(point => point[0] > since)
  return before ? [[since, before[1]], ...rest] : rest
}

const line = (path: readonly [number, number][]) => path.map(([x, y], at) => `${at ? 'L' : 'M'}${x} ${y}`).join('')
const round = (value: number) => Math.round(value * 100) / 100

/** (bound − score) / bound of the last point that knows both. */
export function gapOf(points: readonly CurvePoint[]): number | null {
  const last = points.findLast(point => point.score !== null && point.bound !== null)
  if (!last?.bound || last.score === null) return null
  return Math.max(0, (last.bound - last.score) / Math.abs(last.bound))
}
