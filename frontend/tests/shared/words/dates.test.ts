import { describe, expect, it } from 'vitest'
import { day, dayKey, daysBetween, mondayOf, nearDay, plusDays, span, startOfDay, time } from '@shared/words/dates'
import { festival, lunarDay } from '@shared/words/lunar'
import { hours, left } from '@shared/words/lengths'
import { remember, remembered, spoken } from '@shared/words/locale'

const now = '2026-11-23T02:00:00Z'

describe('dates at the venue', () => {
  it('are written as people here write them', () => {
    expect(span('2026-11-28T11:00:00Z', '2026-11-28T13:00:00Z', 'zh-CN', now)).toBe('11月28日 周六 19:00–21:00')
    expect(span('2026-11-28T11:00:00Z', '2026-11-28T13:00:00Z', 'en', now)).toBe('Sat 28 Nov 19:00–21:00')
  })

  it('use the venue’s zone, whatever the device’s', () => {
    expect(dayKey('2026-11-28T16:30:00Z')).toBe('2026-11-29')
    expect(time('2026-11-28T16:30:00Z')).toBe('00:30')
    expect(dayKey('2026-11-28T16:30:00Z', 'UTC')).toBe('2026-11-28')
  })

  it('say the year only when it is another', () => {
    expect(day('2027-02-06T04:00:00Z', 'zh-CN', now)).toBe('2027年2月6日 周六')
    expect(day('2027-02-06T04:00:00Z', 'en', now)).toBe('Sat 6 Feb 2027')
  })

  it('say the other day when a shift ends there, and 24:00 when it ends at midnight', () => {
    expect(span('2026-11-28T14:00:00Z', '2026-11-28T17:00:00Z', 'zh-CN', now)).toBe('11月28日 周六 22:00 – 11月29日 周日 01:00')
    expect(span('2026-11-28T14:00:00Z', '2026-11-28T16:00:00Z', 'zh-CN', now)).toBe('11月28日 周六 22:00–24:00')
  })

  it('count days and weeks by the venue’s calendar', () => {
    expect(daysBetween(now, '2026-11-23T16:00:00Z')).toBe(1)
    expect(nearDay('2026-11-23T16:00:00Z', 'zh-CN', now)).toBe('明天')
    expect(nearDay('2026-11-22T10:00:00Z', 'zh-CN', now)).toBe('')
    expect(mondayOf('2026-11-29T15:59:00Z')).toBe('2026-11-23')
    expect(mondayOf('2026-11-29T16:00:00Z')).toBe('2026-11-30')
    expect(plusDays('2026-12-30', 5)).toBe('2027-01-04')
    expect(startOfDay('2026-11-23').toISOString()).toBe('2026-11-22T16:00:00.000Z')
  })

  it('refuse what is no instant', () => {
    expect(() => time('tomorrow')).toThrow(RangeError)
  })
})

describe('the lunar calendar', () => {
  it('knows the festivals of 2027', () => {
    expect(lunarDay('2027-02-06T04:00:00Z')).toBe('1/1')
    expect(festival('2027-02-05T04:00:00Z', 'zh-CN')).toBe('除夕')
    expect(festival('2027-02-06T04:00:00Z', 'zh-CN')).toBe('春节')
    expect(festival('2027-02-20T04:00:00Z', 'en')).toBe('Lantern Festival')
    expect(festival('2026-09-25T04:00:00Z', 'zh-CN')).toBe('中秋节')
    expect(festival('2026-11-28T04:00:00Z', 'zh-CN')).toBe('')
  })
})

describe('lengths', () => {
  it.each([
    [30, 'zh-CN', '不到 1 分钟'],
    [45 * 60, 'zh-CN', '45 分钟'],
    [5 * 3600 + 600, 'zh-CN', '5 小时 10 分钟'],
    [8 * 3600 + 600, 'zh-CN', '8 小时'],
    [51 * 3600, 'zh-CN', '2 天 3 小时'],
    [51 * 3600, 'en', '2 days 3 h'],
    [0, 'en', ''],
  ] as const)('%i seconds in %s are "%s"', (seconds, locale, words) => {
    expect(left(new Date(Date.parse(now) + seconds * 1000), now, locale)).toBe(words)
  })

  it('round service to half hours', () => {
    expect(hours('2026-11-28T11:00:00Z', '2026-11-28T12:30:00Z', 'zh-CN')).toBe('1.5 小时')
  })
})

describe('the language', () => {
  it('is the one chosen, else the browser’s, else Chinese', () => {
    expect(spoken(['fr', 'en-GB', 'zh'])).toBe('en')
    expect(spoken(['fr'])).toBe('zh-CN')
    localStorage.clear()
    expect(remembered(localStorage, ['en-US'])).toBe('en')
    remember(localStorage, 'zh-CN')
    expect(remembered(localStorage, ['en-US'])).toBe('zh-CN')
  })
})
