/** Whether an open event has the screen to itself: the list beside it, with the page's heading, is not shown then. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

const NARROW = '(max-width: 1099.9px)'

export function useAlone(): Readonly<ShallowRef<boolean>> {
  const query = matchMedia(NARROW)
  const alone = shallowRef(query.matches)
  const look = () => (alone.value = query.matches)
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return alone
}
