/** Message catalogues: each language is loaded only when it is read, and each face brings its own beside the shared one. */
import type { Locale } from './locale'

export type Messages = { [key: string]: string | Messages }
export type Loaders = Readonly<Record<Locale, () => Promise<{ default: Messages }>>>

const shared: Loaders = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

/** The shared words and those of a face, side by side: a face's file has one top key, the face's name. */
export async function messagesOf(locale: Locale, face: Loaders | null): Promise<Messages> {
  const [common, own] = await Promise.all([shared[locale](), face?.[locale]()])
  return { ...common.default, ...own?.default }
}
