/**
 * One line to the server that many views follow. It resumes where each view stands, asks again when it sees a hole,
 * tells a view to read its snapshot again when the server says so, and comes back by itself. Nothing is lost silently:
 * a follower is given seq n only right after n − 1. State is never changed through the line.
 */
import { PONG, hello, readFrame, sub, unsub, type Entry, type Frame, type ResetReason } from './frames'
import { STABLE, delay, leastWait, stopReason, type StopReason } from './backoff'

export type Status =
  | { state: 'idle' | 'connecting' | 'live' }
  | { state: 'waiting'; until: number }
  | { state: 'stopped'; why: StopReason }

/** Where a view stands: the epoch and the number at which its snapshot was read. */
export interface Position {
  epoch: string
  seq: number
}

/** What the slow way brings: entries, and which parts of the server do not work. */
export interface Read {
  epoch: string
  entries: readonly Entry[]
  ill: readonly string[]
}

export interface Follower {
  entry(entry: Entry): void
  /** Read the snapshot again, then `moveTo` its position. Entries stay away until then. */
  reset(why: ResetReason): void
  /** The topic is not there for this person, or no longer. */
  lost(code: number): void
}

export interface Following {
  moveTo(position: Position): void
  stop(): void
}

export interface LineOptions {
  url: string
  build: string
  open?: (url: string) => WebSocket
  random?: () => number
  hidden?: () => boolean
  silence?: number
  /** Told which parts of the server do not work, whenever that changes. */
  health?: (ill: readonly string[]) => void
}

interface Seat extends Position {
  topic: string
  follower: Follower
  /** Resetting: waits for `moveTo`. */
  paused: boolean
}

/** A question to the server about one topic: the latest request, from where, and how many answers are still owed. */
interface Asked {
  request: number
  from: number
  owed: number
}

const SILENCE = 60_000
const HIDDEN_SPREAD = 10_000

export class Line {
  #options: Required<LineOptions>
  #seats = new Set<Seat>()
  #asked = new Map<string, Asked>()
  #socket: WebSocket | null = null
  #epoch = ''
  #request = 0
  #failures = 0
  #spread: number | null = null
  #timers: Partial<Record<'retry' | 'silence' | 'stable', ReturnType<typeof setTimeout>>> = {}
  #watchers = new Set<(status: Status) => void>()
  #heeding = new Set<(topic: string) => void>()
  #status: Status = { state: 'idle' }
  #heard = 0

  constructor(options: LineOptions) {
    const defaults = { open: (url: string) => new WebSocket(url), random: Math.random, hidden: () => false, silence: SILENCE, health: () => {} }
    this.#options = { ...defaults, ...options }
  }

  get status(): Status {
    return this.#status
  }

  /** Tells the status now and at each change, until the returned function is called. */
  watch(watcher: (status: Status) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#status)
    return () => this.#watchers.delete(watcher)
  }

  /** Hears of topics whose onlookers changed, until the returned function is called. Some of it may be lost. */
  heed(hear: (topic: string) => void): () => void {
    this.#heeding.add(hear)
    return () => this.#heeding.delete(hear)
  }

  follow(topic: string, from: Position, follower: Follower): Following {
    const seat: Seat = { topic, ...from, follower, paused: false }
    this.#seats.add(seat)
    this.#joined(seat)
    return {
      moveTo: position => {
        Object.assign(seat, position, { paused: false })
        this.#joined(seat)
      },
      stop: () => this.#left(seat),
    }
  }

