/**
 * Dates as people here write them: 11月28日 周六 19:00–21:00, in the venue's zone, not the device's. English mirrors it.
 * Instants come as ISO 8601 text with an offset, or as `Date`; spans are half-open.
 */
import type { Locale } from './locale'

export const HOUSE_ZONE = 'Asia/Shanghai'
export type Instant = string | Date

export interface Parts {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  /** 0 = Sunday. */
  weekday: number
}

const WEEK_ZH = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] as const
const WEEK_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTH_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const clocks = new Map<string, Intl.DateTimeFormat>()
const seen = new Map<string, Readonly<Parts>>()
const MOST_SEEN = 10_000

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', weekday: 'short',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
    })
    clocks.set(zone, clock)
  }
  return clock
}

export function toDate(instant: Instant): Date {
  const date = typeof instant === 'string' ? new Date(instant) : instant
  if (Number.isNaN(date.getTime())) throw new RangeError(`not an instant: ${String(instant)}`)
  return date
}

/** What a wall clock and calendar at the venue show at that instant. A board asks for the same few thousand again and again. */
export function partsOf(instant: Instant, zone = HOUSE_ZONE): Readonly<Parts> {
  const at = toDate(instant)
  const minute = Math.floor(at.getTime() / 60_000)
  const key = `${zone} ${minute}`
  const known = seen.get(key)
  if (known) return known
  if (seen.size >= MOST_SEEN) seen.clear()
  const parts = readParts(at, zone)
  seen.set(key, parts)
  return parts
}

function readParts(at: Date, zone: string): Parts {
  const found: Record<string, string> = {}
  for (const part of clockOf(zone).formatToParts(at)) found[part.type] = part.value
  return {
    year: Number(found.year), month: Number(found.month), day: Number(found.day),
    hour: Number(found.hour), minute: Number(found.minute),
    weekday: WEEK_EN.findIndex(name => name === found.weekday),
  }
}

/** The venue's calendar day as `2026-11-28`; sorts as text. */
export function dayKey(instant: Instant, zone = HOUSE_ZONE): string {
  const { year, month, day } = partsOf(instant, zone)
  return `${year}-${two(month)}-${two(day)}`
}

export function time(instant: Instant, zone = HOUSE_ZONE): string {
  const { hour, minute } = partsOf(instant, zone)
  return `${two(hour)}:${two(minute)}`
}

/** `11月28日 周六`; the year is said only when it is not `now`'s. */
export function day(instant: Instant, locale: Locale, now: Instant, zone = HOUSE_ZONE): string {
  const at = partsOf(instant, zone)
  const other = at.year !== partsOf(now, zone).year
  if (locale === 'en') return `${WEEK_EN[at.weekday]} ${at.day} ${MONTH_EN[at.month - 1]}${other ? ` ${at.year}` : ''}`
  return `${other ? `${at.year}年` : ''}${at.month}月${at.day}日 ${WEEK_ZH[at.weekday]}`
}

/** `11月28日 周六 19:00–21:00`; an end on another day says which. */
export function span(start: Instant, end: Instant, locale: Locale, now: Instant, zone = HOUSE_ZONE): string {
  const from = `${day(start, locale, now, zone)} ${time(start, zone)}`
  if (dayKey(start, zone) === dayKey(end, zone)) return `${from}–${time(end, zone)}`
  const midnight = time(end, zone) === '00:00' && daysBetween(start, end, zone) === 1
  if (midnight) return `${from}–24:00`
  return `${from} – ${day(end, locale, now, zone)} ${time(end, zone)}`
}

/** Whole calendar days at the venue from one instant to the other; negative when `to` is earlier. */
export function daysBetween(from: Instant, to: Instant, zone = HOUSE_ZONE): number {
  return (Date.parse(dayKey(to, zone)) - Date.parse(dayKey(from, zone))) / 86_400_000
}

/** Today, tomorrow, the day after: what people say instead of a date; else nothing. */
export function nearDay(instant: Instant, locale: Locale, now: Instant, zone = HOUSE_ZONE): string {
  const near = locale === 'en' ? ['today', 'tomorrow'] : ['今天', '明天', '后天']
  return near[daysBetween(now, instant, zone)] ?? ''
}

/** The Monday 00:00 (at the venue) of the week that holds the instant, as `2026-11-23`. */
export function mondayOf(instant: Instant, zone = HOUSE_ZONE): string {
  const { weekday } = partsOf(instant, zone)
  return plusDays(dayKey(instant, zone), -((weekday + 6) % 7))
}

export function plusDays(key: string, days: number): string {
  return new Date(Date.parse(`${key}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** The instant at which that calendar day begins at the venue. */
export function startOfDay(key: string, zone = HOUSE_ZONE): Date {
  const guess = new Date(`${key}T00:00:00Z`)
  const at = partsOf(guess, zone)
  const shown = Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute)
  return new Date(guess.getTime() * 2 - shown)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
