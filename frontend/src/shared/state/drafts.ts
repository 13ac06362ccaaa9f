/** A draft under the journal: each entry carries its row, without the counts and words that only a read adds. Pure. */
import type { Entry } from '../live/frames'
import type { Draft, Live } from '../wire'
import { factsOf, type Reduced } from './facts'

export type DraftView = Omit<Draft, 'live'> & { live: Live }

/** Points that a chart can show; longer curves keep every second one. */
const MOST = 400

export function reduceDraft(view: DraftView, entry: Entry): Reduced<DraftView> {
  const { draft } = factsOf(entry)
  if (!draft || draft.id !== view.id || draft.version < view.version) return { view }
  const ahead = draft.progress ? null : view.ahead
  return { view: { ...view, ...draft, ahead, curve: grown(view.curve, draft.progress) }, reload: draft.state !== view.state }
}

/** The curve with the moment that an entry tells of; a run that was begun anew begins a new one. */
function grown(curve: Draft['curve'], now: Draft['progress']): Draft['curve'] {
  if (now?.seconds == null || (now.score == null && now.bound == null)) return now?.stage === 'snapshot' ? [] : curve
  const last = curve.at(-1)
  if (last && last.seconds === now.seconds) return curve
  const before = last && last.seconds > now.seconds ? [] : curve
  const kept = before.length < MOST ? before : before.filter((_, at) => at % 2 === 0)
  return [...kept, { seconds: now.seconds, score: now.score ?? null, bound: now.bound ?? null }]
}
