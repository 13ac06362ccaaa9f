// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { EventSheet, NeedSheet } from '@shared/wire'
import { densityOf, rosterOf } from '../../src/desk/roster'
import { inOrder, missedOf, partsOf, sheetSeats, toldOf } from '../../src/desk/staffing'
import { sheet } from '../shared/state/rows'

type Person = NeedSheet['assignments'][number]

/** A sheet of one shift with these needs; people are written as `who:status`. */
function sheetOf(...needs: (Partial<NeedSheet> & { people: string[] })[]): EventSheet {
  const whole = sheet()
  const shift = whole.shifts[0]
  const need = shift?.needs[0]
  const line = need?.assignments[0]
  if (!shift || !need || !line) throw new Error('no line')
  const made = needs.map(({ people, ...more }, at) => {
    const assignments = people.map((said, seat): Person => {
      const [who = '', status = ''] = said.split(':')
      return { ...line, id: `a${at}-${seat}`, status, volunteer: { id: who, name: who } }
    })
    return { ...need, id: `n${at}`, ...more, assignments }
  })
  return { ...whole, shifts: [{ ...shift, needs: made }] }
}

describe('the seats of an event', () => {
  it('miss what each need misses, however full the others are', () => {
    const full = { min: 1, desired: 2, max: 4, taken: 4, offered: 0, people: [] }
    const bare = { min: 2, desired: 3, max: 3, taken: 0, offered: 1, people: [] }
    expect(sheetSeats(sheetOf(full, bare))).toEqual({ filled: 4, offered: 1, missing: 2, desired: 5 })
  })

  it.each([
    ['all open', { filled: 0, offered: 0, missing: 2, desired: 3 }, { filled: 0, offered: 0, unasked: 2, wished: 1 }],
    ['asked for all that is missing', { filled: 0, offered: 2, missing: 2, desired: 3 }, { filled: 0, offered: 2, unasked: 0, wished: 1 }],
    ['more asked than wished', { filled: 2, offered: 5, missing: 0, desired: 3 }, { filled: 2, offered: 1, unasked: 0, wished: 0 }],
    ['fuller than wished', { filled: 4, offered: 0, missing: 1, desired: 3 }, { filled: 4, offered: 0, unasked: 0, wished: 0 }],
  ])('are drawn side by side: %s', (_name, seats, parts) => {
    expect(partsOf(seats)).toEqual(parts)
  })
})

describe('who is told when an event is called off', () => {
  it('is each person once, with what happens to the seats', () => {
    const told = toldOf(sheetOf({ people: ['an:accepted', 'bo:offered', 'cy:declined'] }, { people: ['an:offered', 'di:completed'] }))
    expect(told).toEqual({ people: 2, released: 1, withdrawn: 2 })
  })
})

describe('the people of a need', () => {
  it('stand in the order in which they matter', () => {
    const need = sheetOf({ people: ['a:declined', 'b:offered', 'c:accepted', 'd:no_show', 'e:checked_in', 'f:accepted'] }).shifts[0]?.needs[0]
    expect(inOrder(need?.assignments ?? []).map(line => line.volunteer.id)).toEqual(['e', 'c', 'f', 'b', 'a', 'd'])
  })
})

describe('the roster on paper', () => {
  it('names who comes and who was asked, and leaves a line for each seat that nobody was asked for', () => {
    const [shift] = rosterOf(sheetOf({ min: 4, desired: 4, max: 4, taken: 1, offered: 1, people: ['an:accepted', 'bo:offered', 'cy:declined'] }))
    expect(shift?.lines.map(line => line.name)).toEqual(['an', 'bo', '', ''])
  })

  it('is set the denser the longer it is', () => {
    const people = (count: number) => Array.from({ length: count }, (_, at) => `p${at}:accepted`)
    const set = (count: number) => densityOf(rosterOf(sheetOf({ min: 0, taken: count, offered: 0, people: people(count) })))
    expect([3, 20, 21, 30, 31, 40, 41, 100].map(set)).toEqual(['roomy', 'roomy', 'plain', 'plain', 'tight', 'tight', 'double', 'double'])
  })
})

describe('whose hours can be made up', () => {
  it('those whom no roll shows, once their shift is over', () => {
    const whole = sheetOf({ role: '引导', people: ['chen:accepted', 'li:no_show', 'wu:completed', 'he:declined', 'xu:checked_in'] })
    const ends = Date.parse(whole.shifts[0]?.out_at ?? '')
    expect(missedOf(whole, ends - 1)).toEqual([])
    expect(missedOf(whole, ends).map(one => `${one.name} ${one.role}`)).toEqual(['chen 引导', 'li 引导'])
  })

  it('but not one’s own', () => {
    const whole = sheetOf({ people: ['me:accepted'] })
    const line = whole.shifts[0]?.needs[0]?.assignments[0]
    if (line) line.own = true
    expect(missedOf(whole, Infinity)).toEqual([])
  })
})
