/** Screens and cards that few need: they and their words are loaded when they are shown first. */
import { defineAsyncComponent, type Component } from 'vue'
import { moreWords } from '@shared/ui/words'

type Load = () => Promise<{ default: Component }>

const WORDS = { 'zh-CN': () => import('./words/later/zh-CN'), en: () => import('./words/later/en') }

/** The part, once its words are there too. */
export async function withWords(load: Load): Promise<Component> {
  const [part] = await Promise.all([load(), moreWords(WORDS)])
  return part.default
}

export const lateCard = (load: Load): Component => defineAsyncComponent(() => withWords(load))
