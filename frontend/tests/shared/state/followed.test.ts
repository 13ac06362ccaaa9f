// @vitest-environment node
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Unreachable } from '@shared/api/problem'
import { Line } from '@shared/live/live'
import { slowWay } from '@shared/live/slow'
import { Followed, type FollowedState } from '@shared/state/followed'
import { Journal } from '../live/journal'

interface View {
  ids: string[]
  live: { epoch: string; topics: Record<string, number> }
}

let journal: Journal
let line: Line
let states: FollowedState<View>[]
let reads: number
const stops: (() => void)[] = []

const snapshot = (): View => ({
  ids: journal.log('event:a').map(entry => String(entry.id)),
  live: { epoch: journal.epoch, topics: { 'event:a': journal.log('event:a').length } },
})

function follow(load: () => Promise<View> = async () => (reads++, snapshot())): Followed<View> {
  const followed = new Followed<View>({
    line, load, changed: state => states.push(state),
    reduce: (view, entry) => ({ view: { ...view, ids: [...view.ids, entry.id] }, reload: entry.id === 'unknown' }),
  })
  stops.push(() => followed.stop())
  return followed
}

beforeEach(async () => {
  journal = await Journal.open()
  line = new Line({ url: journal.url, build: 'test', random: () => 0 })
  states = []
  reads = 0
})

afterEach(async () => {
  stops.splice(0).forEach(stop => stop())
  line.close()
  await journal.close()
})

it('snapshot and entries equal a fresh snapshot, through cuts and resets', async () => {
  const followed = follow()
  await followed.start()
  for (let round = 0; round < 5; round++) {
    await vi.waitFor(() => expect(line.status.state).toBe('live'))
    journal.write('event:a', `x${round}`)
    if (round === 1) journal.cut()
    if (round === 2) journal.push('event:a', { k: 'reset', t: 'event:a', why: 'slow' })
    if (round === 3) {
      journal.mute = true
      journal.write('event:a', 'never pushed')
      journal.mute = false
      journal.ping()
    }
    await vi.waitFor(() => expect(followed.state.view?.ids).toEqual(snapshot().ids), { timeout: 5000 })
  }
  expect(reads).toBe(2)
})

it('reads again when a reducer cannot be whole', async () => {
  const followed = follow()
  await followed.start()
  await vi.waitFor(() => expect(line.status.state).toBe('live'))
  journal.write('event:a', 'unknown')
  await vi.waitFor(() => expect(reads).toBe(2), { timeout: 5000 })
  expect(followed.state.view?.ids).toEqual(['unknown'])
})

it('keeps what it shows when a later read fails, and says so', async () => {
  let fail = false
  const followed = follow(async () => {
    if (fail) throw new Error('no network')
    return snapshot()
  })
  await followed.start()
  fail = true
  await followed.reload()
  expect(states.at(-1)?.view).not.toBeNull()
  expect(String(states.at(-1)?.error)).toContain('no network')
  fail = false
  await followed.reload()
  expect(states.at(-1)?.error).toBeNull()
})

it('reads again by itself what the network kept away, and at once when the person is back', async () => {
  let away = true
  const followed = follow(async () => {
    reads++
    if (away) throw new Unreachable('offline')
    return snapshot()
  })
  await followed.start()
  expect(followed.state.error).toBeInstanceOf(Unreachable)
  away = false
  followed.wake()
  await vi.waitFor(() => expect(followed.state.view).not.toBeNull())
  expect(followed.state.error).toBeNull()
  away = true
  await followed.reload()
  away = false
  await vi.waitFor(() => expect(followed.state.error).toBeNull(), { timeout: 5000 })
})

it('goes on by the slow way while the line is down', async () => {
  const followed = follow()
  await followed.start()
  await vi.waitFor(() => expect(line.status.state).toBe('live'))
  const { port } = journal
  await journal.close()
  const log = journal.log('event:a')
  log.push({ s: 1, e: 'offer.accepted', id: 'by http', d: {} })
  const read = async (topic: string, since: number) => ({
    epoch: 'e1',
    entries: log.slice(since).map(row => ({ topic, seq: Number(row.s), kind: String(row.e), id: String(row.id), data: {} })),
    ill: [],
  })
  stops.push(slowWay(line, read, () => 0, 100))
  await vi.waitFor(() => expect(followed.state.view?.ids).toEqual(['by http']), { timeout: 5000 })
  journal = await Journal.open(port)
})
