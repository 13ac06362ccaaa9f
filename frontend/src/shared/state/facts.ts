/** What entries carry, read with care: an entry of a newer server may hold more, and then nothing here minds. */
import type { Entry } from '../live/frames'
import type { Bar, Draft } from '../wire'

/** How an event stands, and which state it takes by itself, and when. */
export type Turning = Pick<Bar, 'phase' | 'turns_to' | 'turns_at'>

export interface Facts {
  assignment?: {
    id: string; status: string; version: number; need_id: string; shift_id: string; event_id: string
    checked_in_at: string | null; checked_out_at: string | null
  }
  need?: Bar['needs'][number]
  /** The whole row of the shift as it stands after the entry; within a topic the last one is the truth. */
  bar?: Bar
  event?: { id: string; state: string; version: number } & Partial<Turning>
  draft?: Omit<Draft, 'counts' | 'live' | 'assumed' | 'ahead' | 'curve' | 'failure'>
}

/** What an entry of an event says of its turns; older ones say nothing. */
export function turning(event: NonNullable<Facts['event']>, known: Turning): Turning {
  const { phase = known.phase, turns_to = known.turns_to, turns_at = known.turns_at } = event
  return { phase, turns_to, turns_at }
}

export function factsOf(entry: Entry): Facts {
  return entry.data as Facts
}

/** What a reducer answers: the view after the entry, and whether something must be read again to be whole. */
export interface Reduced<View> {
  view: View
  reload?: boolean
}

export type Reduce<View> = (view: View, entry: Entry) => Reduced<View>
