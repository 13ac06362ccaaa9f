/** A draft laid over today's roster: per shift, how many offers it would add and how many it would withdraw. */
import type { InjectionKey, ShallowRef } from 'vue'
import type { Change } from '@shared/wire'

export type Ghosts = ReadonlyMap<string, { plus: number; minus: number }>
export const GHOSTS: InjectionKey<ShallowRef<Ghosts>> = Symbol('ghosts')

export function ghostsOf(changes: readonly Change[]): Ghosts {
  const found = new Map<string, { plus: number; minus: number }>()
  for (const change of changes) {
    const known = found.get(change.shift.id) ?? { plus: 0, minus: 0 }
    found.set(change.shift.id, {
      plus: known.plus + (change.kind === 'offer' ? 1 : 0),
      minus: known.minus + (change.kind === 'offer' ? 0 : 1),
    })
  }
  return found
}
