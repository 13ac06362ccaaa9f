/** What the signed-in volunteer has on this phone: own offers, the queue of taps, and what became of each tap. */
import { inject, onScopeDispose, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import { api } from '@shared/api/calls'
import { sendDeed } from '@shared/api/deeds'
import { problemOf, type Problem } from '@shared/api/problem'
import type { Deed } from '@shared/outbox/deed'
import { Outbox, type Settled } from '@shared/outbox/outbox'
import type { Entry } from '@shared/live/frames'
import { openShelf } from '@shared/outbox/shelf'
import { reduceAssignments, replace } from '@shared/state/assignments'
import { keptView } from '@shared/state/kept'
import { reduceSwaps } from '@shared/state/swaps'
import type { Alternative, Assignment, OffersView, SwapsView } from '@shared/wire'
import { useFollowed, type UsedView } from '@shared/ui/follow'
import { usePage } from '@shared/ui/page'
import { ANSWERS, doorOf, type Verb } from './deeds'

/** The server's no to a tap: why, and what it names instead: the next open offer, or an open seat that fits. */
export interface Refusal {
  verb: Verb
  problem: Problem
  next: Alternative | null
  /** The row as it was when it was tapped: its card stays, though the offer is gone, until the no has been read. */
  row: Assignment | null
}

export interface Mine {
  owner: string
  offers: UsedView<OffersView>
  swaps: UsedView<SwapsView>
  queue: Readonly<ShallowRef<readonly Deed[]>>
  lasting: Readonly<ShallowRef<boolean>>
  refusals: Readonly<ShallowRef<ReadonlyMap<string, Refusal>>>
  /** Rows answered on this visit, as the server sent them: their cards stay, folded. */
  answered: Readonly<ShallowRef<ReadonlyMap<string, Assignment>>>
  /** What became of taps that are not answers to an offer, by what they were about. */
  done: Readonly<ShallowRef<ReadonlyMap<string, Assignment>>>
  act(row: Assignment, verb: Verb, reason?: string): Promise<void>
  /** A tap about something that may not be a row of one's own yet. */
  tap(about: string, verb: Verb, body?: Readonly<Record<string, unknown>>): Promise<void>
  takeBack(row: { id: string }): Promise<void>
  forgive(row: { id: string }): void
}

/** What a card needs to answer an offer, be it by the queue of a signed-in person or by a letter's link. */
export type Answering = Pick<Mine, 'queue' | 'refusals' | 'takeBack' | 'forgive'> & {
  act(row: Assignment, verb: Verb, reason?: string): Promise<void>
}

export const ANSWERING: InjectionKey<Answering> = Symbol('answering')

export function useAnswering(): Answering {
  const answering = inject(ANSWERING)
  if (!answering) throw new Error('useAnswering outside of a page that answers')
  return answering
}

export const MINE: InjectionKey<Mine> = Symbol('mine')

export function useMine(): Mine {
  const mine = inject(MINE)
  if (!mine) throw new Error('useMine outside of the phone')
  return mine
}

/** One queue and one view of the offers for all screens. */
export function makeMine(owner: string): Mine {
  const page = usePage()
  const queue = shallowRef<readonly Deed[]>([])
  const lasting = shallowRef(true)
  const refusals = shallowRef<ReadonlyMap<string, Refusal>>(new Map())
  const answered = shallowRef<ReadonlyMap<string, Assignment>>(new Map())
  const done = shallowRef<ReadonlyMap<string, Assignment>>(new Map())
  const offers = useFollowed<OffersView>({
    load: api.offers,
    reduce: reduceAssignments,
    keep: keptView(owner, 'offers'),
    heard: entry => followAnswered(entry),
  })

  const swaps = useFollowed<SwapsView>({ load: api.swaps, reduce: reduceSwaps, keep: keptView(owner, 'swaps') })

  const tapped = new Map<string, Assignment>()

  /** A row that was answered has left the open offers, but its card stands here still and must not lie. */
  function followAnswered(entry: Entry): void {
    const live = offers.followed.state.view?.live
    if (!live || !answered.value.size) return
    const { items } = reduceAssignments({ items: [...answered.value.values()], live }, entry).view
    answered.value = new Map(items.map(row => [row.id, row]))
  }

  function settled({ deed, answer }: Settled): void {
    if (answer.outcome === 'refused') {
      const problem = problemOf(answer.status, answer.problem)
      const next = (problem.body.next ?? null) as Alternative | null
      const open = offers.followed.state.view?.items.find(item => item.id === deed.about)
      const row = open ?? tapped.get(deed.about) ?? null
      refusals.value = new Map(refusals.value).set(deed.about, { verb: deed.verb as Verb, problem, next, row })
      return offers.followed.reloadSoon()
    }
    const row = answer.body as Assignment
    if (ANSWERS.has(deed.verb)) answered.value = new Map(answered.value).set(row.id, row)
    else done.value = new Map(done.value).set(deed.about, row)
    if (deed.verb === 'again') {
      answered.value = new Map([...answered.value].filter(([id]) => id !== deed.about))
      offers.followed.change(view => ({ ...view, items: [...view.items.filter(item => item.id !== deed.about && item.id !== row.id), row] }))
      return offers.followed.reloadSoon()
    }
    offers.followed.change(view => replace(view, row))
  }

  const box = openShelf()
    .then(shelf => Outbox.open({ owner, shelf, send: sendDeed }))
    .then(opened => {
      opened.watch(next => {
        queue.value = next
        lasting.value = opened.lasting
      })
      opened.onSettled(settled)
      void opened.flush()
      return opened
    })
  const flush = () => void box.then(opened => opened.flush())
  const seen = () => document.visibilityState === 'visible' && flush()
  const leave = page.session.watch(state => state.kind === 'known' && !state.kept && flush())
  addEventListener('online', flush)
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    leave()
    removeEventListener('online', flush)
    document.removeEventListener('visibilitychange', seen)
    void box.then(opened => opened.close())
  })

  async function tap(about: string, verb: Verb, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
    forgive({ id: about })
    await (await box).add({ about, verb, path: doorOf(verb, about), body })
  }

  function forgive(row: { id: string }): void {
    const rest = new Map(refusals.value)
    if (rest.delete(row.id)) refusals.value = rest
  }

  return {
    owner, offers, swaps, queue, lasting, refusals, answered, done, forgive, tap,
    act: async (row, verb, reason) => {
      tapped.set(row.id, row)
      await tap(row.id, verb, reason ? { reason } : {})
    },
    takeBack: async row => {
      const deed = queue.value.find(one => one.about === row.id)
      if (deed) await (await box).drop(deed.key)
    },
  }
}
