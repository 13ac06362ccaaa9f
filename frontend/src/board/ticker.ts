/** The last things that happened on the board, for the thin line below it. */
import { shallowRef, type ShallowRef } from 'vue'
import type { Entry } from '@shared/live/frames'
import { factsOf } from '@shared/state/facts'
import type { Bar } from '@shared/wire'

export interface Said {
  at: number
  verb: string
  bar: Bar
}

const KEPT = 30

export function useTicker(): { said: Readonly<ShallowRef<readonly Said[]>>; hear(entry: Entry): void } {
  const said = shallowRef<readonly Said[]>([])
  return {
    said,
    hear: entry => {
      const { bar } = factsOf(entry)
      const [noun, verb = ''] = entry.kind.split('.')
      if (noun === 'assignment' && bar) said.value = [{ at: Date.now(), verb, bar }, ...said.value].slice(0, KEPT)
    },
  }
}
