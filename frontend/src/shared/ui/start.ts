/** How every entry starts: who is here and the words, then the screen. */
import { token } from './arrival'
import { createApp, type App, type Component } from 'vue'
import type { Face } from '../wire'
import type { Loaders } from '../words/catalogue'
import { PAGE, arrive, makePage, type Page } from './page'
import { installWords } from './words'
import './tokens.css'
import './house.css'

export interface Start {
  /** Gets the property `refusedLink`: the sign-in link of the address was of no use. */
  root: Component
  face: Face | null
  words: Loaders | null
  more?: (app: App, page: Page) => void
}

export async function start({ root, face, words, more }: Start): Promise<void> {
  const page = makePage(face)
  const arrived = arrive(page, token)
  const refusedLink = token !== null && (await arrived) === 'link refused'
  const app = createApp(root, { refusedLink })
  app.provide(PAGE, page)
  await installWords(words)
  more?.(app, page)
  app.mount('#app')
}
