/** What can go wrong with a call, as the screens tell it: the server said no, or was not reached at all. */

export interface Fault {
  field: string
  row?: number | null
  text: string
}

export interface Reason {
  rule: string
  text: string
  remedy: string | null
}

/** The server's own words (RFC 9457), already in the person's language. */
export class Problem extends Error {
  readonly faults: Fault[]
  readonly reasons: Reason[]

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${status} ${code}`)
    this.faults = list(body.faults) as Fault[]
    this.reasons = list(body.reasons) as Reason[]
  }
}

/** No answer: offline, cut, or too slow. */
export class Unreachable extends Error {}

/** Whether the same call may well succeed a little later. */
export function passing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 429))
}

/** Any body that came with a bad status, even one that a proxy made. */
export function problemOf(status: number, body: unknown): Problem {
  const raw = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (name: string) => (typeof raw[name] === 'string' ? (raw[name] as string) : '')
  return new Problem(status, text('code') || `status_${status}`, text('title'), text('detail'), raw)
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
