// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { Assumable } from '@shared/wire'
import { assumptionsOf, blank, changed, formOf, HOURS, hypothetical, relaxation, type Form } from '../../src/board/whatif'

const may: Assumable = {
  goals: [
    { goal: 'mandatory', name: 'm', usual: 6561000, low: 2187000, high: 19683000, soft: false },
    { goal: 'travel', name: 't', usual: 1000, low: 0, high: 9000, soft: true },
    { goal: 'level', name: 'l', usual: 3000, low: 0, high: 27000, soft: true },
  ],
  rules: [
    { rule: 'radius', name: 'r', of: 'person', unit: 'km', low: -100, high: 100, loosens: 'more' },
    { rule: 'rest', name: 'r', of: 'person', unit: 'min', low: -240, high: 720, loosens: 'less' },
  ],
}

describe('a form of assumptions', () => {
  it('that is left alone assumes nothing', () => {
    expect(assumptionsOf(blank(), may)).toBeNull()
    expect([changed(blank()), hypothetical(blank(), may)]).toEqual([false, false])
  })

  it('sends weights within their range, and what does not count as off', () => {
    const form: Form = { ...blank(), factors: { mandatory: 9, travel: 3, level: 0 } }
    const given = assumptionsOf(form, may)
    expect(given?.weights).toEqual({ mandatory: 19683000, travel: 3000 })
    expect(given?.off).toEqual(['level'])
    expect([changed(form), hypothetical(form, may)]).toEqual([true, false])
  })

  it('begins a relaxation within the range of its rule', () => {
    for (const rule of may.rules) {
      const { by } = relaxation(rule)
      expect(by).toBeGreaterThanOrEqual(rule.low)
      expect(by).toBeLessThanOrEqual(rule.high)
      expect(hypothetical({ ...blank(), relaxed: [relaxation(rule)] }, may)).toBe(true)
    }
  })

  it('of stricter rules can be carried out', () => {
    const row = (rule: string, by: number) => ({ rule, by, region: '', skill: '', mode: '' })
    const form = { ...blank(), relaxed: [row('radius', -10), row('rest', 120)] }
    expect([changed(form), hypothetical(form, may)]).toEqual([true, false])
    expect(hypothetical({ ...form, relaxed: [...form.relaxed, row('rest', -15)] }, may)).toBe(true)
  })

  it('is filled again from what a plan assumed', () => {
    const form: Form = {
      seed: 7,
      factors: { travel: 0.3, level: 0 },
      relaxed: [{ rule: 'radius', by: 10, region: '350502', skill: '', mode: '' }],
      people: [{ count: 4, region: '350502', skill: 'nanyin', level: 3, when: 'weekend', checked: true }],
      freed: [{ when: 'evenings', region: '', skill: 'nanyin' }],
    }
    expect(formOf(assumptionsOf(form, may), 7, may)).toEqual(form)
  })

  it('frees people at any time by whole days, newcomers by naming no hours', () => {
    const given = assumptionsOf({ ...blank(), freed: [{ when: 'always', region: '', skill: '' }], people: [{ count: 1, region: '3505', skill: '', level: 1, when: 'always', checked: false }] }, may)
    expect(given?.freed?.[0]?.hours).toHaveLength(7)
    expect(given?.people?.[0]?.free).toEqual(HOURS.always)
  })
})
