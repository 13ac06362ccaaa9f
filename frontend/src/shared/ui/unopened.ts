/** Whether the place that somebody wanted to go to could not be loaded; until they go anywhere. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { Router } from 'vue-router'

export function useUnopened(router: Router): Readonly<ShallowRef<boolean>> {
  const unopened = shallowRef(false)
  const ends = [router.onError(() => (unopened.value = true)), router.afterEach(() => (unopened.value = false))]
  onScopeDispose(() => ends.forEach(end => end()))
  return unopened
}
