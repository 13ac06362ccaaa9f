import 'fake-indexeddb/auto'
import { afterEach, expect, it, vi } from 'vitest'
import { openShelf } from '@shared/outbox/shelf'
import { keptView } from '@shared/state/kept'

afterEach(() => vi.restoreAllMocks())

/** A device that is full, as its own store says it. */
function fill(): void {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  vi.spyOn(console, 'warn').mockImplementation(() => {})
}

it('keeps a view, and on a full device goes on without', async () => {
  const kept = keptView<{ n: number }>('v1', 'offers')
  await kept.write({ n: 1 })
  fill()
  await kept.write({ n: 2 })
  expect((await kept.read())?.view).toEqual({ n: 1 })
})

it('takes a tap on a full device too, and says that it does not last', async () => {
  const shelf = await openShelf('full')
  expect(shelf.lasting).toBe(true)
  fill()
  await shelf.put({ key: 'k', owner: 'v1', about: 'a', verb: 'accept', path: '', body: {}, madeAt: '' })
  expect(shelf.lasting).toBe(false)
  await shelf.remove('k')
})