  /** Connects when there is something to follow and no line yet; a waiting line comes back at once. */
  wake(): void {
    if (this.#status.state === 'stopped' || !this.#seats.size) return
    const quiet = this.#socket !== null && Date.now() - this.#heard > this.#options.silence / 2
    if (quiet) this.#drop()
    if (!this.#socket) this.#connect()
  }

  /** After signing in again, or on a new page load: forget why the line was stopped. */
  restart(): void {
    this.#drop()
    this.#failures = 0
    this.#set({ state: 'idle' })
    this.wake()
  }

  /** Where each followed topic stands: the oldest position of its views. For readers by the slow way. */
  positions(): Map<string, Position> {
    const oldest = new Map<string, Position>()
    for (const { topic, epoch, seq, paused } of this.#seats) {
      const known = oldest.get(topic)
      if (!paused && (!known || seq < known.seq)) oldest.set(topic, { epoch, seq })
    }
    return oldest
  }

  /** Entries that came by the slow way while the line is down; the same rules hold. `null`: start the topic afresh. */
  feed(topic: string, read: Read | null): void {
    if (this.#status.state === 'live') return
    if (read) this.#options.health(read.ill)
    for (const seat of this.#on(topic)) if (read?.epoch !== seat.epoch) this.#reset(seat, read ? 'epoch' : 'old')
    for (const entry of read?.entries ?? []) this.#step(topic, entry.seq, entry)
  }

  close(): void {
    this.#drop()
    this.#seats.clear()
    this.#set({ state: 'idle' })
  }

  #joined(seat: Seat): void {
    if (this.#status.state !== 'live') return this.wake()
    if (this.#epoch !== seat.epoch) return this.#reset(seat, 'epoch')
    this.#ask(seat.topic)
  }

  #left(seat: Seat): void {
    this.#seats.delete(seat)
    if (this.#on(seat.topic).length) return
    this.#asked.delete(seat.topic)
    if (this.#status.state === 'live') this.#send(unsub(seat.topic, ++this.#request))
    if (!this.#seats.size) {
      this.#drop()
      this.#set({ state: 'idle' })
    }
  }

  #on(topic: string): Seat[] {
    return [...this.#seats].filter(seat => seat.topic === topic && !seat.paused)
  }

  /** Asks for everything after the oldest position on the topic; once, until the answer is complete. */
  #ask(topic: string): void {
    const seats = this.#on(topic)
    if (!seats.length) return
    const from = Math.min(...seats.map(seat => seat.seq))
    this.#asked.set(topic, { request: ++this.#request, from, owed: (this.#asked.get(topic)?.owed ?? 0) + 1 })
    this.#send(sub(topic, this.#epoch, from, this.#request))
  }

  #connect(): void {
    clearTimeout(this.#timers.retry)
    this.#set({ state: 'connecting' })
    const socket = this.#options.open(this.#options.url)
    this.#socket = socket
    this.#asked.clear()
    const mine = () => socket === this.#socket
    socket.onopen = () => mine() && this.#opened()
    socket.onmessage = message => mine() && this.#received(String(message.data))
    socket.onclose = event => mine() && this.#closed(event.code)
    this.#hear()
  }

  #opened(): void {
    const since: Record<string, number> = {}
    const epoch = [...this.#seats].find(seat => !seat.paused)?.epoch ?? ''
    for (const seat of this.#seats) {
      if (seat.paused || seat.epoch !== epoch) continue
      since[seat.topic] = Math.min(seat.seq, since[seat.topic] ?? seat.seq)
    }
    for (const [topic, from] of Object.entries(since)) this.#asked.set(topic, { request: 0, from, owed: 1 })
    this.#send(hello(this.#options.build, epoch, since))
  }

  #received(text: string): void {
    this.#hear()
    const frame = readFrame(text)
    if (frame) this.#act(frame)
  }

  #act(frame: Frame): void {
    if (frame.k === 'hello') return this.#greeted(frame.epoch)
    if (frame.k === 'entries') return frame.entries.forEach(entry => this.#step(entry.topic, entry.seq, entry))
    if (frame.k === 'skip') return this.#step(frame.topic, frame.seq, null)
    if (frame.k === 'live') return this.#caughtUp(frame.topic, frame.seq)
    if (frame.k === 'reset') return this.#startAfresh(frame.topic, frame.why)
    if (frame.k === 'ping') return this.#pinged(frame.heads)
    if (frame.k === 'err') return this.#refused(frame.request, frame.code)
    if (frame.k === 'bye') this.#spread = frame.spread
    if (frame.k === 'here') for (const hear of this.#heeding) hear(frame.topic)
    if (frame.k === 'health') this.#options.health(frame.ill)
  }

  /** Who joined after our hello had left was not named in it, and is asked for now. */
  #greeted(epoch: string): void {
    this.#epoch = epoch
    this.#options.health([]) // what is ill is said right after the greeting
    this.#set({ state: 'live' })
    clearTimeout(this.#timers.stable)
    this.#timers.stable = setTimeout(() => (this.#failures = 0), STABLE)
    for (const seat of this.#seats) if (!seat.paused && seat.epoch !== epoch) this.#reset(seat, 'epoch')
    for (const topic of new Set([...this.#seats].map(seat => seat.topic))) if (!this.#asked.has(topic)) this.#ask(topic)
  }

  #step(topic: string, seq: number, entry: Entry | null): void {
    let hole = false
    for (const seat of this.#on(topic)) {
      if (seat.seq >= seq) continue
      if (seat.seq + 1 < seq) {
        hole = true
        continue
      }
      seat.seq = seq
      if (entry) seat.follower.entry(entry)
    }
    if (hole && !this.#asked.has(topic)) this.#ask(topic)
  }

  /** An answer is complete. Who still stands before the head asks once more, or starts afresh if the answer gave nothing. */
  #caughtUp(topic: string, head: number): void {
    const asked = this.#asked.get(topic)
    if (asked && --asked.owed > 0) return
    this.#asked.delete(topic)
    const behind = this.#on(topic).filter(seat => seat.seq < head)
    if (!behind.length) return
    if (asked && behind.some(seat => seat.seq === asked.from)) return behind.forEach(seat => this.#reset(seat, 'old'))
    this.#ask(topic)
  }

  #pinged(heads: Readonly<Record<string, number>>): void {
    this.#send(PONG)
    for (const [topic, head] of Object.entries(heads)) {
      if (!this.#asked.has(topic) && this.#on(topic).some(seat => seat.seq < head)) this.#ask(topic)
    }
  }

  #refused(request: number, code: number): void {
    const topic = [...this.#asked].find(([, asked]) => asked.request === request)?.[0]
    if (topic === undefined) return
    this.#asked.delete(topic)
    for (const seat of this.#on(topic)) {
      this.#seats.delete(seat)
      seat.follower.lost(code)
    }
  }

  /** A view that already stands in this epoch has done so since its hello: the server's word comes late. */
  #startAfresh(topic: string, why: ResetReason): void {
    this.#asked.delete(topic)
    for (const seat of this.#on(topic)) if (why !== 'epoch' || seat.epoch !== this.#epoch) this.#reset(seat, why)
  }

  /** A tab that nobody looks at takes its time, so that a restart is not followed by a wave of snapshots. */
  #reset(seat: Seat, why: ResetReason): void {
    seat.paused = true
    const wait = this.#options.hidden() ? this.#options.random() * HIDDEN_SPREAD : 0
    const tell = () => this.#seats.has(seat) && seat.follower.reset(why)
    if (wait) setTimeout(tell, wait)
    else tell()
  }

  #closed(code: number): void {
    const stop = stopReason(code)
    const spread = this.#spread
    this.#drop()
    if (stop) return this.#set({ state: 'stopped', why: stop })
    const random = this.#options.random
    const wait = spread === null ? delay(this.#failures++, random, leastWait(code)) : random() * spread
    this.#set({ state: 'waiting', until: Date.now() + wait })
    this.#timers.retry = setTimeout(() => this.#connect(), wait)
  }

  #drop(): void {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    const socket = this.#socket
    this.#socket = null
    this.#spread = null
    this.#asked.clear()
    socket?.close()
  }

  #hear(): void {
    this.#heard = Date.now()
    clearTimeout(this.#timers.silence)
    this.#timers.silence = setTimeout(() => this.#closed(1006), this.#options.silence)
  }

  #send(text: string): void {
    if (this.#socket?.readyState === 1) this.#socket.send(text)
  }

  #set(status: Status): void {
    this.#status = status
    for (const watcher of this.#watchers) watcher(status)
  }
}
