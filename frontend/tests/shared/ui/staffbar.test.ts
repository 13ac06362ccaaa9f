import { beforeAll, describe, expect, it } from 'vitest'
import StaffBar from '@shared/ui/StaffBar.vue'
import type { Bar } from '@shared/wire'
import { bar } from '../state/rows'
import { show, speaking } from './mounted'

const none = { default: {} }
beforeAll(() => speaking({ 'zh-CN': async () => none, en: async () => none }))

function drawn(one: Bar) {
  const shown = show(StaffBar, { bar: one })
  const grow = (name: string) => Number((shown.find(`.${name}`).element as HTMLElement | undefined)?.style.flexGrow ?? 0)
  const parts = ['filled', 'offered', 'missing', 'wished'].map(name => (shown.find(`.fill .${name}`).exists() ? grow(name) : 0))
  return { shown, parts, label: shown.find('.only-read').text() }
}

describe('a bar of staffing', () => {
  it('is filled, offered, missing and wished in proportion', () => {
    expect(drawn(bar('a', 1, 0)).parts).toEqual([1, 0, 1, 1])
    expect(drawn(bar('a', 1, 1)).parts).toEqual([1, 1, 0, 1])
    expect(drawn(bar('a', 3, 0)).parts).toEqual([3, 0, 0, 0])
  })

  it('glows only where nobody was asked', () => {
    expect(drawn(bar('a', 0, 1)).shown.classes()).toContain('hole')
    const waiting = drawn(bar('a', 0, 2)).shown
    expect(waiting.classes()).toContain('waiting')
    expect(waiting.classes()).not.toContain('hole')
    expect(drawn(bar('a', 2, 0)).shown.classes()).not.toContain('waiting')
  })

  it('does not let a surplus in one role hide a hole in another', () => {
    const need = bar('x', 0).needs[0]
    if (!need) throw new Error('no need')
    const two = bar('a', 2, 2, { min: 3, desired: 4, needs: [
      { ...need, id: 'n1', min: 1, desired: 2, filled: 2, offered: 2 }, { ...need, id: 'n2', min: 2, desired: 2, filled: 0, offered: 0 },
    ] })
    expect(drawn(two).parts).toEqual([2, 0, 2, 0])
    expect(drawn(two).shown.classes()).toContain('hole')
  })

  it('says all of it in one sentence', () => {
    expect(drawn(bar('a', 1, 1)).label).toBe('南音晚会，搭台演出，11月28日 周六 19:00–21:00，已到位 1 人，共需 3 人，还差 1 人，1 份邀请待答复')
  })
})
