/** What a person may follow live. A topic that is none of theirs is not asked for: the view is read again by the clock. Pure. */
import type { HoursStage, Live, Me } from '@shared/wire'

const FOLLOWERS = new Set(['coordinator', 'organiser', 'recorder', 'auditor', 'evaluator', 'admin'])
const READERS = new Set([...FOLLOWERS, 'leader', 'clerk'])

export function mayFollow(me: Me, place: { region: string; unit: string | null }): boolean {
  return me.roles.some(role => {
    if (!FOLLOWERS.has(role.role)) return false
    if (role.unit) return role.unit.id === place.unit
    return role.region !== null && place.region.startsWith(role.region.code)
  })
}

/** The topics of regions that this person may follow, of those a view names. */
export function followable(live: Live, me: Me): Live {
  const topics = Object.entries(live.topics).filter(([topic]) => {
    const [noun, code] = topic.split(':')
    return noun !== 'region' || mayFollow(me, { region: code ?? '', unit: null })
  })
  return { epoch: live.epoch, topics: Object.fromEntries(topics) }
}

/** Whether the person reads events by region; otherwise only those of their own unit. */
export function isRegional(me: Me): boolean {
  return me.roles.some(role => READERS.has(role.role) && role.region !== null && role.unit === null)
}

const STAGES: readonly (readonly [HoursStage, readonly string[]])[] = [
  ['confirm', ['coordinator', 'organiser', 'leader']],
  ['sign', ['recorder']],
  ['answer', ['coordinator', 'recorder']],
  ['correct', ['coordinator', 'organiser']],
  ['all', ['coordinator', 'organiser', 'leader', 'recorder', 'auditor']],
]

/** The steps of service records that are this person's by role, in their order. */
export function stagesOf(me: Me): HoursStage[] {
  const roles = new Set(me.roles.map(role => role.role))
  return STAGES.filter(([, whose]) => whose.some(role => roles.has(role))).map(([stage]) => stage)
}

/** Whether the person may suspend people: coordinators of a region. */
export function maySuspend(me: Me): boolean {
  return me.roles.some(role => role.role === 'coordinator' && role.region !== null)
}

const ASKERS = new Set(['coordinator', 'organiser', 'leader'])

/** Whether the person may ask for made-up hours of others. */
export function mayAskHours(me: Me): boolean {
  return me.roles.some(role => ASKERS.has(role.role))
}
