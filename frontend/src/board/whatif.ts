/** A form of assumptions and what it sends; a form is filled again from what a plan assumed. Pure. */
import type { Assumable, Assumptions } from '@shared/wire'

type Hours = { weekday: number; start?: number; end?: number }
/** How much a goal weighs against the usual; 0 = it does not count. */
export type Factor = 0 | 0.3 | 1 | 3 | 9
export const FACTORS: readonly Factor[] = [0, 0.3, 1, 3, 9]

const days = (weekdays: number[], start: number, end: number): Hours[] => weekdays.map(weekday => ({ weekday, start, end }))
export const HOURS = {
  always: [] as Hours[],
  evenings: days([0, 1, 2, 3, 4], 18 * 60, 22 * 60),
  daytime: days([0, 1, 2, 3, 4], 8 * 60, 18 * 60),
  weekend: days([5, 6], 8 * 60, 22 * 60),
} as const
export type When = keyof typeof HOURS

export interface Relaxed { rule: string; by: number; region: string; skill: string; mode: string }
export interface Newcomers { count: number; region: string; skill: string; level: number; when: When; checked: boolean }
export interface Freed { when: When; region: string; skill: string }
export interface Form { seed: number; factors: Record<string, Factor>; relaxed: Relaxed[]; people: Newcomers[]; freed: Freed[] }

export const blank = (): Form => ({ seed: 0, factors: {}, relaxed: [], people: [], freed: [] })
export const changed = (form: Form): boolean =>
  form.seed !== 0 || Object.values(form.factors).some(factor => factor !== 1) || form.relaxed.length + form.people.length + form.freed.length > 0
type Rule = Assumable['rules'][number]
/** Whether such a row lets people do what they may not; stricter rules can be kept. */
export const loosens = (row: Relaxed, rule: Rule | undefined): boolean => !rule || row.by > 0 === (rule.loosens === 'more')
export const hypothetical = (form: Form, may: Assumable): boolean =>
  form.people.length + form.freed.length > 0 || form.relaxed.some(row => loosens(row, may.rules.find(rule => rule.rule === row.rule)))

/** A fresh row for a rule: some of what it bends at most, looser. */
export function relaxation(rule: Rule | undefined): Relaxed {
  const by = rule ? (rule.loosens === 'less' ? -Math.max(1, Math.floor(-rule.low / 4)) : Math.max(1, Math.floor(rule.high / 10))) : 1
  return { rule: rule?.rule ?? '', by, region: '', skill: '', mode: '' }
}

export function assumptionsOf(form: Form, may: Assumable): Assumptions | null {
  const goals = may.goals.filter(goal => (form.factors[goal.goal] ?? 1) !== 1)
  const given: Assumptions = {
    weights: Object.fromEntries(
      goals.filter(goal => form.factors[goal.goal] !== 0).map(goal => [goal.goal, weight(goal, form.factors[goal.goal] ?? 1)]),
    ),
    off: goals.filter(goal => form.factors[goal.goal] === 0).map(goal => goal.goal) as Assumptions['off'],
    relaxed: form.relaxed.map(row => ({
      rule: row.rule, by: row.by, region: row.region || null, skill: row.skill || null, mode: (row.mode || null) as 'support' | null,
    })),
    people: form.people.map(row => ({
      count: row.count, region: row.region, skills: row.skill ? [{ skill: row.skill, level: row.level }] : [],
      languages: ['cmn', 'nan'], free: [...HOURS[row.when]], max_km: 30, checked: row.checked,
    })),
    freed: form.freed.map(row => ({ hours: hours(row.when), region: row.region || null, skill: row.skill || null })),
  }
  return Object.values(given).some(part => (Array.isArray(part) ? part.length : Object.keys(part ?? {}).length)) ? given : null
}

const weight = (goal: Assumable['goals'][number], factor: Factor) => Math.min(goal.high, Math.max(goal.low, Math.round(goal.usual * (factor === 0.3 ? 1 / 3 : factor))))
const hours = (when: When): Hours[] => (when === 'always' ? days([0, 1, 2, 3, 4, 5, 6], 0, 1440) : [...HOURS[when]])

/** The form that would send these; what it cannot say (other hours, a second skill) is left as near as it comes. */
export function formOf(given: Assumptions | null, seed: number, may: Assumable): Form {
  const factors: Record<string, Factor> = Object.fromEntries((given?.off ?? []).map(goal => [goal, 0]))
  for (const goal of may.goals) {
    const value = given?.weights?.[goal.goal as keyof Assumptions['weights']]
    if (value !== undefined) factors[goal.goal] = nearest(value / (goal.usual || 1))
  }
  return {
    seed,
    factors,
    relaxed: (given?.relaxed ?? []).map(one => ({ rule: one.rule, by: one.by, region: one.region ?? '', skill: one.skill ?? '', mode: one.mode ?? '' })),
    people: (given?.people ?? []).map(one => ({
      count: one.count, region: one.region, skill: one.skills?.[0]?.skill ?? '', level: one.skills?.[0]?.level ?? 1,
      when: when(one.free ?? []), checked: one.checked ?? false,
    })),
    freed: (given?.freed ?? []).map(one => ({ when: when(one.hours), region: one.region ?? '', skill: one.skill ?? '' })),
  }
}

function nearest(times: number): Factor {
  return FACTORS.filter(factor => factor > 0).reduce((best, factor) => (Math.abs(Math.log(times / factor)) < Math.abs(Math.log(times / best)) ? factor : best), 1 as Factor)
}

function when(given: readonly Hours[]): When {
  const same = (known: readonly Hours[]) => known.length === given.length && known.every((one, at) => one.weekday === given[at]?.weekday && one.start === given[at]?.start)
  return (Object.keys(HOURS) as When[]).find(key => same(HOURS[key])) ?? 'always'
}
