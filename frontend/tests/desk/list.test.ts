// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { Me } from '@shared/wire'
import { byDay, reduceList, totalsOf, withPage, type ListView } from '../../src/desk/list'
import { followable, isRegional, mayFollow } from '../../src/desk/rights'
import { bar, entry, events, live } from '../shared/state/rows'

const list = (...ids: string[]): ListView => ({ ...events(...ids), key: 'k' })

/** A bar of the event in the list, as an entry brings it. */
function barOf(view: ListView, filled: number, offered: number, more = {}) {
  const row = view.items[0]
  if (!row) throw new Error('no row')
  const { starts_at, ends_at, min, desired, max } = row
  return bar('s1', filled, offered, { event_id: row.id, starts_at, ends_at, min, desired, max, state: 'published', ...more })
}

describe('the list under the journal', () => {
  it('takes the counts of the only shift at once', () => {
    const view = list('a', 'b')
    const after = reduceList(view, entry('assignment.accepted', { bar: barOf(view, 1, 0) }))
    expect(after.reload).toBeFalsy()
    expect(after.view.items.map(row => row.filled)).toEqual([1, 0])
    expect(after.view.items[1]).toBe(view.items[1])
  })

  it('reads again when the event has other shifts too', () => {
    const view = list('a')
    const part = barOf(view, 1, 0, { ends_at: '2026-11-28T12:00:00Z' })
    const after = reduceList(view, entry('assignment.accepted', { bar: part }))
    expect(after).toEqual({ view, reload: true })
  })

  it('does nothing for events that it does not hold', () => {
    const view = list('a')
    expect(reduceList(view, entry('assignment.accepted', { bar: bar('s9', 1) })).reload).toBeFalsy()
  })

  it('shows a new state at once', () => {
    const view = list('a')
    const after = reduceList(view, entry('event.published', { event: { id: 'a', state: 'published', version: 2 } }))
    expect(after.view.items[0]?.state).toBe('published')
    expect(after.view.key).toBe('k')
  })

  it('holds a row once, though it moved between pages', () => {
    const joined = withPage({ ...list('a', 'b'), next: 'c2', total: 3 }, { ...events('b', 'c'), next: null, total: 3 })
    expect(joined.items.map(row => row.id)).toEqual(['a', 'b', 'c'])
    expect(joined.next).toBeNull()
  })

  it('has days of the venue, not of Greenwich', () => {
    const rows = events('a', 'b', 'c').items.map((row, at) => ({ ...row, starts_at: ['2026-11-27T15:00:00Z', '2026-11-27T16:00:00Z', '2026-11-28T15:59:00Z'][at] ?? '' }))
    expect(byDay(rows).map(day => [day.key, day.rows.length])).toEqual([['2026-11-27', 1], ['2026-11-28', 2]])
  })

  it('adds up what it shows', () => {
    const [one, two] = events('a', 'b').items
    if (!one || !two) throw new Error('no rows')
    expect(totalsOf([{ ...one, filled: 2, desired: 3 }, { ...two, filled: 1, desired: 4, offered: 2 }])).toEqual({ filled: 3, desired: 7, offered: 2 })
  })
})

const person = (...roles: { role: string; region?: string; unit?: string }[]): Me =>
  ({
    id: 'p1', name: '郑丽萍', email: 'county@example.org', language: 'zh', region: { code: '350582', name: '晋江市' }, faces: ['desk'], topics: [],
    county: null,
    roles: roles.map(({ role, region, unit }) => ({ role, region: region ? { code: region, name: region } : null, unit: unit ? { id: unit, name: unit } : null })),
  }) as Me

describe('what a person may follow', () => {
  it('lies in the own region or belongs to the own unit', () => {
    const county = person({ role: 'coordinator', region: '350582' })
    expect(mayFollow(county, { region: '350582101', unit: null })).toBe(true)
    expect(mayFollow(county, { region: '350502', unit: null })).toBe(false)
    const centre = person({ role: 'organiser', unit: 'u1' })
    expect(mayFollow(centre, { region: '350582', unit: 'u1' })).toBe(true)
    expect(mayFollow(centre, { region: '350582', unit: null })).toBe(false)
  })

  it('is nothing for those who only read', () => {
    expect(mayFollow(person({ role: 'clerk', region: '350582' }), { region: '350582', unit: null })).toBe(false)
    expect(followable(live, person({ role: 'leader', region: '3505' }))).toEqual({ epoch: 'e1', topics: {} })
    expect(followable(live, person({ role: 'auditor', region: '3505' }))).toEqual(live)
  })

  it('asks for a region only of those who read by region', () => {
    expect(isRegional(person({ role: 'clerk', region: '350582101001' }))).toBe(true)
    expect(isRegional(person({ role: 'organiser', unit: 'u1' }, { role: 'member', region: '350582' }))).toBe(false)
  })
})
