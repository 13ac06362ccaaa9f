import { describe, expect, it } from 'vitest'
import { beyond, choices, groups, inHours, lastDay, needsReason } from '@shared/state/hours'
import type { ServiceRecord } from '@shared/wire'

const row = (part: Partial<ServiceRecord> = {}): ServiceRecord =>
  ({
    id: 'a', title: 'Open day', title_en: '', place: 'Hall', plan_from: '2026-03-07T01:00:00Z', plan_until: '2026-03-07T03:00:00Z',
    came_at: '2026-03-07T01:00:00Z', left_at: '2026-03-07T03:00:00Z', minutes: 120, counted: 120, most: 120, enough: 72, unit: 30, overtime: 0, source: 'checkin',
    ...part,
  }) as ServiceRecord

describe('hours', () => {
  it('offers every half hour up to the most and nothing above', () => {
    expect(choices(row({ most: 90 }))).toEqual([0, 30, 60, 90])
    expect(choices(row({ most: 0 }))).toEqual([0])
    expect(choices(row({ most: 100, unit: 60 }))).toEqual([0, 60])
  })

  it('wants a reason for fewer than counted and for few of the plan', () => {
    expect(needsReason(row(), 120)).toBe(false)
    expect(needsReason(row(), 90)).toBe(true)
    expect(needsReason(row({ counted: 60 }), 60)).toBe(true)
    expect(needsReason(row({ counted: 90 }), 90)).toBe(false)
  })

  it('sees whole units beyond the plan until somebody approved them, and none for made-up hours', () => {
    const late = { left_at: '2026-03-07T04:10:00Z' }
    expect(beyond(row(late))).toBe(60)
    expect(beyond(row())).toBe(0)
    expect(beyond(row({ ...late, overtime: 30 }))).toBe(0)
    expect(beyond(row({ ...late, source: 'makeup' }))).toBe(0)
  })

  it('keeps the services of one event and day together, in their order', () => {
    const found = groups([row({ id: 'a' }), row({ id: 'b', title: 'Class' }), row({ id: 'c' }), row({ id: 'd', plan_from: '2026-03-08T01:00:00Z' })])
    expect(found.map(group => group.rows.map(one => one.id))).toEqual([['a', 'c'], ['b'], ['d']])
  })

  it('writes halves, and names the last day of a time that ends at midnight', () => {
    expect([0, 30, 150].map(inHours)).toEqual(['0', '0.5', '2.5'])
    expect(lastDay('2026-03-10T16:00:00Z')).toBe('2026-03-10T15:59:00.000Z')
  })
})
