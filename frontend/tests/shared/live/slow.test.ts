// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Line } from '@shared/live/live'
import { slowWay, type ReadEntries } from '@shared/live/slow'

const EVERY = 1000

describe('the slow way', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('brings entries and what is ill while no socket gets through, and stops when it is left', async () => {
    const told: (readonly string[])[] = []
    const seen: number[] = []
    const open = () => ({ readyState: 0, close: () => undefined, send: () => undefined }) as unknown as WebSocket
    const line = new Line({ url: 'ws://127.0.0.1:9/', build: 'test', open, random: () => 0.5, health: ill => void told.push(ill) })
    line.follow('region:3505', { epoch: 'e', seq: 4 }, { entry: entry => void seen.push(entry.seq), reset: () => undefined, lost: () => undefined })
    const read = vi.fn<ReadEntries>(async (topic, since) => ({
      epoch: 'e', entries: [{ topic, seq: since + 1, kind: 'assignment.accepted', id: 'a', data: {} }], ill: since > 4 ? [] : ['mail'],
    }))
    const leave = slowWay(line, read, () => 0.5, EVERY)
    await vi.advanceTimersByTimeAsync(EVERY * 2)
    expect([seen, told]).toEqual([[5, 6], [['mail'], []]])
    leave()
    await vi.advanceTimersByTimeAsync(EVERY * 5)
    expect(read).toHaveBeenCalledTimes(2)
    line.close()
  })
})
