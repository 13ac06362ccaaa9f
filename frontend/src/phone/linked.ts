/** Offers that a letter's link is for, answered without signing in: the same cards, another way to the server. */
import { shallowRef, type ShallowRef } from 'vue'
import { api } from '@shared/api/calls'
import { Problem } from '@shared/api/problem'
import { newKey, type Deed } from '@shared/outbox/deed'
import type { Assignment, LinkedOffers } from '@shared/wire'
import type { Answering, Refusal } from './mine'

export interface Linked {
  name: Readonly<ShallowRef<string>>
  rows: Readonly<ShallowRef<readonly Assignment[]>>
  read(): Promise<void>
  answering: Answering
}

/** Only yes and no come by a link: what else a row may do needs the person. */
const bounded = (row: Assignment): Assignment => ({ ...row, can: { ...row.can, cancel: false } })

export function makeLinked(token: string, failed: (error: unknown) => void): Linked {
  const name = shallowRef('')
  const rows = shallowRef<readonly Assignment[]>([])
  const queue = shallowRef<readonly Deed[]>([])
  const refusals = shallowRef<ReadonlyMap<string, Refusal>>(new Map())

  async function read(): Promise<void> {
    const found: LinkedOffers = await api.openLink(token)
    name.value = found.name
    rows.value = found.items.map(bounded)
  }

  function forgive(row: Assignment): void {
    const rest = new Map(refusals.value)
    if (rest.delete(row.id)) refusals.value = rest
    void read().catch(failed)
  }

  async function act(row: Assignment, verb: string, reason?: string): Promise<void> {
    if (queue.value.length || (verb !== 'accept' && verb !== 'decline')) return
    const key = newKey(Date.now(), bytes => crypto.getRandomValues(bytes))
    queue.value = [{ key, owner: '', about: row.id, verb, path: '', body: {}, madeAt: new Date().toISOString() }]
    try {
      const answered = bounded(await api.answerLink(token, row.id, verb, reason))
      rows.value = rows.value.map(one => (one.id === answered.id ? answered : one))
    } catch (error) {
      if (error instanceof Problem) refusals.value = new Map(refusals.value).set(row.id, { verb, problem: error, next: null, row })
      else failed(error)
    } finally {
      queue.value = []
    }
  }

  return { name, rows, read, answering: { queue, refusals, act, forgive, takeBack: async () => undefined } }
}
