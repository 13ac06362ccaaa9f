/** The desk's list and one event's sheet under the journal. Pure. */
import type { Entry } from '../live/frames'
import type { EventsView, EventSheet } from '../wire'
import { factsOf, turning, type Reduced } from './facts'

/** A row sums over shifts that the list does not hold: counts are read again, states are taken at once. */
export function reduceEvents(view: EventsView, entry: Entry): Reduced<EventsView> {
  const { event, bar } = factsOf(entry)
  if (bar) return { view, reload: view.items.some(row => row.id === bar.event_id) }
  if (!event) return { view }
  if (!view.items.some(row => row.id === event.id)) return { view, reload: true }
  const items = view.items.map(row =>
    row.id === event.id && row.version < event.version ? { ...row, state: event.state, version: event.version } : row,
  )
  return { view: { ...view, items } }
}

/** Counters and statuses are taken at once; a new person on the sheet has a name that entries do not carry. */
export function reduceSheet(view: EventSheet, entry: Entry): Reduced<EventSheet> {
  const { assignment, need, event, bar } = factsOf(entry)
  if (bar?.event_id === view.id && /^(need|shift)\./.test(entry.kind)) return { view, reload: true }
  if (event?.id === view.id) {
    return { view: event.version > view.version ? { ...view, state: event.state, version: event.version, ...turning(event, view) } : view }
  }
  if (!assignment || assignment.event_id !== view.id) return { view }
  let known = false
  const shifts = view.shifts.map(shift => {
    if (shift.id !== assignment.shift_id) return shift
    const needs = shift.needs.map(one => {
      if (one.id !== assignment.need_id) return one
      const assignments = one.assignments.map(line => {
        if (line.id !== assignment.id) return line
        known = true
        const { status, version, checked_in_at, checked_out_at } = assignment
        return line.version < version ? { ...line, status, version, checked_in_at, checked_out_at } : line
      })
      return need ? { ...one, taken: need.filled, offered: need.offered, version: need.version, assignments } : { ...one, assignments }
    })
    return { ...shift, needs }
  })
  return { view: { ...view, shifts }, reload: !known }
}
