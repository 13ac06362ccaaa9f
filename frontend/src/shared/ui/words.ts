/** The words as the screens use them: one language at a time, switched without a reload and remembered. */
import { computed, ref, type App } from 'vue'
import { createI18n } from 'vue-i18n'
import { speak } from '../api/http'
import { messagesOf, type Loaders, type Messages } from '../words/catalogue'
import * as dates from '../words/dates'
import { festival } from '../words/lunar'
import { hours, left } from '../words/lengths'
import { remember, remembered, type Locale } from '../words/locale'

const locale = ref<Locale>('zh-CN')
const shown = computed(() => locale.value)
const later = new Map<Loaders, Promise<void>>()
let merge: (into: Locale, messages: Messages) => void = () => undefined
let switchTo: (next: Locale) => Promise<void> = () => Promise.reject(new Error('the words are not installed'))
let translate: Translate = key => key

/** The words of a key with its holes filled; `plural` chooses between the forms that English has. */
export type Translate = (key: string, holes?: Record<string, unknown>, plural?: number) => string

/** Loads the first language before the screen is shown, so that nobody sees a key. */
export async function installWords(app: App, face: Loaders | null): Promise<void> {
  const first = remembered(localStorage, navigator.languages)
  const i18n = createI18n({ legacy: false, locale: first, messages: { [first]: await messagesOf(first, face) } })
  show(first)
  const { t } = i18n.global
  translate = (key, holes, plural) => (plural === undefined ? t(key, holes ?? {}) : t(key, holes ?? {}, plural))
  merge = (into, messages) => i18n.global.mergeLocaleMessage(into, messages)
  switchTo = async next => {
    if (!i18n.global.availableLocales.includes(next as never)) i18n.global.setLocaleMessage(next, await messagesOf(next, face))
    await Promise.all([...later.keys()].map(async loaders => merge(next, (await loaders[next]()).default)))
    i18n.global.locale.value = next
    show(next)
  }
  app.use(i18n)
}

/** Words that only some screens need: here before those are shown, and in each language that is chosen later. */
export function moreWords(loaders: Loaders): Promise<void> {
  const known = later.get(loaders) ?? loaders[locale.value]().then(found => merge(locale.value, found.default))
  later.set(loaders, known)
  return known
}

export async function chooseLocale(next: Locale): Promise<void> {
  await switchTo(next)
  remember(localStorage, next)
}

function show(next: Locale): void {
  locale.value = next
  document.documentElement.lang = next
  speak(next)
}

const words = {
  t: ((key, holes, plural) => translate(key, holes, plural)) as Translate,
  locale: shown,
  day: (at: dates.Instant, now: dates.Instant, zone?: string) => dates.day(at, locale.value, now, zone),
  span: (start: dates.Instant, end: dates.Instant, now: dates.Instant, zone?: string) =>
    dates.span(start, end, locale.value, now, zone),
  nearDay: (at: dates.Instant, now: dates.Instant, zone?: string) => dates.nearDay(at, locale.value, now, zone),
  festival: (at: dates.Instant, zone?: string) => festival(at, locale.value, zone),
  left: (until: dates.Instant, now: dates.Instant) => left(until, now, locale.value),
  hours: (start: dates.Instant, end: dates.Instant) => hours(start, end, locale.value),
  title: (event: { title: string; title_en?: string | null }) => (locale.value === 'en' && event.title_en) || event.title,
}

/** `t` and the dates, lengths and titles in the language of the moment. One object for all: boards draw it thousands of times. */
export function useWords(): typeof words {
  return words
}
