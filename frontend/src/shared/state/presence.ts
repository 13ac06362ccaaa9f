/**
 * Who else is here: this page says where it looks, is told who else does, and says so again and again while somebody
 * looks at it. Framework-free. Nothing waits for it; where it fails, nobody is shown, and the next beat tries again.
 */
import type { Around } from '../wire'

export interface Place {
  region: string
  shift: string | null
  /** The seat that is worked on. */
  need: string | null
}

export interface Beat extends Place {
  take: boolean
  word: string
}

export interface PresenceOptions {
  beat: (at: Beat) => Promise<Around>
  leave: () => Promise<unknown>
  changed: (around: Around) => void
  every?: number
  soon?: number
}

export const NOBODY: Around = { others: [], held: false, ousted: null, seconds: 0 }
const EVERY = 15_000
/** Several reasons to say it within a moment are one. */
const SOON = 250

export class Presence {
  #options: Required<PresenceOptions>
  #place: Place
  #timers: { beat?: ReturnType<typeof setTimeout>; soon?: ReturnType<typeof setTimeout> } = {}
  #asleep = false
  #told = 0

  constructor(place: Place, options: PresenceOptions) {
    this.#place = place
    this.#options = { every: EVERY, soon: SOON, ...options }
  }

  get place(): Place {
    return this.#place
  }

  /** Looks elsewhere from now on. */
  at(place: Partial<Place>): void {
    const next = { ...this.#place, ...place }
    const same = next.region === this.#place.region && next.shift === this.#place.shift && next.need === this.#place.need
    this.#place = next
    if (!same) this.soon()
  }

  /** Takes the mark of a seat over from whoever has it. */
  async take(need: string, word: string): Promise<void> {
    this.#place = { ...this.#place, need }
    await this.#beat(word)
  }

  /** Others came, left or moved; or it is time to begin. */
  soon(): void {
    if (!this.#asleep) this.#timers.soon ??= setTimeout(() => void this.#beat(), this.#options.soon)
  }

  /** Nobody looks at the page: it is not here. */
  sleep(): void {
    if (this.#asleep) return
    this.#asleep = true
    this.#quiet()
    this.#told++
    void this.#options.leave().catch(() => {}) // it is forgotten within a minute anyway
  }

  wake(): void {
    if (!this.#asleep) return
    this.#asleep = false
    this.soon()
  }

  #quiet(): void {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    this.#timers = {}
  }

  /** `word`: takes the seat over. An answer that a later beat has overtaken is not shown. */
  async #beat(word?: string): Promise<void> {
    this.#quiet()
    const turn = ++this.#told
    const around = await this.#options.beat({ ...this.#place, take: word !== undefined, word: word ?? '' }).catch(() => NOBODY)
    if (turn !== this.#told || this.#asleep) return
    this.#options.changed(around)
    this.#timers.beat = setTimeout(() => void this.#beat(), this.#options.every)
  }
}
