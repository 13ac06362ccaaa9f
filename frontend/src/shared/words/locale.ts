/** Which language a person reads: their own choice, else what their browser says, else Chinese. */

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

const KEY = 'citong.locale'

export function isLocale(value: unknown): value is Locale {
  return LOCALES.some(locale => locale === value)
}

/** Browsers list tags by preference; the first that we speak wins. */
export function spoken(tags: readonly string[]): Locale {
  for (const tag of tags) {
    if (/^zh\b/i.test(tag)) return 'zh-CN'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'zh-CN'
}

export function remembered(storage: Pick<Storage, 'getItem'>, tags: readonly string[]): Locale {
  const kept = storage.getItem(KEY)
  return isLocale(kept) ? kept : spoken(tags)
}

export function remember(storage: Pick<Storage, 'setItem'>, locale: Locale): void {
  storage.setItem(KEY, locale)
}
