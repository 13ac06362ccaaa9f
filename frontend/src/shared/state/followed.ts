/**
 * A view that is read once and then follows the journal: snapshot, entries, and the snapshot again whenever the line or
 * a reducer asks. Framework-free: a screen gets a fresh frozen state at each change.
 */
import type { Entry } from '../live/frames'
import type { Following, Line } from '../live/live'
import type { Live } from '../wire'
import { delay } from '../live/backoff'
import { passing } from '../api/problem'
import type { Reduce } from './facts'

export interface Kept<View> {
  read(): Promise<{ view: View; at: number } | null>
  write(view: View): Promise<void>
}

export interface FollowedState<View> {
  view: View | null
  /** The first read is under way and there is nothing to show. */
  loading: boolean
  /** The last read failed; what is shown, if anything, is older. */
  error: unknown
  /** When the snapshot on screen was read; milliseconds. Zero before the first. */
  readAt: number
}

export interface FollowedOptions<View> {
  load: (signal: AbortSignal) => Promise<View>
  reduce: Reduce<View>
  line: Line
  changed: (state: FollowedState<View>) => void
  keep?: Kept<View>
  /** Hears each entry, after it was applied. */
  heard?: (entry: Entry) => void
  /** Changes are told at most once in so many milliseconds. */
  every?: number
}

const RELOAD_AFTER = 400

export class Followed<View extends { live: Live }> {
  #options: FollowedOptions<View>
  #state: FollowedState<View> = { view: null, loading: true, error: null, readAt: 0 }
  #followings = new Map<string, Following>()
  /** Topics that are not there for this person: the view stands without them, or it would be read again for ever. */
  #barred = new Set<string>()
  #reading: AbortController | null = null
  #timers: { tell?: ReturnType<typeof setTimeout>; reload?: ReturnType<typeof setTimeout> } = {}
  #failures = 0
  #stopped = false

  constructor(options: FollowedOptions<View>) {
    this.#options = options
  }

  get state(): FollowedState<View> {
    return this.#state
  }

  /** Shows what was kept, if anything, while it reads. */
  async start(): Promise<void> {
    const reading = this.reload()
    const kept = await this.#options.keep?.read()
    if (kept && !this.#state.view && !this.#stopped) this.#set({ view: kept.view, readAt: kept.at, loading: false })
    await reading
  }

  /** Reads the snapshot now. A read that is under way is given up for the newer one. */
  async reload(): Promise<void> {
    clearTimeout(this.#timers.reload)
    this.#timers.reload = undefined
    this.#reading?.abort()
    const reading = new AbortController()
    this.#reading = reading
    try {
      const view = await this.#options.load(reading.signal)
      if (reading.signal.aborted) return
      this.#failures = 0
      this.#set({ view, loading: false, error: null, readAt: Date.now() })
      this.#follow(view.live)
      await this.#options.keep?.write(view)
    } catch (error) {
      if (reading.signal.aborted) return
      this.#set({ loading: false, error })
      if (passing(error)) this.#again(delay(this.#failures++, Math.random) + RELOAD_AFTER)
    }
  }

  /** The network or the person is back: what could not be read is read now. */
  wake(): void {
    if (this.#state.error && passing(this.#state.error)) void this.reload()
  }

  /** Several reasons to read again within a moment are one. */
  reloadSoon(): void {
    this.#again(RELOAD_AFTER)
  }

  #again(wait: number): void {
    if (!this.#stopped) this.#timers.reload ??= setTimeout(() => void this.reload(), wait)
  }

  /** A change that the screen knows from a server's answer, before its entry arrives. */
  change(change: (view: View) => View): void {
    if (this.#state.view) this.#set({ view: change(this.#state.view) })
  }

  stop(): void {
    this.#stopped = true
    this.#reading?.abort()
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    for (const following of this.#followings.values()) following.stop()
    this.#followings.clear()
  }

  #follow(live: Live): void {
    for (const [topic, following] of this.#followings) {
      if (topic in live.topics) continue
      following.stop()
      this.#followings.delete(topic)
    }
    for (const [topic, seq] of Object.entries(live.topics)) {
      if (this.#barred.has(topic)) continue
      const position = { epoch: live.epoch, seq }
      const known = this.#followings.get(topic)
      if (known) known.moveTo(position)
      else this.#followings.set(topic, this.#options.line.follow(topic, position, this.#follower(topic)))
    }
  }

  #follower(topic: string) {
    return {
      entry: (entry: Entry) => this.#apply(entry),
      reset: () => this.reloadSoon(),
      lost: () => {
        this.#followings.delete(topic)
        this.#barred.add(topic)
        this.reloadSoon()
      },
    }
  }

  #apply(entry: Entry): void {
    if (!this.#state.view) return
    const { view, reload } = this.#options.reduce(this.#state.view, entry)
    if (view !== this.#state.view) this.#set({ view })
    if (reload) this.reloadSoon()
    this.#options.heard?.(entry)
  }

  #set(part: Partial<FollowedState<View>>): void {
    if (this.#stopped) return
    this.#state = { ...this.#state, ...part }
    const every = this.#options.every ?? 0
    if (!every) return this.#options.changed(this.#state)
    this.#timers.tell ??= setTimeout(() => {
      this.#timers.tell = undefined
      this.#options.changed(this.#state)
    }, every)
  }
}
