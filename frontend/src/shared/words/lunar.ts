/** The lunar calendar as a hint beside a date. The browser knows the calendar; only the festivals' names are ours. */
import { HOUSE_ZONE, dayKey, toDate, type Instant } from './dates'
import type { Locale } from './locale'

type Names = readonly [zh: string, en: string]

const FESTIVALS: Readonly<Record<string, Names>> = {
  '1/1': ['春节', 'Spring Festival'],
  '1/15': ['元宵节', 'Lantern Festival'],
  '2/2': ['龙抬头', 'Dragon Raises Head'],
  '5/5': ['端午节', 'Dragon Boat Festival'],
  '7/7': ['七夕', 'Qixi'],
  '7/15': ['中元节', 'Ghost Festival'],
  '8/15': ['中秋节', 'Mid-Autumn'],
  '9/9': ['重阳节', 'Double Ninth'],
  '12/8': ['腊八', 'Laba'],
}
const EVE: Names = ['除夕', "New Year's Eve (lunar)"]
const DAY_MS = 86_400_000
const calendars = new Map<string, Intl.DateTimeFormat>()

function calendarOf(zone: string): Intl.DateTimeFormat {
  let calendar = calendars.get(zone)
  if (!calendar) {
    calendar = new Intl.DateTimeFormat('en-u-ca-chinese', { timeZone: zone, month: 'numeric', day: 'numeric' })
    calendars.set(zone, calendar)
  }
  return calendar
}

/** Some browsers begin the year 2027 a day late: its new moon falls 4 minutes before midnight in China. */
const LATE_YEAR = { from: Date.UTC(2027, 1, 6), until: Date.UTC(2027, 2, 7), first: '2027-02-06T04:00:00Z' }

function beginsLate(at: Date, zone: string): boolean {
  const key = Date.parse(dayKey(at, zone))
  return key >= LATE_YEAR.from && key < LATE_YEAR.until && counted(new Date(LATE_YEAR.first), HOUSE_ZONE) !== '1/1'
}

/** `8/15` for the fifteenth of the eighth month; a leap month reads `6bis/1`. Empty when the browser lacks the calendar. */
export function lunarDay(instant: Instant, zone = HOUSE_ZONE): string {
  const at = toDate(instant)
  if (calendarOf(zone).resolvedOptions().calendar !== 'chinese') return ''
  return counted(beginsLate(at, zone) ? new Date(at.getTime() + DAY_MS) : at, zone)
}

function counted(at: Date, zone: string): string {
  const parts = calendarOf(zone).formatToParts(at)
  const part = (type: string) => parts.find(one => one.type === type)?.value ?? ''
  return `${part('month')}/${part('day')}`
}

/** The lunar festival on that day at the venue; empty on most days. */
export function festival(instant: Instant, locale: Locale, zone = HOUSE_ZONE): string {
  const at = toDate(instant)
  const tomorrow = lunarDay(new Date(at.getTime() + DAY_MS), zone)
  const names = tomorrow === '1/1' ? EVE : FESTIVALS[lunarDay(at, zone)]
  return names ? names[locale === 'en' ? 1 : 0] : ''
}
