/** The words as the screens use them: one language at a time, switched without a reload and remembered. */
import { computed, ref } from 'vue'
import { speak } from '../api/http'
import { SHARED, lay, type Loaders } from '../words/catalogue'
import * as dates from '../words/dates'
import { filled } from '../words/filled'
import { festival } from '../words/lunar'
import { hours, left } from '../words/lengths'
import { remember, remembered, type Locale } from '../words/locale'

const locale = ref<Locale>('zh-CN')
const shown = computed(() => locale.value)
const loaders = new Set([SHARED])
const known: Record<Locale, Map<string, string>> = { 'zh-CN': new Map(), en: new Map() }

/** The words of a key with its holes filled; `plural` chooses between the forms that English has. */
export type Translate = (key: string, holes?: Readonly<Record<string, unknown>>, plural?: number) => string

const translate: Translate = (key, holes = {}, plural) => {
  const text = known[locale.value].get(key)
  return text === undefined ? key : filled(text, holes, plural)
}

/** Loads the first language before the screen is shown, so that nobody sees a key. */
export async function installWords(face: Loaders | null): Promise<void> {
  if (face) loaders.add(face)
  await read(remembered(localStorage, navigator.languages))
}

/** Words that only some screens need: here before those are shown, and in each language that is chosen later. */
export function moreWords(more: Loaders): Promise<void> {
  loaders.add(more)
  return lay(locale.value, more, known[locale.value])
}

export async function chooseLocale(next: Locale): Promise<void> {
  await read(next)
  remember(localStorage, next)
}

/** From now on in this language, once all its words are here: also those that some screen asks for meanwhile. */
async function read(next: Locale): Promise<void> {
  let had = 0
  while (had < loaders.size) {
    had = loaders.size
    await Promise.all([...loaders].map(one => lay(next, one, known[next])))
  }
  show(next)
}

function show(next: Locale): void {
  locale.value = next
  document.documentElement.lang = next
  speak(next)
}

const words = {
  t: translate,
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
