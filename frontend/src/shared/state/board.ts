/** The board under the journal: entries bring whole bars, totals move with them. Pure. */
import type { Entry } from '../live/frames'
import type { AttentionView, Bar, BoardRow, BoardView } from '../wire'
import { factsOf, turning, type Facts, type Reduced } from './facts'

/** Seats that must be filled and are not, over the needs of one bar. */
export function missing(bar: Bar): number {
  return bar.needs.reduce((sum, need) => sum + Math.max(0, need.min - need.filled), 0)
}

/** Of the missing seats those for which nobody was even asked: offers in flight may yet fill the others. */
export function uncovered(bar: Bar): number {
  return bar.needs.reduce((sum, need) => sum + Math.max(0, need.min - need.filled - need.offered), 0)
}

export function reduceBoard(view: BoardView, entry: Entry): Reduced<BoardView> {
  const { bar, event } = factsOf(entry)
  if (bar) return { view: withBar(view, bar), reload: entry.kind === 'shift.moved' }
  if (event) return withState(view, event)
  return { view }
}

/** A shift that is not on this board lies in other days or was published later; the latter has its own entry. */
function withBar(view: BoardView, bar: Bar): BoardView {
  const row = view.rows.find(one => one.shifts.some(known => known.id === bar.id))
  const old = row?.shifts.find(known => known.id === bar.id)
  if (!row || !old) return view
  const totals = {
    ...view.totals,
    seats: view.totals.seats + bar.desired - old.desired,
    mandatory: view.totals.mandatory + bar.min - old.min,
    filled: view.totals.filled + bar.filled - old.filled,
    offered: view.totals.offered + bar.offered - old.offered,
    holes: view.totals.holes + missing(bar) - missing(old),
  }
  const shifts = row.shifts.map(known => (known === old ? bar : known))
  return { ...view, totals, rows: view.rows.map(one => (one === row ? { ...row, shifts } : one)) }
}

/** Events come and go with words that entries lack: the board is read again, the state is shown at once. */
function withState(view: BoardView, event: NonNullable<Facts['event']>): Reduced<BoardView> {
  const has = (row: BoardRow) => row.shifts.some(bar => bar.event_id === event.id)
  if (!view.rows.some(has)) return { view, reload: event.state === 'published' }
  const { state, version } = event
  const moved = (bar: Bar) => (bar.event_id === event.id ? { ...bar, state, version, ...turning(event, bar) } : bar)
  const rows = view.rows.map(row => (has(row) ? { ...row, shifts: row.shifts.map(moved) } : row))
  return { view: { ...view, rows }, reload: event.state === 'cancelled' || event.state === 'postponed' }
}

/** After these nobody is needed who was not needed before. */
const BETTER = new Set(['assignment.accepted', 'assignment.checked_in', 'assignment.completed', 'assignment.filled'])

/** Shrinks at once what was solved; what is new has reasons that only a read brings. */
export function reduceAttention(view: AttentionView, entry: Entry): Reduced<AttentionView> {
  const { bar } = factsOf(entry)
  if (entry.kind.startsWith('event.')) return { view, reload: true }
  if (!bar) return { view }
  const items = view.items.flatMap(item => {
    if (item.shift.id !== bar.id) return [item]
    const need = bar.needs.find(one => one.id === item.need_id)
    const left = need ? Math.max(0, need.min - need.filled) : 0
    return left ? [{ ...item, shift: bar, missing: left, offered: need?.offered ?? 0 }] : []
  })
  return { view: { ...view, items }, reload: !BETTER.has(entry.kind) }
}

/** Pages of one board, read one after the other, as one view: it follows from where the first was read. */
export function joined(pages: readonly [BoardView, ...BoardView[]]): BoardView {
  const rows: BoardRow[] = []
  for (const row of pages.flatMap(page => page.rows)) {
    const last = rows.at(-1)
    if (last && last.venue.id === row.venue.id) rows[rows.length - 1] = { ...last, shifts: [...last.shifts, ...row.shifts] }
    else rows.push(row)
  }
  return { ...pages[0], rows, next: null }
}
