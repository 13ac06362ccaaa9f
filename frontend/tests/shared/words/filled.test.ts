import { describe, expect, it } from 'vitest'
import { filled } from '@shared/words/filled'

describe('a message', () => {
  it('gets its holes filled, with nothing where nothing is known', () => {
    expect(filled('{who} of {n}, {who}: {none}', { who: '林', n: 0 })).toBe('林 of 0, 林: ')
  })

  it('has a form for one and a form for any other number, when it has two', () => {
    const text = '{n} seat | {n} seats'
    expect([0, 1, 2].map(n => filled(text, { n }, n))).toEqual(['0 seats', '1 seat', '2 seats'])
    expect(filled(text, { n: 7 })).toBe('7 seat')
    expect(filled('{n} 席', { n: 2 }, 2)).toBe('2 席')
  })
})
