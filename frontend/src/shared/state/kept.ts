/** The last look of a view, kept on the device so that it opens at once and offline. Gone when the person signs out. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Kept } from './followed'

interface Schema extends DBSchema {
  views: { key: string; value: { view: unknown; at: number } }
}

const NAME = 'citong-kept'
let base: Promise<IDBPDatabase<Schema> | null> | undefined

function opened(): Promise<IDBPDatabase<Schema> | null> {
  if (typeof indexedDB === 'undefined') return Promise.resolve(null)
  base ??= openDB<Schema>(NAME, 1, { upgrade: db => void db.createObjectStore('views') }).catch(error => {
    if (error instanceof DOMException) return null // private windows: nothing is kept
    throw error
  })
  return base
}

/** Views are filed by person, so that nobody sees another's on a shared phone. */
export function keptView<View>(owner: string, name: string): Kept<View> {
  const key = `${owner}/${name}`
  return {
    read: async () => ((await (await opened())?.get('views', key)) ?? null) as { view: View; at: number } | null,
    write: async view => {
      try {
        await (await opened())?.put('views', { view, at: Date.now() }, key)
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
        console.warn('not kept on this device:', error.name)
      }
    },
  }
}

export async function forgetKept(): Promise<void> {
  await (await opened())?.clear('views')
}
