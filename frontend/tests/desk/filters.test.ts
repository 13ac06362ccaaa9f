// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { askedBy, readFilters, writeFilters, type Filters } from '../../src/desk/filters'

const HOME = '350582'
const usual: Filters = { region: HOME, mode: '', state: '', from: '', days: 14, words: '' }

describe('the filters in the address', () => {
  it('are the usual ones when it says nothing, and then nothing is said', () => {
    expect(readFilters({}, HOME)).toEqual(usual)
    expect(writeFilters(usual, HOME)).toEqual({})
  })

  it('come back as they were written', () => {
    const filters: Filters = { region: '350582101', mode: 'support', state: 'draft', from: '2026-11-28', days: 0, words: '南音' }
    const said = writeFilters(filters, HOME)
    expect(said).toEqual({ region: '350582101', mode: 'support', state: 'draft', from: '2026-11-28', days: '0', q: '南音' })
    expect(readFilters(said, HOME)).toEqual(filters)
  })

  it.each([
    [{ mode: 'singing' }], [{ state: 'gone' }], [{ from: '2026-13-45' }], [{ from: '2026-02-30' }], [{ from: '28.11.' }], [{ days: '15' }],
    [{ days: '-1' }], [{ region: 'zz' }], [{ region: '35058' }], [{ mode: ['support', 'training'] }],
  ])('fall back to the usual for %j', query => {
    expect(readFilters(query, HOME)).toEqual(usual)
  })

  it('know no region for one who reads only the own unit', () => {
    expect(readFilters({ region: '350582' }, '').region).toBe('')
  })

  it('hold no more words than the server takes', () => {
    expect(readFilters({ q: '音'.repeat(200) }, HOME).words).toHaveLength(80)
  })
})

describe('what the server is asked', () => {
  it('is whole days from today, the last one included', () => {
    expect(askedBy(usual, '2026-11-24')).toEqual({ region: HOME, from: '2026-11-24', until: '2026-12-07' })
    expect(askedBy({ ...usual, days: 1 }, '2026-12-31')).toMatchObject({ from: '2026-12-31', until: '2026-12-31' })
  })

  it('has no end when all that follows is wanted, and its own start', () => {
    expect(askedBy({ ...usual, days: 0, from: '2026-01-01', region: '' }, '2026-11-24')).toEqual({ from: '2026-01-01' })
  })

  it('leaves out words of nothing but spaces', () => {
    expect(askedBy({ ...usual, words: '  ' }, '2026-11-24')).not.toHaveProperty('q')
    expect(askedBy({ ...usual, words: ' 南音 ' }, '2026-11-24').q).toBe('南音')
  })
})
