/**
 * Deeds go out one after another, in the order of the taps, each until it has an answer. Offline they wait and are sent
 * when the network, the person or the page comes back. Nothing here says "accepted": only the server's answer does.
 */
import { delay } from '../live/backoff'
import { newKey, type Answer, type Deed } from './deed'
import type { Shelf } from './shelf'

/** A deed at which the server fails so often is handed back with its words: others wait behind it. */
const BROKEN = 8

export type Send = (deed: Deed) => Promise<Answer>
export type Settled = { deed: Deed; answer: Extract<Answer, { outcome: 'done' | 'refused' }> }

export interface OutboxOptions {
  owner: string
  shelf: Shelf
  send: Send
  now?: () => number
  random?: () => number
}

export class Outbox {
  #options: Required<OutboxOptions>
  #queue: Deed[] = []
  #running: Promise<void> | null = null
  #failures = 0
  #broken = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #closed = false
  #watchers = new Set<(queue: readonly Deed[]) => void>()
  #listeners = new Set<(settled: Settled) => void>()

  private constructor(options: Required<OutboxOptions>, queue: Deed[]) {
    this.#options = options
    this.#queue = queue
  }

  /** Takes up what an earlier page left. Call `flush` to send it. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const full = { now: Date.now, random: Math.random, ...options }
    return new Outbox(full, await options.shelf.all(options.owner))
  }

  get lasting(): boolean {
    return this.#options.shelf.lasting
  }

  get queue(): readonly Deed[] {
    return this.#queue
  }

  watch(watcher: (queue: readonly Deed[]) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#queue)
    return () => this.#watchers.delete(watcher)
  }

  onSettled(listener: (settled: Settled) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Keeps the deed first, then tries to send it; when it cannot be kept it is not queued either, and this throws. A second tap on the same thing with the same verb is the same deed. */
  async add(what: Pick<Deed, 'about' | 'verb' | 'path' | 'body'>): Promise<Deed> {
    const twin = this.#queue.find(deed => deed.about === what.about && deed.verb === what.verb)
    if (twin) return twin
    const now = this.#options.now()
    const key = newKey(now, bytes => crypto.getRandomValues(bytes))
    const deed: Deed = { ...what, key, owner: this.#options.owner, madeAt: new Date(now).toISOString() }
    this.#change([...this.#queue, deed])
    try {
      await this.#options.shelf.put(deed)
    } catch (error) {
      this.#change(this.#queue.filter(other => other !== deed))
      throw error
    }
    void this.flush()
    return deed
  }

  /** Takes back what has not been sent. False when it is gone, or on its way. */
  async drop(key: string): Promise<boolean> {
    if (this.#running || !this.#queue.some(deed => deed.key === key)) return false
    await this.#forget(key)
    return true
  }

  /** Sends until the queue is empty or the server cannot be reached; one run at a time. */
  flush(): Promise<void> {
    clearTimeout(this.#retry)
    this.#running ??= this.#run().finally(() => (this.#running = null))
    return this.#running
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#watchers.clear()
    this.#listeners.clear()
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const deed = this.#queue[0]
      if (!deed) return
      let answer = await this.#options.send(deed)
      if (answer.outcome === 'signin') return
      if (answer.outcome === 'later') {
        this.#broken = answer.broken ? this.#broken + 1 : 0
        if (!answer.broken || this.#broken < BROKEN) return this.#again(answer.wait)
        answer = { outcome: 'refused', ...answer.broken }
      }
      this.#failures = this.#broken = 0
      await this.#forget(deed.key)
      for (const listener of this.#listeners) listener({ deed, answer })
    }
  }

  #again(least: number): void {
    const wait = delay(this.#failures++, this.#options.random, least)
    this.#retry = setTimeout(() => void this.flush(), wait)
  }

  async #forget(key: string): Promise<void> {
    await this.#options.shelf.remove(key)
    this.#change(this.#queue.filter(deed => deed.key !== key))
  }

  #change(queue: Deed[]): void {
    this.#queue = queue
    for (const watcher of this.#watchers) watcher(queue)
  }
}
