/** One typed client for all calls. Writes carry an idempotency key; a bad answer becomes a `Problem`, none `Unreachable`. */
import createClient from 'openapi-fetch'
import { newKey } from '../outbox/deed'
import type { paths } from '../wire'
import { Unreachable, problemOf } from './problem'

const PATIENCE_MS = 20_000
let language = 'zh-CN'

/** The language in which the server words its answers from now on. */
export function speak(locale: string): void {
  language = locale
}

export function spokenNow(): string {
  return language
}

export function freshKey(): string {
  return newKey(Date.now(), bytes => crypto.getRandomValues(bytes))
}

/** A header set for a write that is tried once, by hand: the key is made here. */
export function once(): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': freshKey() }
}

/** `fetch` with a limit of time, whose only failure is `Unreachable`. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]) })
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new Unreachable(String(error))
  }
}

export const http = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: reach })

http.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language)
    return request
  },
})

interface Answered {
  data?: unknown
  error?: unknown
  response: Response
}

/** The body of a good answer, or the problem thrown. */
export async function take<A extends Answered>(answer: Promise<A>): Promise<NonNullable<A['data']>> {
  const { data, error, response } = await answer
  if (!response.ok) throw problemOf(response.status, error)
  return data as NonNullable<A['data']>
}
