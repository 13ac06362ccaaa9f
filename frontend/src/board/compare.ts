/** What two plans differ in, as rows that can be drawn. Pure. */
import type { Comparison, Draft } from '@shared/wire'

export type Side = 'left' | 'right'
type Covered = Comparison['cover']['all'][number]

/** `better`: whether more is better (1), worse (-1) or neither (0). */
export interface Figure {
  label: string
  left: number
  right: number
  better: -1 | 0 | 1
  digits?: number
  unit?: string
}

/** Plans that have figures to set side by side. */
export const comparable = (draft: Pick<Draft, 'state' | 'score'>): boolean => ['ready', 'published', 'discarded'].includes(draft.state) && draft.score !== null

export type Verdict = 'better' | 'worse' | 'same' | 'other'

/** Two figures that read the same are the same, whatever stands behind their last digit. */
export function verdict(row: Pick<Figure, 'left' | 'right' | 'better' | 'digits'>): Verdict {
  if (Math.abs(row.right - row.left) < 0.5 * 10 ** -(row.digits ?? 0)) return 'same'
  if (!row.better) return 'other'
  return row.right > row.left === row.better > 0 ? 'better' : 'worse'
}

export interface PairRow {
  key: string
  label: string
  left: { filled: number; of: number }
  right: { filled: number; of: number }
}

/** Seats of each kind or place: those filled of those asked for; the greatest differences first when there are many. */
export function coverRows(rows: readonly Covered[], label: (row: Covered) => string, most = 14): PairRow[] {
  const made = rows.map(row => ({ key: row.key, label: label(row), left: seats(row.left), right: seats(row.right) }))
  if (made.length <= most) return made
  const apart = (row: PairRow) => Math.abs(row.left.filled - row.right.filled)
  return made.sort((a, b) => apart(b) - apart(a) || b.left.of - a.left.of).slice(0, most)
}

const seats = (cover: Covered['left']) => ({ filled: cover.filled, of: cover.mandatory })

/** Towns inside one county, else counties. */
export const places = (cover: Comparison['cover']): readonly Covered[] => (cover.county.length > 1 ? cover.county : cover.town)

export interface Part {
  goal: string
  name: string
  by: number
  share: number
}

/** Where the score comes from or goes: right against left, the greatest first. `share` of the greatest, with its sign. */
export function partRows(parts: Comparison['parts']): Part[] {
  const rows = parts.map(part => ({ goal: part.goal, name: part.name, by: part.right - part.left })).filter(row => row.by !== 0)
  const most = Math.max(1, ...rows.map(row => Math.abs(row.by)))
  return rows.sort((a, b) => Math.abs(b.by) - Math.abs(a.by)).map(row => ({ ...row, share: row.by / most }))
}

export const perLine = (way: Comparison['ways']['left']): number => (way.lines ? way.metres / way.lines / 1000 : 0)
export const shareOf = (part: number, whole: number): number => (whole ? (100 * part) / whole : 0)
