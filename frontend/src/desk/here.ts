/** Who sits at this desk, for its screens. */
import { inject, type ComputedRef, type InjectionKey } from 'vue'
import type { Me } from '@shared/wire'

export const ME: InjectionKey<ComputedRef<Me>> = Symbol('me')

export function useMe(): ComputedRef<Me> {
  const me = inject(ME)
  if (!me) throw new Error('useMe outside of the desk')
  return me
}
