/** How a deed of the outbox reaches the server, and what its answer means. */
import { answerOf, type Answer, type Deed } from '../outbox/deed'
import { reach, spokenNow } from './http'
import { Unreachable } from './problem'

export async function sendDeed(deed: Deed): Promise<Answer> {
  const request = new Request(new URL(deed.path, location.origin), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': deed.key, 'Accept-Language': spokenNow() },
    body: JSON.stringify(deed.body),
  })
  try {
    const response = await reach(request)
    const body: unknown = await response.json().catch(() => null)
    return answerOf(response.status, body, response.headers.get('Retry-After'))
  } catch (error) {
    if (error instanceof Unreachable) return { outcome: 'later', wait: 0 }
    throw error
  }
}
