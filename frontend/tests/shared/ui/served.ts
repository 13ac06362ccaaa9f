/** Mounts a component whose calls reach a real server: the modules are made anew, for they hold its address. */
import { vi } from 'vitest'
import type { Component } from 'vue'
import type { DeskServer } from '../../desk/server'
import type * as Mounted from './mounted'

export const SOON = { timeout: 5000, interval: 20 }

export async function served(server: DeskServer, load: () => Promise<{ default: Component }>): Promise<{ component: Component; mounted: typeof Mounted }> {
  vi.resetModules()
  const view = window as unknown as { happyDOM: { setURL: (url: string) => void } }
  view.happyDOM.setURL(`${server.url}/desk/`)
  const [{ default: component }, mounted] = await Promise.all([load(), import('./mounted')])
  const all = (locale: 'zh-CN' | 'en') => async () => ({
    default: { ...(await import(`../../../src/desk/words/${locale}.ts`)).default, ...(await import(`../../../src/board/words/${locale}.ts`)).default },
  })
  await mounted.speaking({ 'zh-CN': all('zh-CN'), en: all('en') })
  return { component, mounted }
}

/** A gate that lets nothing through until it is opened. */
export function gate(): { passed: Promise<void>; open: () => void } {
  let open = () => {}
  const passed = new Promise<void>(resolve => (open = resolve))
  return { passed, open }
}
