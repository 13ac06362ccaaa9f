/** Mounts a component as a page does: with its words, and a page whose line goes nowhere. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { shallowRef, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { Line } from '@shared/live/live'
import { Session } from '@shared/api/session'
import { PAGE, type Page } from '@shared/ui/page'
import { installWords } from '@shared/ui/words'
import type { Loaders } from '@shared/words/catalogue'

export const online = shallowRef(true)

export async function speaking(face: Loaders): Promise<void> {
  localStorage.setItem('citong.locale', 'zh-CN')
  await installWords(face)
}

export function page(): Page {
  const line = new Line({ url: 'ws://127.0.0.1:9/', build: 'test' })
  const session = new Session(localStorage, false)
  return { face: 'phone', session, line, who: shallowRef(session.state), status: shallowRef(line.status), online, ill: shallowRef([]) }
}

export function show(component: Component, props: Record<string, unknown>, provide: Record<symbol, unknown> = {}): VueWrapper {
  const router = createRouter({ history: createMemoryHistory(), routes: [
    { path: '/', name: 'offers', component: { template: '<i/>' } }, { path: '/week', name: 'week', component: { template: '<i/>' } },
  ] })
  return mount(component, { props, global: { plugins: [router], provide: { [PAGE as symbol]: page(), ...provide } } })
}
