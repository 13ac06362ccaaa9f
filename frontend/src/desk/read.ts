/** Something read once, and again when asked; an answer that a newer one has overtaken is not shown. */
import { shallowRef, type ShallowRef } from 'vue'

export interface UsedRead<View> {
  view: Readonly<ShallowRef<View | null>>
  error: Readonly<ShallowRef<unknown>>
  read: () => Promise<void>
}

export function useRead<View>(load: () => Promise<View>): UsedRead<View> {
  const view = shallowRef<View | null>(null)
  const error = shallowRef<unknown>(null)
  let newest = 0
  async function read(): Promise<void> {
    const mine = ++newest
    error.value = null
    try {
      const found = await load()
      if (mine === newest) view.value = found
    } catch (cause) {
      if (mine === newest) error.value = cause
    }
  }
  void read()
  return { view, error, read }
}
