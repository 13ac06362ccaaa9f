/** A member's own word on an offer to the whole team. */
import { shallowRef } from 'vue'
import { beforeAll, expect, it } from 'vitest'
import { Problem } from '@shared/api/problem'
import TeamCard from '../../src/phone/TeamCard.vue'
import { MINE } from '../../src/phone/mine'
import { offer } from '../shared/state/rows'
import { online, show, speaking } from '../shared/ui/mounted'

beforeAll(() => speaking({ 'zh-CN': async () => ({ default: { ...(await import('../../src/phone/words/zh-CN')).default, team: {} } }), en: () => import('../../src/phone/words/en') }))

const row = {
  id: 't1', state: 'offered', team: { id: 'x', name: '舞龙队' }, least: 1, expires_at: '2099-01-01T00:00:00Z', leads: false,
  can: { accept: false, decline: false }, seat: { ...offer('s'), km: null }, members: [{ name: '陈', own: true, status: 'offered', line: 'a1' }],
}

function card(queue: object[], refusals: [string, object][]) {
  const mine = { queue: shallowRef(queue), refusals: shallowRef(new Map(refusals)) }
  return show(TeamCard, { offer: row, now: 0 }, { [MINE as symbol]: mine })
}

it('says that a word waits to be sent, and what the server said against it', () => {
  online.value = false
  expect(card([{ about: 'a1', verb: 'decline' }], []).text()).toContain('谢绝还没有发出')
  online.value = true
  const problem = new Problem(410, 'gone', '答复时间已过', '', {})
  expect(card([], [['a1', { verb: 'decline', problem, next: null, row: null }]]).text()).toContain('答复时间已过')
})
