import { start } from '@shared/ui/start'

/** The front page signs people in; the public notice of hours is for everybody. Each loads what it needs alone. */
async function open(): Promise<void> {
  if (location.pathname !== '/notice') return start({ root: (await import('./HomePage.vue')).default, face: null, words: null })
  const words = { 'zh-CN': () => import('./words/zh-CN'), en: () => import('./words/en') }
  return start({ root: (await import('./NoticePage.vue')).default, face: null, words })
}

void open()
