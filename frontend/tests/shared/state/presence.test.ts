// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NOBODY, Presence, type Beat } from '@shared/state/presence'
import type { Around } from '@shared/wire'

const other = { initials: '陈YQ', shift: 's1', need: null, since: '2026-01-01T00:00:00Z' }
const around: Around = { others: [other], held: false, ousted: null, seconds: 45 }
let beats: Beat[]
let left: number
let told: Around[]
let answer: (at: Beat) => Promise<Around>
let presence: Presence

beforeEach(() => {
  vi.useFakeTimers()
  beats = []
  left = 0
  told = []
  answer = () => Promise.resolve(around)
  presence = new Presence(
    { region: '350502', shift: null, need: null },
    {
      beat: at => (beats.push(at), answer(at)),
      leave: () => (left++, Promise.resolve()),
      changed: next => void told.push(next),
      every: 1000,
      soon: 10,
    },
  )
})
afterEach(() => vi.useRealTimers())

describe('presence', () => {
  it('beats as long as somebody looks, and says so when nobody does any more', async () => {
    presence.soon()
    await vi.advanceTimersByTimeAsync(3050)
    expect(beats).toHaveLength(4)
    expect(told.at(-1)).toEqual(around)
    presence.sleep()
    presence.sleep()
    await vi.advanceTimersByTimeAsync(5000)
    expect([beats.length, left]).toEqual([4, 1])
    presence.wake()
    await vi.advanceTimersByTimeAsync(50)
    expect(beats).toHaveLength(5)
  })

  it('says many reasons at once, and a place that did not change not at all', async () => {
    for (let n = 0; n < 5; n++) presence.soon()
    presence.at({ shift: 's1' })
    await vi.advanceTimersByTimeAsync(50)
    expect(beats.map(one => one.shift)).toEqual(['s1'])
    presence.at({ shift: 's1' })
    await vi.advanceTimersByTimeAsync(50)
    expect(beats).toHaveLength(1)
  })

  it('takes a seat over once, and goes on with the mark', async () => {
    await presence.take('n1', '我来')
    expect(beats).toEqual([{ region: '350502', shift: null, need: 'n1', take: true, word: '我来' }])
    await vi.advanceTimersByTimeAsync(1050)
    expect(beats[1]).toMatchObject({ need: 'n1', take: false, word: '' })
  })

  it('shows nobody when it fails, and tries again', async () => {
    answer = () => Promise.reject(new Error('cut'))
    presence.soon()
    await vi.advanceTimersByTimeAsync(50)
    expect(told).toEqual([NOBODY])
    answer = () => Promise.resolve(around)
    await vi.advanceTimersByTimeAsync(1050)
    expect(told.at(-1)).toEqual(around)
  })

  it('does not show an answer that a later one overtook', async () => {
    const late: ((found: Around) => void)[] = []
    answer = () => new Promise(done => late.push(done))
    presence.soon()
    await vi.advanceTimersByTimeAsync(50)
    const taking = presence.take('n1', '')
    late[1]?.({ ...around, held: true })
    await taking
    late[0]?.(around)
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual([{ ...around, held: true }])
  })
})
