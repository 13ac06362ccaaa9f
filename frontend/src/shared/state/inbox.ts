/** The inbox as entries change it: what was said to the person brings no words along, so the first page is read again. */
import type { Entry } from '../live/frames'
import type { InboxView, Notice } from '../wire'
import type { Reduced } from './facts'

const SAYS = /^(notice|assignment|offers|event|standby|swap|draft|record)\./

export function reduceInbox(view: InboxView, entry: Entry): Reduced<InboxView> {
  return SAYS.test(entry.kind) ? { view, reload: true } : { view }
}

/** The server's answer to a tap: these are read, so many are left. */
export function markRead(view: InboxView, read: (notice: Notice) => boolean, unread: number): InboxView {
  return { ...view, unread, items: view.items.map(item => (read(item) ? { ...item, read: true, pressing: false } : item)) }
}

/** Beyond a hundred nobody counts. */
export function counted(unread: number): string {
  return unread >= 100 ? '99+' : String(unread)
}
