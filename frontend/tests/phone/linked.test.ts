import { describe, expect, it, vi } from 'vitest'
import { api } from '@shared/api/calls'
import { takeToken } from '@shared/api/link'
import { Problem } from '@shared/api/problem'
import type { Assignment } from '@shared/wire'
import { makeLinked } from '../../src/phone/linked'

const row = (id: string, status = 'offered') => ({ id, status, can: { accept: true, decline: true, cancel: true } }) as unknown as Assignment

describe("a letter's link", () => {
  it('is taken out of the address, each kind by its own name', () => {
    const history = { state: null, replaceState: vi.fn() } as unknown as History
    const location = { hash: '#o=abc', pathname: '/phone/', search: '' } as Location
    expect(takeToken(location, history)).toBeNull()
    expect(takeToken(location, history, 'o')).toBe('abc')
    expect(history.replaceState).toHaveBeenCalledWith(null, '', '/phone/')
  })

  it('shows its offers, takes one answer at a time and never offers to step back', async () => {
    vi.spyOn(api, 'openLink').mockResolvedValue({ name: '陈小美', items: [row('a'), row('b')] })
    const answer = vi.spyOn(api, 'answerLink').mockImplementation(async (_, id) => row(id, 'accepted'))
    const linked = makeLinked('secret', error => expect(error).toBeNull())
    await linked.read()
    expect(linked.rows.value.map(one => one.can.cancel)).toEqual([false, false])
    await Promise.all([linked.answering.act(linked.rows.value[0]!, 'accept'), linked.answering.act(linked.rows.value[1]!, 'accept')])
    expect(answer).toHaveBeenCalledTimes(1)
    expect(linked.rows.value.map(one => one.status)).toEqual(['accepted', 'offered'])
    expect(linked.rows.value[0]?.can.cancel).toBe(false)
    await linked.answering.act(linked.rows.value[0]!, 'cancel')
    expect(answer).toHaveBeenCalledTimes(1)
  })

  it('shows the reasons of a no on the card', async () => {
    vi.spyOn(api, 'openLink').mockResolvedValue({ name: '陈小美', items: [row('a')] })
    vi.spyOn(api, 'answerLink').mockRejectedValue(new Problem(410, 'gone', '来晚了', ''))
    const linked = makeLinked('secret', error => expect(error).toBeNull())
    await linked.read()
    await linked.answering.act(linked.rows.value[0]!, 'accept')
    expect(linked.answering.refusals.value.get('a')?.problem.status).toBe(410)
    expect(linked.answering.queue.value).toEqual([])
  })
})
