// @vitest-environment node
import { describe, expect, it } from 'vitest'
import {
  bestOf, checkOf, clockOf, dayAfter, emptyForm, emptyNeed, gridOf, instantOf, lacking, lengthOf, mayPost, mentorsFor, moved, percentOf, postingOf,
  postsFor, shadeOf, type Form, type Hour,
} from '../../src/desk/posting'
import type { Me, Outlook } from '../../src/shared/wire'

const filled = (more: Partial<Form> = {}): Form => ({
  ...emptyForm('u'), title: ' 南音课 ', venue: 'v', date: '2026-12-01', from: '19:00', until: '21:00', ...more,
})
const slot = (day: string, hour: number, chance: number, eligible = 3): Hour => ({ starts_at: `${day}T${String(hour).padStart(2, '0')}:00:00Z`, day, hour, chance, eligible })
const outlook = (slots: Hour[]): Outlook => ({ from: '2026-11-30', zone: 'Asia/Shanghai', pool: 9, fit: 4, reasons: [], slots, read_at: '2026-11-30T00:00:00Z' })
const person = (roles: unknown[]): Me => ({ roles } as Me)

describe('what is sent of the posting page', () => {
  it('is the wall clock at the venue, whatever the device thinks', () => {
    expect(instantOf('2026-12-01', '19:00', 'Asia/Shanghai')).toBe('2026-12-01T11:00:00.000Z')
    expect(instantOf('2026-07-01', '08:30', 'Europe/Berlin')).toBe('2026-07-01T06:30:00.000Z')
  })

  it('holds one shift with its needs; unknown ages and names left blank are filled in', () => {
    const need = { ...emptyNeed(), role: ' 老师 ', min: 1, desired: 3, max: 2, ageMin: 18 as const, ageMax: '' as const, asks: [{ skill: 'nanyin', level: 2 }, { skill: '', level: 1 }] }
    const sent = postingOf(filled({ needs: [need], attendance: '' }), 'Asia/Shanghai')
    expect(sent).toMatchObject({ title: '南音课', unit: 'u', expected_attendance: 0 })
    expect(sent.shifts[0]).toMatchObject({ starts_at: '2026-12-01T11:00:00.000Z', ends_at: '2026-12-01T13:00:00.000Z', call: 15 })
    expect(sent.shifts[0]!.needs[0]).toMatchObject({ role: '老师', min: 1, desired: 3, max: 3, age_min: 18, age_max: 150, asks: [{ skill: 'nanyin', level: 2 }] })
  })

  it('says what is done together: a series, a whole team, learners beside another role', () => {
    const team = { id: 't', name: '木偶队', region: { code: '3505', name: '泉州市' }, least: 2, people: 5 }
    const needs = [{ ...emptyNeed(), role: ' 老师 ' }, { ...emptyNeed(), role: '学员', mentorRole: '老师', perMentor: 3 }, { ...emptyNeed(), role: '演员', team }, emptyNeed()]
    const form = filled({ series: ' 周三课 ', needs })
    expect(mentorsFor(form, 2)).toEqual(['老师'])
    expect(mentorsFor(form, 0)).toEqual(['演员'])
    const sent = postingOf(form, 'Asia/Shanghai')
    expect(sent.series).toBe('周三课')
    expect(sent.shifts[0]!.needs.map(need => [need.mentor_role, need.per_mentor, need.team])).toEqual([['', 1, null], ['老师', 3, null], ['', 1, 't'], ['', 1, null]])
    expect(checkOf(form, needs[2]!, '')).toMatchObject({ team: 't' })
  })

  it('may end on the next day', () => {
    const late = filled({ from: '22:00', until: '00:30' })
    expect(lengthOf(late)).toBe(150)
    expect(postingOf(late, 'Asia/Shanghai').shifts[0]!.ends_at).toBe('2026-12-01T16:30:00.000Z')
    expect(lengthOf(filled({ until: '' }))).toBe(0)
  })

  it('names the first field that is lacking, the nameless need by its number', () => {
    expect(lacking(filled({ title: ' ' }))).toBe('title')
    expect(lacking(filled({ venue: '' }))).toBe('venue')
    expect(lacking(filled({ date: '' }))).toBe('date')
    expect(lacking(filled({ until: '' }))).toBe('from')
    expect(lacking(filled({ needs: [{ ...emptyNeed(), role: 'x' }, emptyNeed()] }))).toBe('role-1')
    expect(lacking(filled({ needs: [{ ...emptyNeed(), role: 'x' }] }))).toBeNull()
  })
})

describe('what the outlook is asked', () => {
  it('is nothing without a venue, and two hours while the times are open', () => {
    expect(checkOf(filled({ venue: '' }), emptyNeed(), '')).toBeNull()
    expect(checkOf(filled({ from: '', until: '' }), emptyNeed(), '')).toMatchObject({ minutes: 120, venue: 'v', min: 1, desired: 1 })
    expect(checkOf(filled(), emptyNeed(), '2026-12-07')).toMatchObject({ minutes: 120, from: '2026-12-07' })
    expect(checkOf(filled(), emptyNeed(), '')).not.toHaveProperty('from')
  })

  it('an hour taken from the map keeps the length', () => {
    expect(moved(filled({ until: '20:30' }), '2026-12-03', 9)).toEqual({ date: '2026-12-03', from: '09:00', until: '10:30' })
    expect(moved(filled({ from: '', until: '' }), '2026-12-03', 23)).toEqual({ date: '2026-12-03', from: '23:00', until: '01:00' })
    expect(clockOf(65)).toBe('01:05')
  })
})

describe('the map', () => {
  it('has seven days and only hours that are told', () => {
    const grid = gridOf(outlook([slot('2026-12-01', 9, 0.5), slot('2026-12-02', 8, 0.2)]))
    expect([grid.days.length, grid.days[0], grid.days[6], grid.hours]).toEqual([7, '2026-11-30', '2026-12-06', [8, 9]])
    expect(grid.at('2026-12-01', 9)?.chance).toBe(0.5)
    expect(grid.at('2026-12-01', 8)).toBeNull()
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01')
  })

  it('praises the surest hours, then those with most people; none that nobody could take', () => {
    const found = bestOf(outlook([slot('2026-12-01', 9, 0.5), slot('2026-12-01', 10, 0.9, 2), slot('2026-12-01', 11, 0.9, 5), slot('2026-12-01', 12, 0, 0)]))
    expect(found.map(one => one.hour)).toEqual([11, 10, 9])
    expect(bestOf(outlook([slot('2026-12-01', 12, 0, 0)]))).toEqual([])
  })

  it('is never quite sure and never hopeless while somebody could come', () => {
    expect([1, 0.996, 0.42, 0.001, 0].map(chance => percentOf(slot('2026-12-01', 9, chance)))).toEqual([99, 99, 42, 1, 0])
    expect([0, 0.1, 0.5, 0.8, 0.95].map(shadeOf)).toEqual([0, 1, 2, 3, 4])
  })
})

describe('who may post', () => {
  const unit = { id: 'u', name: '图书馆' }
  it('organisers in their unit’s name, coordinators in nobody’s, others not', () => {
    expect(postsFor(person([{ role: 'organiser', unit, region: null }]))).toEqual({ units: [unit], alone: false })
    expect(postsFor(person([{ role: 'coordinator', unit: null, region: { code: '3505' } }]))).toEqual({ units: [], alone: true })
    expect(mayPost(person([{ role: 'auditor', unit: null, region: { code: '3505' } }]))).toBe(false)
  })
})
