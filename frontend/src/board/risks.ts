/** How sure each shift is to be staffed: read apart from the bars, and again whenever somebody answered or was asked. */
import type { InjectionKey, ShallowRef } from 'vue'
import type { Entry } from '@shared/live/frames'
import type { Reduced } from '@shared/state/facts'
import type { RisksView, ShiftRisk } from '@shared/wire'

export type Risks = ReadonlyMap<string, ShiftRisk>
export const RISKS: InjectionKey<ShallowRef<Risks>> = Symbol('risks')

/** Below this a shift counts as safe and is not marked. */
const SAFE = 0.1

/** Steps of five: nobody plans by single per cents. */
export function percent(risk: number): string {
  return `${Math.min(100, Math.round(risk * 20) * 5)}%`
}

export type Level = 'good' | 'risk' | 'hole'
export function level(risk: number): Level {
  return risk < SAFE ? 'good' : risk < 0.5 ? 'risk' : 'hole'
}

export const marked = (risk: ShiftRisk | undefined): string | undefined => (risk && risk.risk >= SAFE ? percent(risk.risk) : undefined)

/** Odds are the server's alone to say. */
export function reduceRisks(view: RisksView, entry: Entry): Reduced<RisksView> {
  return { view, reload: /^(assignment|call|event)\./.test(entry.kind) }
}
