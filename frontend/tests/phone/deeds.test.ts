import { describe, expect, it } from 'vitest'
import { codeIn, doorOf } from '../../src/phone/deeds'

const SHIFT = '0192d0c0-0000-7000-8000-000000000001'

describe('what a square code says', () => {
  it('is a shift and the code of the moment, in our own address', () => {
    expect(codeIn(`https://citong.test/phone/#c=${SHIFT}.sAhBSrWZSVQ_Q6XhWjumIg`)).toEqual({ shift: SHIFT, code: 'sAhBSrWZSVQ_Q6XhWjumIg' })
  })

  it.each(['', 'https://elsewhere.test/', `#c=${SHIFT}`, `#c=${SHIFT}.short`, '#c=nobody.sAhBSrWZSVQ_Q6XhWjumIg', 'WIFI:S:school;;'])('is nothing of ours: %s', text => {
    expect(codeIn(text)).toBeNull()
  })
})

it('sends each deed to its own door', () => {
  expect([doorOf('accept', 'a1'), doorOf('signIn', 'a1'), doorOf('standBy', 'n1')]).toEqual([
    '/api/assignments/a1/accept', '/api/assignments/a1/sign-in', '/api/needs/n1/stand-by',
  ])
})
