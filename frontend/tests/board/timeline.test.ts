import { describe, expect, it } from 'vitest'
import { daysOf, holesFirst, ordered, rowsOf, scaleOf, xOf, type Scale } from '../../src/board/timeline'
import { inSight, topsOf } from '../../src/board/window'
import { find, nextHole, step } from '../../src/board/walk'
import { bar, board } from '../shared/state/rows'
import type { BoardView } from '@shared/wire'

const scale: Scale = { zone: 'Asia/Shanghai', first: '2026-11-23', origin: Date.parse('2026-11-22T16:00:00Z'), days: 7, from: 8, until: 22, day: 140, least: 50 }
const at = (day: number, hour: number) => new Date(Date.UTC(2026, 10, 23 + day, hour - 8)).toISOString()
const shift = (id: string, day: number, from: number, until: number, filled = 2) =>
  bar(id, filled, 0, { starts_at: at(day, from), ends_at: at(day, until) })

function places(...rows: [string, string, ReturnType<typeof bar>[]][]): BoardView {
  return {
    ...board(),
    rows: rows.map(([venue, town, shifts]) => ({ venue: { id: venue, name: venue }, region: { code: town, name: town }, shifts })),
  }
}

describe('time on the line', () => {
  it('runs through the hours of each day and from day to day', () => {
    expect(xOf(at(0, 8), scale)).toBe(0)
    expect(xOf(at(0, 15), scale)).toBe(70)
    expect(xOf(at(2, 8), scale)).toBe(280)
  })

  it('sticks to its day outside of the hours shown', () => {
    expect(xOf(at(1, 3), scale)).toBe(140)
    expect(xOf(at(1, 23), scale)).toBe(280)
  })

  it('shows the usual hours, and more where a shift needs them', () => {
    const early = scaleOf(places(['v1', 't1', [shift('s1', 0, 6, 8)]]), '2026-11-23', 7, 980, 50)
    expect([early.from, early.until, early.day]).toEqual([6, 22, 140])
    const late = scaleOf(places(['v1', 't1', [shift('s1', 0, 21, 26)]]), '2026-11-23', 7, 980, 50)
    expect([late.from, late.until]).toEqual([8, 24])
  })

  it('knows its days', () => {
    expect(daysOf(scale)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'])
  })
})

describe('rows', () => {
  it('never lay two bars on each other, however many there are', () => {
    const many = Array.from({ length: 200 }, (_, n) => shift(`s${n}`, n % 7, 8 + (n % 13), 9.5 + (n % 13)))
    const [row] = rowsOf(places(['v1', 't1', many]), scale, 'venue')
    const bars = row?.bars ?? []
    expect(bars).toHaveLength(200)
    for (const one of bars) {
      for (const other of bars) {
        if (one === other || one.lane !== other.lane) continue
        expect(one.left + one.width <= other.left || other.left + other.width <= one.left).toBe(true)
      }
    }
  })

  it('keep each bar within its day and wide enough to read', () => {
    const bars = rowsOf(places(['v1', 't1', [shift('a', 3, 21.5, 22), shift('b', 3, 6, 6.5)]]), scale, 'venue')[0]?.bars ?? []
    for (const one of bars) {
      expect(one.left).toBeGreaterThanOrEqual(3 * 140)
      expect(one.left + one.width).toBeLessThanOrEqual(4 * 140)
      expect(one.width).toBeGreaterThanOrEqual(50)
    }
  })

  it('are venues, or towns with all their venues', () => {
    const view = places(['v1', 't1', [shift('a', 0, 9, 11)]], ['v2', 't1', [shift('b', 0, 9, 11)]], ['v3', 't2', []])
    expect(rowsOf(view, scale, 'venue').map(row => row.title)).toEqual(['v1', 'v2', 'v3'])
    expect(rowsOf(view, scale, 'town').map(row => [row.title, row.bars.length])).toEqual([['t1', 2], ['t2', 0]])
  })

  it('come with the most missing first, and keep that order while the board moves', () => {
    const view = places(['v1', 't', [shift('a', 0, 9, 11, 2)]], ['v2', 't', [shift('b', 0, 9, 11, 0)]], ['v3', 't', [shift('c', 0, 9, 11, 1)]])
    const keys = holesFirst(rowsOf(view, scale, 'venue'))
    expect(keys).toEqual(['v2', 'v3', 'v1'])
    const later = places(['v0', 't', []], ['v1', 't', [shift('a', 0, 9, 11, 0)]], ['v2', 't', [shift('b', 0, 9, 11, 2)]], ['v3', 't', []])
    expect(ordered(rowsOf(later, scale, 'venue'), keys).map(row => row.key)).toEqual(['v2', 'v3', 'v1', 'v0'])
  })
})

describe('what is in sight', () => {
  const tops = topsOf(Array.from({ length: 1000 }, (_, n) => 40 + (n % 3) * 34))

  it('is every row that touches the window and few others', () => {
    for (const from of [0, 1, 5000, 40_000, (tops.at(-1) ?? 0) - 800]) {
      const slice = inSight(tops, from, from + 800)
      const touching = tops.slice(0, -1).flatMap((top, row) => (top < from + 800 && (tops[row + 1] ?? 0) > from ? [row] : []))
      expect(slice.first).toBeLessThanOrEqual(touching[0] ?? 0)
      expect(slice.last).toBeGreaterThan(touching.at(-1) ?? 0)
      expect(slice.last - slice.first).toBeLessThan(touching.length + 20)
    }
  })

  it('is nothing of nothing', () => {
    expect(inSight(topsOf([]), 0, 800)).toEqual({ first: 0, last: 0 })
  })
})

describe('walking by keys', () => {
  const view = places(['v1', 't', [shift('a', 0, 9, 11, 2), shift('b', 2, 9, 11, 0)]], ['v2', 't', []], ['v3', 't', [shift('c', 2, 10, 12, 1)]])
  const rows = rowsOf(view, scale, 'venue')
  const from = (id: string) => find(rows, id) ?? expect.fail(id)

  it('goes along a row by time and across rows to the nearest', () => {
    expect(step(rows, from('a'), 'right').placed.bar.id).toBe('b')
    expect(step(rows, from('b'), 'right').placed.bar.id).toBe('b')
    expect(step(rows, from('a'), 'down').placed.bar.id).toBe('c')
    expect(step(rows, from('c'), 'up').placed.bar.id).toBe('b')
    expect(step(rows, from('b'), 'first').placed.bar.id).toBe('a')
  })

  it('goes from hole to hole and round', () => {
    expect(nextHole(rows, null, 1)?.placed.bar.id).toBe('b')
    expect(nextHole(rows, 'b', 1)?.placed.bar.id).toBe('c')
    expect(nextHole(rows, 'c', 1)?.placed.bar.id).toBe('b')
    expect(nextHole(rows, null, -1)?.placed.bar.id).toBe('c')
    expect(nextHole(rowsOf(places(['v1', 't', [shift('a', 0, 9, 11, 2)]]), scale, 'venue'), null, 1)).toBeNull()
  })
})
