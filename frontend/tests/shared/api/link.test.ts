import { describe, expect, it } from 'vitest'
import { takeToken } from '@shared/api/link'
import { problemOf } from '@shared/api/problem'

describe('a sign-in link', () => {
  it('gives up its token once and leaves none in the address', () => {
    history.replaceState(null, '', '/phone/?x=1#t=abc_DEF-123')
    expect(takeToken(location, history)).toBe('abc_DEF-123')
    expect(location.href).not.toContain('abc_DEF')
    expect(location.search).toBe('?x=1')
    expect(takeToken(location, history)).toBeNull()
  })

  it('leaves other fragments alone', () => {
    history.replaceState(null, '', '/phone/#top')
    expect(takeToken(location, history)).toBeNull()
    expect(location.hash).toBe('#top')
  })
})

describe('a problem', () => {
  it('speaks the server’s words', () => {
    const problem = problemOf(409, { title: '没能接单', detail: '时间冲突', code: 'refused', reasons: [{ rule: 'overlap', text: '同一时间已有安排', remedy: '' }] })
    expect([problem.code, problem.title, problem.detail, problem.reasons.length]).toEqual(['refused', '没能接单', '时间冲突', 1])
  })

  it('is one even when a proxy made the body', () => {
    expect(problemOf(502, '<html>').code).toBe('status_502')
    expect(problemOf(502, null).reasons).toEqual([])
  })
})
