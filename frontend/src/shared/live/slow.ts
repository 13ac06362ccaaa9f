/**
 * The slow way: where sockets do not get through, the same journal is read by `GET /api/entries`, every 30 s give or
 * take half, until the line stands again.
 */
import { entryOf } from './frames'
import type { Line, Read, Status } from './live'

/** The answer of one read; `null` when the server says that the position is of no use any more. */
export type ReadEntries = (topic: string, since: number) => Promise<Read | null>

const EVERY = 30_000

export function slowWay(line: Line, read: ReadEntries, random: () => number = Math.random, every = EVERY): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => (timer = setTimeout(() => void round(), every * (0.5 + random())))
  const round = async () => {
    for (const [topic, { seq }] of line.positions()) {
      const answer = await read(topic, seq).catch(() => undefined)
      if (answer === undefined) break // not reached either: the next round asks again
      line.feed(topic, answer)
    }
    if (timer !== undefined) wait()
  }
  const changed = (status: Status) => {
    const down = status.state === 'waiting' || status.state === 'connecting'
    if (down && timer === undefined) wait()
    if (!down) {
      clearTimeout(timer)
      timer = undefined
    }
  }
  const leave = line.watch(changed)
  return () => {
    leave()
    clearTimeout(timer)
    timer = undefined
  }
}

/** Reads a page of entries as the server sends it. */
export function pageOf(page: { epoch: string; topic: string; items: readonly object[]; ill: readonly string[] }): Read {
  return { epoch: page.epoch, entries: page.items.map(item => entryOf(page.topic, item as Record<string, unknown>)), ill: page.ill }
}
