/** One thing a person did with a tap: kept until the server has answered it, sent once however often it is tried. */

export interface Deed {
  /** Made at the tap, sent as `Idempotency-Key`: a repeat changes nothing. Sorts by time. */
  key: string
  /** Whose deed it is: a queue is never sent under another person's session. */
  owner: string
  /** What it is about, so that its card can show it: an assignment's id, say. */
  about: string
  /** `accept`, `decline` …: the word for banner and card. */
  verb: string
  path: string
  body: Readonly<Record<string, unknown>>
  madeAt: string
}

/** What the server said to a deed. Only `done` means that it happened. `broken`: it failed at the deed itself, which the next try may meet too. */
export type Answer =
  | { outcome: 'done'; body: unknown }
  | { outcome: 'refused'; status: number; problem: unknown }
  | { outcome: 'later'; wait: number; broken?: { status: number; problem: unknown } }
  | { outcome: 'signin' }

/** A key that sorts by the time of the tap and that nobody guesses: 12 hex digits of milliseconds, 20 of chance. */
export function newKey(now: number, random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const chance = [...random(new Uint8Array(10))].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const hex = now.toString(16).padStart(12, '0') + chance
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Reads an HTTP answer. Busy, too early, too many and broken servers are asked again later; all else is final. */
export function answerOf(status: number, body: unknown, retryAfter: string | null): Answer {
  if (status >= 200 && status < 300) return { outcome: 'done', body }
  if (status === 401) return { outcome: 'signin' }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const wait = Math.max(0, Number(retryAfter ?? 0) || 0) * 1000
    return { outcome: 'later', wait, ...(status === 500 ? { broken: { status, problem: body } } : {}) }
  }
  return { outcome: 'refused', status, problem: body }
}
