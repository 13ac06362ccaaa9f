/** Message catalogues: each language is loaded only when it is read, and each face brings its own beside the shared one. */
import type { Locale } from './locale'

export type Messages = { [key: string]: string | Messages }
export type Loaders = Readonly<Record<Locale, () => Promise<{ default: Messages }>>>

export const SHARED: Loaders = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

/** Adds the words of one language, each under its path: `desk.teams.title`. */
export async function lay(locale: Locale, loaders: Loaders, into: Map<string, string>): Promise<void> {
  flatten((await loaders[locale]()).default, '', into)
}

function flatten(messages: Messages, path: string, into: Map<string, string>): void {
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') into.set(path + key, value)
    else flatten(value, `${path}${key}.`, into)
  }
}
