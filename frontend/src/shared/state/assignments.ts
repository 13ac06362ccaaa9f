/** A volunteer's own offers and days: what an entry, or the server's answer to a tap, makes of them. Pure. */
import type { Entry } from '../live/frames'
import type { Assignment, OffersView } from '../wire'
import { factsOf, type Facts, type Reduced } from './facts'

/** Lines that stand so have more than entries carry: words and a place, a deadline, a time to sign in, a step to take back. */
const MORE = new Set(['offered', 'standby', 'accepted', 'checked_in'])

/** A known assignment takes the new status at once; the view is read again for what entries do not carry. */
export function reduceAssignments(view: OffersView, entry: Entry): Reduced<OffersView> {
  const facts = factsOf(entry).assignment
  if (!facts || !entry.kind.startsWith('assignment.')) return { view }
  const known = view.items.find(item => item.id === facts.id)
  if (!known) return { view, reload: MORE.has(facts.status) }
  if (entry.kind === 'assignment.moved') return { view, reload: true }
  if (known.version >= facts.version) return { view }
  const { status, version, checked_in_at, checked_out_at } = facts
  const row = { ...known, status, version, checked_in_at, checked_out_at, can: rights(facts, known) }
  return { view: replace(view, row), reload: MORE.has(status) }
}

/** Puts the row of an answer in the place of the older one; an older answer never undoes a newer entry. */
export function replace(view: OffersView, row: Assignment): OffersView {
  const items = view.items.map(item => (item.id === row.id && item.version <= row.version ? row : item))
  return { ...view, items }
}

/** Offers come first by their deadline; an open-ended one last. */
export function byDeadline(one: Assignment, other: Assignment): number {
  return (one.expires_at ?? '9').localeCompare(other.expires_at ?? '9') || one.shift.starts_at.localeCompare(other.shift.starts_at)
}

function rights(facts: NonNullable<Facts['assignment']>, known: Assignment): Assignment['can'] {
  const { status } = facts
  return {
    accept: status === 'offered' && known.can.accept,
    decline: status === 'offered' && known.can.decline,
    cancel: status === 'accepted' || status === 'standby' || (status === 'offered' && known.can.cancel),
    again: status === 'declined',
    check_out: status === 'checked_in' && !facts.checked_out_at,
    undo: status === 'checked_in' && !facts.checked_out_at && known.can.undo,
    swap: status === 'accepted' && known.can.swap,
  }
}
