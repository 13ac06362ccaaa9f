/** Seats in numbers, and whom a step touches. Pure. */
import type { EventSheet, NeedSheet, ShiftSheet } from '@shared/wire'

type Person = NeedSheet['assignments'][number]

export interface Seats {
  filled: number
  offered: number
  /** Mandatory seats that nobody fills; offers in flight may yet. */
  missing: number
  desired: number
}

/** What a bar draws, side by side; it sums to what is wished, or to what is filled if that is more. */
export interface Parts {
  filled: number
  offered: number
  /** Mandatory, and nobody was asked. */
  unasked: number
  wished: number
}

export function seatsOf(need: NeedSheet): Seats {
  return { filled: need.taken, offered: need.offered, missing: Math.max(0, need.min - need.taken), desired: need.desired }
}

export function sumOf(needs: readonly NeedSheet[]): Seats {
  const sum: Seats = { filled: 0, offered: 0, missing: 0, desired: 0 }
  for (const seats of needs.map(seatsOf)) {
    sum.filled += seats.filled
    sum.offered += seats.offered
    sum.missing += seats.missing
    sum.desired += seats.desired
  }
  return sum
}

export function sheetSeats(sheet: Pick<EventSheet, 'shifts'>): Seats {
  return sumOf(sheet.shifts.flatMap(shift => shift.needs))
}

export function partsOf({ filled, offered, missing, desired }: Seats): Parts {
  const open = Math.max(0, desired - filled)
  const asked = Math.min(offered, open)
  const unasked = Math.max(0, Math.min(missing - offered, open - asked))
  return { filled, offered: asked, unasked, wished: open - asked - unasked }
}

/** Somebody whom no roll shows, on a shift that is over. */
export interface Missed {
  id: string
  name: string
  role: string
  shift: ShiftSheet
}

const UNSEEN = new Set(['accepted', 'no_show'])

/** For whom made-up hours can be asked here: others, by name, once their shift is over. */
export function missedOf(sheet: Pick<EventSheet, 'shifts'>, now: number): Missed[] {
  return sheet.shifts
    .filter(shift => Date.parse(shift.out_at) <= now)
    .flatMap(shift => shift.needs.flatMap(need => need.assignments
      .filter(line => UNSEEN.has(line.status) && !line.own)
      .map(line => ({ id: line.id, name: line.volunteer.name, role: need.role, shift }))))
}

/** Whom a cancelled event concerns: accepted people are released, open offers are withdrawn; each person is told once. */
export interface Told {
  people: number
  released: number
  withdrawn: number
}

export function toldOf(sheet: Pick<EventSheet, 'shifts'>): Told {
  const lines = peopleOf(sheet).filter(line => line.status === 'accepted' || line.status === 'offered')
  const released = lines.filter(line => line.status === 'accepted').length
  return { people: new Set(lines.map(line => line.volunteer.id)).size, released, withdrawn: lines.length - released }
}

/** An event that will not take place needs nobody. */
export function isOff(state: string): boolean {
  return state === 'cancelled' || state === 'postponed'
}

/** It took place: what it lacked is history. */
export function isPast(state: string): boolean {
  return state === 'finished' || state === 'closed'
}

const FIRST = ['checked_in', 'completed', 'accepted', 'offered', 'standby']
const SEATED = new Set(['checked_in', 'completed', 'accepted'])

export function isSeated(line: Pick<Person, 'status'>): boolean {
  return SEATED.has(line.status)
}

/** Those who come first, those asked next, those who will not come last; else as they were asked. */
export function inOrder(lines: readonly Person[]): Person[] {
  const rank = (line: Person) => (FIRST.includes(line.status) ? FIRST.indexOf(line.status) : FIRST.length)
  return lines.map((line, at) => ({ line, at })).sort((a, b) => rank(a.line) - rank(b.line) || a.at - b.at).map(one => one.line)
}

function peopleOf(sheet: Pick<EventSheet, 'shifts'>): Person[] {
  return sheet.shifts.flatMap((shift: ShiftSheet) => shift.needs).flatMap(need => need.assignments)
}
