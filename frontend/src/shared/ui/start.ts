/** How every entry starts: who is here and the words, then the screen. */
import { token } from './arrival'
import { createApp, watchEffect, type App, type Component } from 'vue'
import type { Face } from '../wire'
import type { Loaders } from '../words/catalogue'
import { PAGE, arrive, makePage, type Page } from './page'
import { renew } from './renew'
import { installWords, useWords } from './words'
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
  addEventListener('vite:preloadError', () => void renew())
  const page = makePage(face)
  const arrived = arrive(page, token)
  const refusedLink = token !== null && (await arrived) === 'link refused'
  const app = createApp(root, { refusedLink })
  app.provide(PAGE, page)
  await installWords(words)
  const { t } = useWords()
  if (face) watchEffect(() => (document.title = `${t('app.name')} · ${t(`app.${face}`)}`))
  more?.(app, page)
  app.mount('#app')
}
