/** One event's roster for paper: who comes, who was asked, which seats are open; and how densely it must be set. Pure. */
import type { EventSheet, ShiftSheet } from '@shared/wire'
import { inOrder, isSeated, seatsOf } from './staffing'

export interface RosterLine {
  key: string
  role: string
  leader: boolean
  /** Empty: an open seat, to be filled by hand. */
  name: string
  status: string
}

export interface RosterShift {
  shift: ShiftSheet
  lines: RosterLine[]
}

export type Density = 'roomy' | 'plain' | 'tight' | 'double'

/** Lines of writing that fit on one A4 page in each setting; a shift's heading takes about two. */
const ROOM: readonly (readonly [Density, number])[] = [['roomy', 22], ['plain', 32], ['tight', 42]]
const HEADING = 2

export function rosterOf(sheet: Pick<EventSheet, 'shifts'>): RosterShift[] {
  return sheet.shifts.map(shift => ({ shift, lines: shift.needs.flatMap(linesOf) }))
}

export function densityOf(shifts: readonly RosterShift[]): Density {
  const lines = shifts.reduce((sum, one) => sum + HEADING + one.lines.length, 0)
  return ROOM.find(([, most]) => lines <= most)?.[0] ?? 'double'
}

function linesOf(need: ShiftSheet['needs'][number]): RosterLine[] {
  const { role, leader, id } = need
  const people = inOrder(need.assignments)
    .filter(line => isSeated(line) || line.status === 'offered')
    .map(line => ({ key: line.id, role, leader, name: line.volunteer.name, status: line.status }))
  const { missing, offered } = seatsOf(need)
  const open = Array.from({ length: Math.max(0, missing - offered) }, (_, at) => ({ key: `${id} ${at}`, role, leader, name: '', status: '' }))
  return [...people, ...open]
}
