import { flushPromises } from '@vue/test-utils'
import { shallowRef } from 'vue'
import { beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '@shared/api/problem'
import type { Deed } from '@shared/outbox/deed'
import type { Assignment } from '@shared/wire'
import OfferCard from '../../src/phone/OfferCard.vue'
import { ANSWERING, type Mine, type Refusal } from '../../src/phone/mine'
import { offer } from '../shared/state/rows'
import { online, show, speaking } from '../shared/ui/mounted'

const taps: string[] = []
const now = Date.parse('2026-11-24T01:00:00Z')
beforeAll(() => speaking({ 'zh-CN': () => import('../../src/phone/words/zh-CN'), en: () => import('../../src/phone/words/en') }))

function card(row: Assignment, state: { deed?: string; refusal?: Refusal } = {}) {
  const deed = { key: 'k', owner: 'v', about: row.id, verb: state.deed ?? '', path: '', body: {}, madeAt: '' }
  const mine = {
    queue: shallowRef<Deed[]>(state.deed ? [deed] : []),
    refusals: shallowRef(new Map(state.refusal ? [[row.id, state.refusal]] : [])),
    act: async (_row: Assignment, verb: string, reason?: string) => void taps.push(`${verb} ${reason ?? ''}`.trim()),
  } as unknown as Mine
  return show(OfferCard, { row, now }, { [ANSWERING as symbol]: mine })
}

describe('an offer card', () => {
  it('answers in the order in which a person asks', () => {
    const text = card(offer('a1')).text()
    const order = ['南音晚会', '11月28日 周六 19:00–21:00', '18:30 到岗', '府文庙', '离您约 2.4 公里', '演奏', '已有 1 人接单', '您会琵琶', '请在明天 09:00 前答复', '还有 1 天', '谢绝', '接单']
    const places = order.map(words => text.indexOf(words))
    expect(places).not.toContain(-1)
    expect(places.slice(0, -1)).toEqual([...places.slice(0, -1)].sort((a, b) => a - b))
  })

  it('accepts by one tap', async () => {
    await card(offer('a1')).find('button.primary').trigger('click')
    expect(taps).toEqual(['accept'])
  })

  it('never says accepted before the server has', async () => {
    online.value = false
    const waiting = card(offer('a1'), { deed: 'accept' })
    expect(waiting.text()).toContain('接单还没有发出')
    online.value = true
    await flushPromises()
    expect(waiting.text()).toContain('正在接单')
    expect(waiting.text()).not.toContain('成功')
    expect(card(offer('a1', { status: 'accepted', version: 2 })).text()).toContain('接单成功')
  })

  it('tells a refusal with its reasons and remedies', () => {
    const problem = new Problem(409, 'refused', '没能接单', '', { reasons: [{ rule: 'overlap', text: '同一时间已有安排', remedy: '先退出那个班次' }] })
    const text = card(offer('a1'), { refusal: { verb: 'accept', problem, next: { offer: offer('a2'), opening: null }, row: offer('a1') } }).text()
    expect(text).toContain('同一时间已有安排')
    expect(text).toContain('先退出那个班次')
    expect(text).toContain('还有一份适合您的邀请')
  })

  it('cannot be answered when its time is over', () => {
    const lapsed = card(offer('a1', { expires_at: '2026-11-24T00:59:00Z' }))
    expect(lapsed.text()).toContain('答复时间已过')
    expect(lapsed.findAll('button:disabled')).toHaveLength(2)
  })

  it('offers the way back from an accept where the rules allow it', () => {
    const can = { accept: false, decline: false, cancel: true, again: false, check_out: false, swap: false, undo: false }
    expect(card(offer('a1', { status: 'accepted', can })).text()).toContain('撤销接单')
    expect(card(offer('a1', { status: 'accepted', can: { ...can, cancel: false } })).text()).not.toContain('撤销接单')
  })
})
