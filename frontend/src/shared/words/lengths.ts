/** How long something lasts or still stands, in the fewest words that are true. */
import { toDate, type Instant } from './dates'
import type { Locale } from './locale'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `还有 5 小时`-style remainder without the lead word: `2 天 3 小时`, `45 分钟`, `不到 1 分钟`; empty once it is over. */
export function left(until: Instant, now: Instant, locale: Locale): string {
  const ms = toDate(until).getTime() - toDate(now).getTime()
  if (ms <= 0) return ''
  if (ms < MINUTE) return locale === 'en' ? 'under a minute' : '不到 1 分钟'
  if (ms < HOUR) return unit(Math.floor(ms / MINUTE), 'minute', locale)
  if (ms < DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE)
    const hours = unit(Math.floor(ms / HOUR), 'hour', locale)
    return minutes && ms < 6 * HOUR ? `${hours} ${unit(minutes, 'minute', locale)}` : hours
  }
  const hours = Math.floor((ms % DAY) / HOUR)
  const days = unit(Math.floor(ms / DAY), 'day', locale)
  return hours && ms < 3 * DAY ? `${days} ${unit(hours, 'hour', locale)}` : days
}

/** Service time in hours, to a half: `2 小时`, `1.5 hours`. */
export function hours(start: Instant, end: Instant, locale: Locale): string {
  const value = Math.round((toDate(end).getTime() - toDate(start).getTime()) / (HOUR / 2)) / 2
  return unit(value, 'hour', locale)
}

function unit(value: number, name: 'minute' | 'hour' | 'day', locale: Locale): string {
  if (locale === 'en') return `${value} ${name === 'minute' ? 'min' : name === 'hour' ? 'h' : value === 1 ? 'day' : 'days'}`
  return `${value} ${{ minute: '分钟', hour: '小时', day: '天' }[name]}`
}
