/** Venues by a part of their name; what was typed later wins, however the answers come. */
import { ref, shallowRef } from 'vue'
import { api } from '@shared/api/calls'
import type { Venue } from '@shared/wire'

export type Place = Pick<Venue, 'id' | 'name' | 'region'>

/** `first`: what is shown while nothing was typed; without it, what the server names first. */
export function usePlaces(failed: (cause: unknown) => void, first?: readonly Place[]) {
  const places = shallowRef<readonly Place[]>(first ?? [])
  const searching = ref(false)
  let turn = 0

  async function search(words: string): Promise<void> {
    const mine = ++turn
    searching.value = true
    try {
      const found = words || !first ? (await api.venues(words)).items : first
      if (mine === turn) places.value = found
    } catch (cause) {
      if (mine === turn) failed(cause)
    } finally {
      if (mine === turn) searching.value = false
    }
  }

  if (!first) void search('')
  return { places, searching, search }
}
