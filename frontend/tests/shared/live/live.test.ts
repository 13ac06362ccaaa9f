// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Line, type Follower, type Following, type Position } from '@shared/live/live'
import { Journal } from './journal'

class Reader implements Follower {
  seen: number[] = []
  resets: string[] = []
  gone: number[] = []
  following: Following | null = null
  constructor(private snapshot: () => Position) {}
  entry = (entry: { seq: number }) => void this.seen.push(entry.seq)
  reset = (why: string) => {
    this.resets.push(why)
    this.following?.moveTo(this.snapshot())
  }
  lost = (code: number) => void this.gone.push(code)
}

let journal: Journal
let line: Line
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const head = (topic: string) => (): Position => ({ epoch: journal.epoch, seq: journal.log(topic).length })

function read(topic: string, from = head(topic)()): Reader {
  const reader = new Reader(head(topic))
  reader.following = line.follow(topic, from, reader)
  return reader
}

beforeEach(async () => {
  journal = await Journal.open()
  line = new Line({ url: journal.url, build: 'test', random: () => 0 })
})

afterEach(async () => {
  line.close()
  await journal.close()
})

describe('a line', () => {
  it('passes on what is ill, and forgets it with each greeting', async () => {
    const told: string[][] = []
    line.close()
    line = new Line({ url: journal.url, build: 'test', random: () => 0, health: ill => void told.push([...ill]) })
    read('event:a')
    await vi.waitFor(() => expect(told).toEqual([[]]))
    journal.push(null, { k: 'health', ill: ['clock', 7, 'mail.held'] })
    await vi.waitFor(() => expect(told).toEqual([[], ['clock', 'mail.held']]))
    journal.cut()
    await vi.waitFor(() => expect(told).toEqual([[], ['clock', 'mail.held'], []]))
  })

  it('tells who heeds it that onlookers changed, until they stop', async () => {
    const told: string[] = []
    const stop = line.heed(topic => void told.push(topic))
    read('region:1')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.push(null, { k: 'here', t: 'region:1' })
    await vi.waitFor(() => expect(told).toEqual(['region:1']))
    stop()
    journal.push(null, { k: 'here', t: 'region:1' })
    journal.write('region:1', 'x')
    await vi.waitFor(() => expect(line.positions().get('region:1')?.seq).toBe(1))
    expect(told).toHaveLength(1)
  })

  it('catches up from the position of the snapshot and then follows', async () => {
    for (let n = 0; n < 450; n++) journal.write('event:a', `x${n}`)
    const reader = read('event:a', { epoch: 'e1', seq: 20 })
    await vi.waitFor(() => expect(reader.seen).toHaveLength(430))
    journal.write('event:a', 'y')
    await vi.waitFor(() => expect(reader.seen).toEqual(numbers(21, 451)))
  })

  it('follows a topic that joined between its hello and the answer to it', async () => {
    journal.silent = true
    read('event:a')
    await vi.waitFor(() => expect(journal.heard).toHaveLength(1))
    const late = read('event:b')
    journal.silent = false
    journal.greet()
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.write('event:b', 'x')
    await vi.waitFor(() => expect(late.seen).toEqual([1]))
  })

  it('drops what it has', async () => {
    const reader = read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.write('event:a', 'x', 3)
    journal.write('event:a', 'y', 2)
    await vi.waitFor(() => expect(reader.seen).toEqual([1, 2]))
  })

  it('asks again when it sees a hole, once, and yields each entry in order', async () => {
    const reader = read('event:a')
    journal.write('event:a', 'x')
    await vi.waitFor(() => expect(reader.seen).toEqual([1]))
    journal.mute = true
    journal.write('event:a', 'lost')
    journal.mute = false
    for (let n = 0; n < 5; n++) journal.write('event:a', 'after')
    await vi.waitFor(() => expect(reader.seen).toEqual(numbers(1, 7)))
    expect(journal.heard.filter(message => message.k === 'sub')).toHaveLength(1)
  })

  it('learns of a silent loss from the heads of a ping, and answers it', async () => {
    const reader = read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.mute = true
    journal.write('event:a', 'lost')
    journal.ping()
    await vi.waitFor(() => expect(reader.seen).toEqual([1]))
    expect(journal.heard).toContainEqual({ k: 'pong' })
  })

  it('comes back after a cut and misses nothing, however often it is cut', async () => {
    const reader = read('event:a')
    for (let round = 0; round < 4; round++) {
      await vi.waitFor(() => expect(line.status.state).toBe('live'))
      journal.write('event:a', 'before')
      journal.cut()
      journal.write('event:a', 'while away')
    }
    await vi.waitFor(() => expect(reader.seen).toEqual(numbers(1, 8)))
    expect(reader.resets).toEqual([])
  })

  it('reads the snapshot again when the epoch changed', async () => {
    const reader = read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.mute = true
    journal.epoch = 'e2'
    journal.logs.set('event:a', [])
    journal.write('event:a', 'in the new epoch')
    journal.cut()
    journal.mute = false
    await vi.waitFor(() => expect(reader.resets).toEqual(['epoch']))
    await vi.waitFor(() => expect(journal.heard.filter(message => message.k === 'sub')).toHaveLength(1))
    journal.write('event:a', 'and one more')
    await vi.waitFor(() => expect(reader.seen).toEqual([2]))
  })

  it('resets one topic when told to, and leaves the others alone', async () => {
    const reader = read('event:a')
    const other = read('event:b')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.push('event:a', { k: 'reset', t: 'event:a', why: 'slow' })
    await vi.waitFor(() => expect(reader.resets).toEqual(['slow']))
    journal.write('event:b', 'x')
    await vi.waitFor(() => expect(other.seen).toEqual([1]))
    expect(other.resets).toEqual([])
  })

  it('serves two views of one topic that stand at different numbers', async () => {
    for (let n = 0; n < 3; n++) journal.write('event:a', 'x')
    const early = read('event:a', { epoch: 'e1', seq: 0 })
    const late = read('event:a', { epoch: 'e1', seq: 3 })
    journal.write('event:a', 'y')
    await vi.waitFor(() => expect(early.seen).toEqual([1, 2, 3, 4]))
    expect(late.seen).toEqual([4])
  })

  it('follows and leaves while connected', async () => {
    read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    const second = read('event:b')
    await vi.waitFor(() => expect(journal.heard.some(message => message.k === 'sub' && message.t === 'event:b')).toBe(true))
    second.following?.stop()
    await vi.waitFor(() => expect(journal.heard.some(message => message.k === 'unsub')).toBe(true))
    expect(line.status.state).toBe('live')
  })

  it('tells a follower whose topic is not there for this person', async () => {
    read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    const stranger = read('forbidden:x')
    await vi.waitFor(() => expect(stranger.gone).toEqual([404]))
  })

  it('skips what is not for it without seeing a hole', async () => {
    const reader = read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.mute = true
    journal.write('event:a', 'not for you')
    journal.push('event:a', { k: 'skip', t: 'event:a', s: 1 })
    journal.mute = false
    journal.write('event:a', 'for you')
    await vi.waitFor(() => expect(reader.seen).toEqual([2]))
    expect(journal.heard.some(message => message.k === 'sub')).toBe(false)
  })

  it('ignores kinds of frames that it does not know', async () => {
    const reader = read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.push('event:a', { k: 'weather', t: 'event:a', s: 99 })
    journal.write('event:a', 'x')
    await vi.waitFor(() => expect(reader.seen).toEqual([1]))
  })

  it.each([
    [4501, 'signin'],
    [4503, 'forbidden'],
    [4504, 'protocol'],
    [4526, 'upgrade'],
  ])('stays away after close code %i and says why', async (code, why) => {
    read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.cut(code)
    await vi.waitFor(() => expect(line.status).toEqual({ state: 'stopped', why }))
    line.wake()
    expect(line.status.state).toBe('stopped')
    line.restart()
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
  })

  it('waits within the spread that the server asks for when it says goodbye', async () => {
    line.close()
    line = new Line({ url: journal.url, build: 'test', random: () => 0.5 })
    read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.push('event:a', { k: 'bye', code: 1012, spread: 60_000 })
    const before = Date.now()
    journal.cut()
    await vi.waitFor(() => expect(line.status.state).toBe('waiting'))
    const status = line.status as { until: number }
    expect(status.until - before).toBeGreaterThanOrEqual(30_000)
    line.wake()
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
  })

  it('stays away for at least a minute when there were too many, and not exactly a minute', async () => {
    line.close()
    line = new Line({ url: journal.url, build: 'test', random: () => 0.5 })
    read('event:a')
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    const before = Date.now()
    journal.cut(4429)
    await vi.waitFor(() => expect(line.status.state).toBe('waiting'))
    expect((line.status as { until: number }).until - before).toBeGreaterThanOrEqual(90_000)
  })

  it('takes a line that says nothing for dead', async () => {
    line.close()
    line = new Line({ url: journal.url, build: 'test', random: () => 0, silence: 200 })
    read('event:a')
    await vi.waitFor(() => expect(journal.hellos).toBeGreaterThan(1), { timeout: 5000 })
  })
})
