import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { answerOf, newKey, type Answer, type Deed } from '@shared/outbox/deed'
import { Outbox, type Settled } from '@shared/outbox/outbox'
import { memoryShelf, openShelf } from '@shared/outbox/shelf'

const yes = { outcome: 'done', body: { status: 'accepted' } } as const
const accept = { about: 'a1', verb: 'accept', path: '/api/assignments/a1/accept', body: {} }
const decline = { about: 'a2', verb: 'decline', path: '/api/assignments/a2/decline', body: { reason: 'busy' } }
const open: Outbox[] = []

async function outbox(send: (deed: Deed) => Promise<Answer>, shelf = memoryShelf(), owner = 'v1'): Promise<Outbox> {
  const box = await Outbox.open({ owner, shelf, send, random: () => 0 })
  open.push(box)
  return box
}

afterEach(() => {
  vi.useRealTimers()
  open.splice(0).forEach(box => box.close())
})

describe('the outbox', () => {
  it('sends in the order of the taps and tells the answers', async () => {
    const sent: string[] = []
    const box = await outbox(async deed => (sent.push(deed.about), yes))
    const settled: Settled[] = []
    box.onSettled(one => settled.push(one))
    await box.add(accept)
    await box.add(decline)
    await vi.waitFor(() => expect(settled.map(one => one.deed.about)).toEqual(['a1', 'a2']))
    expect(sent).toEqual(['a1', 'a2'])
    expect(box.queue).toEqual([])
  })

  it('keeps one key through every try', async () => {
    const keys: string[] = []
    const answers: Answer[] = [{ outcome: 'later', wait: 0 }, { outcome: 'later', wait: 0 }, yes]
    const box = await outbox(async deed => (keys.push(deed.key), answers[keys.length - 1] ?? yes))
    await box.add(accept)
    await vi.waitFor(() => expect(keys).toHaveLength(3))
    expect(new Set(keys).size).toBe(1)
    expect(box.queue).toEqual([])
  })

  it('stays away as long as the server asks and a share of as long again', async () => {
    vi.useFakeTimers()
    let tries = 0
    const box = await Outbox.open({
      owner: 'v1', shelf: memoryShelf(), random: () => 0.5, send: async () => (++tries < 2 ? { outcome: 'later', wait: 10_000 } : yes),
    })
    open.push(box)
    await box.add(accept)
    await vi.advanceTimersByTimeAsync(14_900)
    expect(tries).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(tries).toBe(2)
  })

  it('waits offline and sends after a new start of the page', async () => {
    const shelf = await openShelf('restart')
    expect(shelf.lasting).toBe(true)
    const first = await outbox(async () => ({ outcome: 'later', wait: 3_600_000 }), shelf)
    const kept = await first.add(accept)
    await first.flush()
    first.close()
    const sent: Deed[] = []
    const second = await outbox(async deed => (sent.push(deed), yes), await openShelf('restart'))
    expect(second.queue).toHaveLength(1)
    await second.flush()
    expect(sent.map(deed => deed.key)).toEqual([kept.key])
    expect(await (await openShelf('restart')).all('v1')).toEqual([])
  })

  it('never sends one person’s deeds under another', async () => {
    const shelf = await openShelf('two people')
    const mine = await outbox(async () => ({ outcome: 'signin' }), shelf, 'v1')
    await mine.add(accept)
    const sent: Deed[] = []
    const other = await outbox(async deed => (sent.push(deed), yes), shelf, 'v2')
    await other.flush()
    expect(sent).toEqual([])
    expect(await shelf.all('v1')).toHaveLength(1)
  })

  it('takes a second tap for the same deed', async () => {
    const box = await outbox(() => new Promise(() => undefined))
    const [one, other] = await Promise.all([box.add(accept), box.add(accept)])
    expect(other.key).toBe(one.key)
    expect(box.queue).toHaveLength(1)
  })

  it('tells a refusal, keeps nothing of it and goes on', async () => {
    const problem = { title: 'full' }
    const box = await outbox(async deed => (deed.about === 'a1' ? { outcome: 'refused', status: 409, problem } : yes))
    const settled: Settled[] = []
    box.onSettled(one => settled.push(one))
    await box.add(accept)
    await box.add(decline)
    await vi.waitFor(() => expect(settled).toHaveLength(2))
    expect(settled[0]?.answer).toEqual({ outcome: 'refused', status: 409, problem })
  })

  it('hands back a deed at which the server fails again and again, so that others go', async () => {
    const tries: string[] = []
    const broken = answerOf(500, { code: 'broken' }, null)
    const box = await outbox(async deed => (tries.push(deed.about), deed.about === 'a1' ? broken : yes))
    const settled: Settled[] = []
    box.onSettled(one => settled.push(one))
    await box.add(accept)
    await box.add(decline)
    await vi.waitFor(() => expect(settled.map(one => one.deed.about)).toEqual(['a1', 'a2']))
    expect(settled[0]?.answer).toEqual({ outcome: 'refused', status: 500, problem: { code: 'broken' } })
    expect(tries.filter(about => about === 'a1').length).toBeGreaterThan(3)
    expect(box.queue).toEqual([])
  })

  it('waits for ever for a server that is only away', async () => {
    let tries = 0
    const box = await outbox(async () => (++tries < 30 ? answerOf(tries % 2 ? 500 : 503, {}, null) : yes))
    await box.add(accept)
    await vi.waitFor(() => expect(box.queue).toEqual([]))
    expect(tries).toBe(30)
  })

  it('holds the queue while signed out', async () => {
    let signedIn = false
    const box = await outbox(async () => (signedIn ? yes : { outcome: 'signin' }))
    await box.add(accept)
    await box.flush()
    expect(box.queue).toHaveLength(1)
    signedIn = true
    await box.flush()
    expect(box.queue).toEqual([])
  })

  it('lets a waiting deed be taken back', async () => {
    const box = await outbox(async () => ({ outcome: 'later', wait: 3_600_000 }))
    const deed = await box.add(accept)
    await box.flush()
    expect(await box.drop(deed.key)).toBe(true)
    expect(await box.drop(deed.key)).toBe(false)
    expect(box.queue).toEqual([])
  })

  it('queues nothing that cannot be kept', async () => {
    const shelf = { ...memoryShelf(), put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
    const box = await outbox(async () => yes, shelf)
    await expect(box.add(accept)).rejects.toThrow('full')
    expect(box.queue).toEqual([])
  })
})

describe('an answer', () => {
  it.each([
    [200, 'done'], [201, 'done'], [401, 'signin'], [403, 'refused'], [404, 'refused'], [409, 'refused'],
    [410, 'refused'], [422, 'refused'], [408, 'later'], [429, 'later'], [500, 'later'], [503, 'later'],
  ])('with status %i is %s', (status, outcome) => {
    expect(answerOf(status, {}, null).outcome).toBe(outcome)
  })

  it('waits as long as the server asks', () => {
    expect(answerOf(503, {}, '7')).toEqual({ outcome: 'later', wait: 7000 })
  })
})

describe('a key', () => {
  it('sorts by the time of the tap and is as long as an UUID', () => {
    const fill = (bytes: Uint8Array) => bytes.fill(255)
    const early = newKey(1_700_000_000_000, fill)
    const late = newKey(1_700_000_000_001, bytes => bytes.fill(0))
    expect(early < late).toBe(true)
    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  })
})
