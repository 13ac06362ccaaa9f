/** What is written on the posting page, and what is sent of it. Pure. */
import { partsOf } from '@shared/words/dates'
import type { Me, Outlook, TeamChoice, paths } from '@shared/wire'

export type Posting = paths['/api/events']['post']['requestBody']['content']['application/json']
export type Check = paths['/api/needs/check']['post']['requestBody']['content']['application/json']
export type Mode = Posting['mode']
export const DEMANDS = ['stairs', 'night', 'heavy', 'loud'] as const
type Demand = (typeof DEMANDS)[number]
const OLDEST = 150

export interface NeedForm {
  key: number
  role: string
  min: number
  desired: number
  max: number
  asks: { skill: string; level: number }[]
  languages: string[]
  demands: Demand[]
  /** Emptied number fields hold an empty text. */
  ageMin: number | '' | null
  ageMax: number | '' | null
  nearMinors: boolean
  leader: boolean
  team: TeamChoice | null
  /** Learners' seats: the role on this shift that takes care of them; empty = none. */
  mentorRole: string
  perMentor: number | ''
}

export interface Form {
  title: string
  mode: Mode
  priority: number
  description: string
  attendance: number | '' | null
  unit: string
  venue: string
  date: string
  from: string
  until: string
  call: number
  out: number
  quorum: number
  risks: string
  series: string
  needs: NeedForm[]
}

let keys = 0

export function emptyNeed(): NeedForm {
  return {
    key: ++keys, role: '', min: 1, desired: 1, max: 1, asks: [], languages: [], demands: [], ageMin: null, ageMax: null,
    nearMinors: false, leader: false, team: null, mentorRole: '', perMentor: 1,
  }
}

export function emptyForm(unit: string): Form {
  return {
    title: '', mode: 'tutoring', priority: 3, description: '', attendance: null, unit, venue: '', date: '', from: '', until: '',
    call: 15, out: 0, quorum: 0, risks: '', series: '', needs: [emptyNeed()],
  }
}

/** Where the person may post: the units that they organise for; a coordinator also in nobody's name. */
export function postsFor(me: Me): { units: { id: string; name: string }[]; alone: boolean } {
  const held = me.roles.filter(role => role.role === 'organiser' || role.role === 'coordinator')
  const units = new Map(held.flatMap(role => (role.unit ? [[role.unit.id, role.unit] as const] : [])))
  return { units: [...units.values()], alone: held.some(role => role.region && !role.unit) }
}

export const mayPost = (me: Me): boolean => postsFor(me).units.length > 0 || postsFor(me).alone

const minutesOf = (clock: string): number => {
  const [hour, minute] = clock.split(':').map(Number)
  return (hour ?? 0) * 60 + (minute ?? 0)
}

export const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** Minutes of service; an end before the start lies on the next day. 0 = not known yet. */
export function lengthOf(form: Form): number {
  if (!form.from || !form.until) return 0
  const long = minutesOf(form.until) - minutesOf(form.from)
  return long > 0 ? long : long + 1440
}

/** The shift begins at this hour instead, as long as before. */
export function moved(form: Form, date: string, hour: number): Pick<Form, 'date' | 'from' | 'until'> {
  const long = lengthOf(form) || 120
  return { date, from: clockOf(hour * 60), until: clockOf(hour * 60 + long) }
}

/** The instant of a wall clock in a zone, as text with Z. */
export function instantOf(date: string, clock: string, zone: string): string {
  const guess = new Date(`${date}T${clock}:00Z`)
  const there = partsOf(guess, zone)
  const shown = Date.UTC(there.year, there.month - 1, there.day, there.hour, there.minute)
  return new Date(guess.getTime() - (shown - guess.getTime())).toISOString()
}

/** What the outlook is asked; none while it does not know enough. */
export function checkOf(form: Form, need: NeedForm, week: string): Check | null {
  if (!form.venue) return null
  return {
    venue: form.venue, unit: form.unit || null, mode: form.mode, minutes: lengthOf(form) || 120, call: form.call || 0, out: form.out,
    min: Math.min(need.min || 0, need.desired), desired: need.desired, ...whoOf(need), ...(week ? { from: week } : {}),
  }
}

function whoOf(need: NeedForm) {
  return {
    asks: need.asks.filter(ask => ask.skill), languages: need.languages, demands: need.demands,
    age_min: need.ageMin || 0, age_max: need.ageMax || OLDEST, near_minors: need.nearMinors, team: need.team?.id ?? null,
  }
}

export function postingOf(form: Form, zone: string): Posting {
  const starts = instantOf(form.date, form.from, zone)
  return {
    title: form.title.trim(), title_en: '', mode: form.mode, priority: form.priority, unit: form.unit || null,
    description: form.description.trim(), risk_notice: form.risks.trim(), expected_attendance: form.attendance || 0, quorum: form.quorum || 0,
    series: form.series.trim(),
    shifts: [{
      venue: form.venue, starts_at: starts, ends_at: new Date(Date.parse(starts) + lengthOf(form) * 60_000).toISOString(),
      call: form.call || 0, out: form.out,
      needs: form.needs.map(need => ({
        role: need.role.trim(), min: need.min || 0, desired: need.desired, max: Math.max(need.max || 0, need.desired), leader: need.leader, ...whoOf(need),
        mentor_role: need.mentorRole, per_mentor: need.perMentor || 1,
      })),
    }],
  }
}

/** Roles that learners of this need may be beside: those of the shift's other needs, unless they are learners too. */
export const mentorsFor = (form: Form, index: number): string[] =>
  form.needs.filter((need, at) => at !== index && !need.mentorRole && need.role.trim()).map(need => need.role.trim())

/** The first field that is still empty though it must not be. */
export function lacking(form: Form): string | null {
  if (!form.title.trim()) return 'title'
  if (!form.venue) return 'venue'
  if (!form.date) return 'date'
  if (!form.from || !form.until) return 'from'
  const nameless = form.needs.findIndex(need => !need.role.trim())
  return nameless < 0 ? null : `role-${nameless}`
}

export type Hour = Outlook['slots'][number]

/** The outlook by hour of day (rows) and day (columns); an hour that cannot be posted is none. */
export function gridOf(outlook: Outlook): { days: string[]; hours: number[]; at: (day: string, hour: number) => Hour | null } {
  const cells = new Map(outlook.slots.map(slot => [`${slot.day} ${slot.hour}`, slot]))
  const days = Array.from({ length: 7 }, (_, n) => dayAfter(outlook.from, n))
  const hours = [...new Set(outlook.slots.map(slot => slot.hour))].sort((a, b) => a - b)
  return { days, hours, at: (day, hour) => cells.get(`${day} ${hour}`) ?? null }
}

export function dayAfter(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)
}

/** The best hours of the week: surest first, then most people, then earliest; none that nobody could take. */
export function bestOf(outlook: Outlook, most = 3): Hour[] {
  const able = outlook.slots.filter(slot => slot.eligible > 0)
  return able.sort((a, b) => b.chance - a.chance || b.eligible - a.eligible || a.starts_at.localeCompare(b.starts_at)).slice(0, most)
}

/** Never quite sure, and never quite hopeless while somebody could come. */
export const percentOf = (slot: Hour): number => (slot.chance <= 0 ? 0 : Math.max(1, Math.min(99, Math.round(slot.chance * 100))))

/** Five shades, so that the map can be read without its numbers and its numbers without the map. */
export const shadeOf = (chance: number): number => (chance <= 0 ? 0 : chance < 0.4 ? 1 : chance < 0.7 ? 2 : chance < 0.9 ? 3 : 4)
