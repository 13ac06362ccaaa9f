import { expect, it, vi } from 'vitest'
import type { Follower, Line } from '@shared/live/live'
import { Followed } from '@shared/state/followed'

it('reads a view once more without a topic that is not there for this person, and not for ever', async () => {
  const followers: Follower[] = []
  const line = { follow: (_topic: string, _from: unknown, follower: Follower) => (followers.push(follower), { moveTo() {}, stop() {} }) }
  let reads = 0
  const followed = new Followed({
    line: line as unknown as Line,
    load: async () => ({ reads: ++reads, live: { epoch: 'e1', topics: { 'region:350502': 1 } } }),
    reduce: view => ({ view }),
    changed: () => undefined,
  })
  await followed.start()
  followers[0]?.lost(404)
  await vi.waitFor(() => expect(reads).toBe(2), { timeout: 3000 })
  expect(followers).toHaveLength(1)
  followed.stop()
})
