// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { coverRows, partRows, perLine, shareOf, verdict } from '../../src/board/compare'

const cover = (filled: number, mandatory = 10) => ({ mandatory, filled, wished: 0, more: 0 })

describe('two plans', () => {
  it('are better or worse only where more or less is', () => {
    expect(verdict({ left: 1, right: 2, better: 1 })).toBe('better')
    expect(verdict({ left: 1, right: 2, better: -1 })).toBe('worse')
    expect(verdict({ left: 2, right: 2, better: -1 })).toBe('same')
    expect(verdict({ left: 1, right: 2, better: 0 })).toBe('other')
    expect(verdict({ left: 9.391, right: 9.394, better: -1, digits: 2 })).toBe('same')
    expect(verdict({ left: 9.39, right: 9.4, better: -1, digits: 2 })).toBe('worse')
  })

  it('show all places, or of many those that differ most', () => {
    const rows = Array.from({ length: 20 }, (_, at) => ({ key: `${at}`, name: `n${at}`, left: cover(5), right: cover(at === 17 ? 9 : 5) }))
    expect(coverRows(rows.slice(0, 3), row => row.name).map(row => row.label)).toEqual(['n0', 'n1', 'n2'])
    const few = coverRows(rows, row => row.name, 5)
    expect(few).toHaveLength(5)
    expect(few[0]?.label).toBe('n17')
  })

  it('differ in parts of the score, the greatest first, each by its share of it', () => {
    const rows = partRows([{ goal: 'a', name: 'A', left: 5, right: 5 }, { goal: 'b', name: 'B', left: 0, right: -5 }, { goal: 'c', name: 'C', left: 0, right: 10 }])
    expect(rows.map(row => [row.name, row.by, row.share])).toEqual([['C', 10, 1], ['B', -5, -0.5]])
    expect(partRows([])).toEqual([])
  })

  it('divide by nothing without a fuss', () => {
    expect(perLine({ lines: 0, metres: 0, longest: 0, buckets: [] })).toBe(0)
    expect(perLine({ lines: 2, metres: 3000, longest: 0, buckets: [] })).toBe(1.5)
    expect(shareOf(1, 0)).toBe(0)
  })
})
