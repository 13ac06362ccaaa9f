// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { drawn, gapOf } from '../../src/board/curves'

const point = (seconds: number, score: number | null, bound: number | null) => ({ seconds, score, bound })

describe('the curves of a plan', () => {
  it('are not drawn before two values are known', () => {
    expect(drawn([])).toBeNull()
    expect(drawn([point(1, 5, null)])).toBeNull()
  })

  it('close from both sides: the bound above, the score below, as steps', () => {
    const made = drawn([point(0, 50, null), point(1, 50, 100), point(2, 80, 90)])
    const ys = (path = '') => [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(match => Number(match[1]))
    const [score, bound] = [ys(made?.score), ys(made?.bound)]
    expect(Math.max(...bound)).toBeLessThan(Math.min(...score))
    expect(score.at(-1)).toBeLessThan(score[0] ?? 0)
    expect(bound.at(-1)).toBeGreaterThan(bound[0] ?? 0)
    expect(made?.between.endsWith('Z')).toBe(true)
  })

  it('let a first bound far away lie on the upper edge, so that the rest is seen', () => {
    const made = drawn([point(0, 50, null), point(1, 50, 100_000), point(2, 80, 90)])
    const last = Number(/ ([\d.]+)$/.exec(made?.score ?? '')?.[1])
    expect(last).toBeLessThan(90)
  })

  it('give the gap of the last moment that knows both', () => {
    expect(gapOf([point(1, 5, null)])).toBeNull()
    expect(gapOf([point(1, 80, 100), point(2, null, null)])).toBeCloseTo(0.2)
    expect(gapOf([point(1, 100, 100)])).toBe(0)
  })
})
