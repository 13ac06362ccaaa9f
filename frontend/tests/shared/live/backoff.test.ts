import { describe, expect, it } from 'vitest'
import { delay, leastWait, stopReason } from '@shared/live/backoff'

describe('coming back', () => {
  it('draws from the whole range up to a doubling limit of at most 30 s', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(failures => delay(failures, () => 1))).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000])
    expect(delay(5, () => 0)).toBe(0)
    expect(delay(5, () => 0.5)).toBe(15000)
  })

  it('spreads over as long again those who were all told to stay away at least so long', () => {
    const drawn = (failures: number, least: number) => [0, 0.5, 1].map(chance => delay(failures, () => chance, least))
    expect(drawn(0, 10_000)).toEqual([10_000, 15_000, 20_000])
    expect(drawn(0, leastWait(4429))).toEqual([60_000, 90_000, 120_000])
    expect(drawn(50, 10_000)).toEqual([10_000, 25_000, 40_000])
  })

  it('comes back after restarts and slow lines, stays away when it would be useless', () => {
    expect([1001, 1006, 1012, 4408, 4409, 4410, 4429].map(stopReason)).toEqual([null, null, null, null, null, null, null])
    expect([4501, 4503, 4504, 4526, 4999].map(stopReason)).toEqual(['signin', 'forbidden', 'protocol', 'upgrade', 'protocol'])
  })

  it('waits a minute when there were too many', () => {
    expect(leastWait(4429)).toBe(60_000)
    expect(leastWait(1006)).toBe(0)
  })
})
