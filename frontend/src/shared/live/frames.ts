/** What travels on the live line, version 1: JSON text frames with a kind `k`. Unknown kinds and fields are ignored. */

export const VERSION = 1

/** One fact of the journal as the line tells it: ids, statuses, counts and the whole changed row; never a name. */
export interface Entry {
  topic: string
  /** Position in its topic: 1, 2, 3 … without gaps. */
  seq: number
  /** `noun.past`, as in `offer.accepted`. */
  kind: string
  /** The thing it happened to. */
  id: string
  data: Readonly<Record<string, unknown>>
}

export type ResetReason = 'epoch' | 'old' | 'ahead' | 'slow' | 'rights'

export type Frame =
  | { k: 'hello'; epoch: string; ping: number }
  | { k: 'entries'; topic: string; entries: Entry[] }
  | { k: 'skip'; topic: string; seq: number }
  | { k: 'live'; topic: string; seq: number }
  | { k: 'reset'; topic: string; why: ResetReason }
  | { k: 'ping'; heads: Readonly<Record<string, number>> }
  | { k: 'ok'; request: number }
  | { k: 'err'; request: number; code: number }
  | { k: 'bye'; spread: number }
  /** Who looks at the topic, or at what of it, has changed. */
  | { k: 'here'; topic: string }
  /** What does not work just now, by name; nothing: all does again. */
  | { k: 'health'; ill: string[] }

type Raw = Readonly<Record<string, unknown>>

/** A frame, or nothing for one that this version does not know. Text that is no JSON object is an error of the line. */
export function readFrame(text: string): Frame | null {
  const raw: unknown = JSON.parse(text)
  if (!isRaw(raw)) throw new TypeError('a frame must be a JSON object')
  switch (raw.k) {
    case 'hello':
      return { k: 'hello', epoch: str(raw.epoch), ping: num(raw.ping) }
    case 'ev':
      return { k: 'entries', topic: str(raw.t), entries: [entryOf(str(raw.t), raw)] }
    case 'evs':
      return { k: 'entries', topic: str(raw.t), entries: rows(raw.a).map(row => entryOf(str(raw.t), row)) }
    case 'skip':
    case 'live':
      return { k: raw.k, topic: str(raw.t), seq: num(raw.s) }
    case 'reset':
      return { k: 'reset', topic: str(raw.t), why: str(raw.why) as ResetReason }
    case 'ping':
      return { k: 'ping', heads: isRaw(raw.h) ? (raw.h as Record<string, number>) : {} }
    case 'ok':
      return { k: 'ok', request: num(raw.r) }
    case 'err':
      return { k: 'err', request: num(raw.r), code: num(raw.code) }
    case 'bye':
      return { k: 'bye', spread: num(raw.spread) }
    case 'here':
      return { k: 'here', topic: str(raw.t) }
    case 'health':
      return { k: 'health', ill: Array.isArray(raw.ill) ? raw.ill.filter(part => typeof part === 'string') : [] }
    default:
      return null
  }
}

/** Positions to resume from: topic → last seq that was applied. */
export function hello(build: string, epoch: string, since: Readonly<Record<string, number>>): string {
  return JSON.stringify({ k: 'hello', v: VERSION, build, since: { epoch, ...since } })
}

export function sub(topic: string, epoch: string, seq: number, request: number): string {
  return JSON.stringify({ k: 'sub', t: topic, s: seq, r: request, epoch })
}

export function unsub(topic: string, request: number): string {
  return JSON.stringify({ k: 'unsub', t: topic, r: request })
}

export const PONG = JSON.stringify({ k: 'pong' })

/** An entry from one row of a frame, or of `GET /api/entries`: `s`, `e`, `id`, `d`. */
export function entryOf(topic: string, raw: Raw): Entry {
  return { topic, seq: num(raw.s), kind: str(raw.e), id: str(raw.id), data: isRaw(raw.d) ? raw.d : {} }
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rows(value: unknown): Raw[] {
  return Array.isArray(value) ? value.filter(isRaw) : []
}

function str(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function num(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
