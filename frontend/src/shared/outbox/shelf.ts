/** Where deeds wait: IndexedDB, so that they outlive the page; in memory where a browser has none (private windows). */
import { openDB, type DBSchema } from 'idb'
import type { Deed } from './deed'

export interface Shelf {
  /** False when closing the page loses the queue: the screen says so. */
  readonly lasting: boolean
  all(owner: string): Promise<Deed[]>
  put(deed: Deed): Promise<void>
  remove(key: string): Promise<void>
}

interface Schema extends DBSchema {
  deeds: { key: string; value: Deed; indexes: { owner: string } }
}

export async function openShelf(name = 'citong-outbox'): Promise<Shelf> {
  if (typeof indexedDB === 'undefined') return memoryShelf()
  try {
    return await lastingShelf(name)
  } catch (error) {
    if (error instanceof DOMException) return memoryShelf()
    throw error
  }
}

async function lastingShelf(name: string): Promise<Shelf> {
  const db = await openDB<Schema>(name, 1, {
    upgrade: base => void base.createObjectStore('deeds', { keyPath: 'key' }).createIndex('owner', 'owner'),
  })
  let full = false // the device keeps no more: what is tapped is still sent while the page is open
  return {
    get lasting() {
      return !full
    },
    all: async owner => (await db.getAllFromIndex('deeds', 'owner', owner)).sort(byKey),
    put: async deed => {
      try {
        await db.put('deeds', deed)
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
        full = true
      }
    },
    remove: key => db.delete('deeds', key),
  }
}

export function memoryShelf(): Shelf {
  const deeds = new Map<string, Deed>()
  return {
    lasting: false,
    all: async owner => [...deeds.values()].filter(deed => deed.owner === owner).sort(byKey),
    put: async deed => void deeds.set(deed.key, deed),
    remove: async key => void deeds.delete(key),
  }
}

function byKey(one: Deed, other: Deed): number {
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0
}
