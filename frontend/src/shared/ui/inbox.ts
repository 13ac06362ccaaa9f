/** The person's inbox, read once for all screens of a page and followed. */
import { inject, type InjectionKey } from 'vue'
import { api } from '../api/calls'
import { reduceInbox } from '../state/inbox'
import type { InboxView } from '../wire'
import { useFollowed, type UsedView } from './follow'

export const INBOX: InjectionKey<UsedView<InboxView>> = Symbol('inbox')

export function makeInbox(): UsedView<InboxView> {
  return useFollowed<InboxView>({ load: () => api.notices(), reduce: reduceInbox })
}

export function useInbox(): UsedView<InboxView> {
  const inbox = inject(INBOX)
  if (!inbox) throw new Error('useInbox outside of a page with an inbox')
  return inbox
}
