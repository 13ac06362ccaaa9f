/** Whether the screen is a phone's: then one pane at a time is shown, and one day. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

export function useNarrow(): Readonly<ShallowRef<boolean>> {
  const query = matchMedia('(max-width: 900px)')
  const narrow = shallowRef(query.matches)
  const changed = () => (narrow.value = query.matches)
  query.addEventListener('change', changed)
  onScopeDispose(() => query.removeEventListener('change', changed))
  return narrow
}
