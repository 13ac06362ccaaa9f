/** Who is signed in on this page. The cookie is the server's matter; this knows only what `GET /api/me` answers. */
import type { Me } from '../wire'
import { api } from './calls'
import { Problem } from './problem'

export type SessionState =
  | { kind: 'asking' }
  | { kind: 'known'; me: Me; kept: boolean }
  | { kind: 'anonymous'; ended: boolean }
  | { kind: 'failed'; error: unknown }

const KEY = 'citong.me'

export class Session {
  #state: SessionState = { kind: 'asking' }
  #watchers = new Set<(state: SessionState) => void>()

  /** `keep` lets a page start offline as the person who was last here; it is forgotten at sign-out. */
  constructor(private storage: Storage, private keep: boolean) {}

  get state(): SessionState {
    return this.#state
  }

  watch(watcher: (state: SessionState) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#state)
    return () => this.#watchers.delete(watcher)
  }

  async ask(): Promise<void> {
    const kept = this.keep ? this.#kept() : null
    if (kept) this.#set({ kind: 'known', me: kept, kept: true })
    try {
      this.enter(await api.me())
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return this.#leave(kept !== null)
      if (!kept) this.#set({ kind: 'failed', error })
    }
  }

  enter(me: Me): void {
    if (this.keep) this.storage.setItem(KEY, JSON.stringify(me))
    this.#set({ kind: 'known', me, kept: false })
  }

  /** The server no longer knows the session. */
  end(): void {
    if (this.#state.kind === 'known') this.#leave(true)
  }

  async signOut(): Promise<void> {
    await api.signOut()
    this.#leave(false)
  }

  #leave(ended: boolean): void {
    this.storage.removeItem(KEY)
    this.#set({ kind: 'anonymous', ended })
  }

  #kept(): Me | null {
    const text = this.storage.getItem(KEY)
    return text ? (JSON.parse(text) as Me) : null
  }

  #set(state: SessionState): void {
    this.#state = state
    for (const watcher of this.#watchers) watcher(state)
  }
}
