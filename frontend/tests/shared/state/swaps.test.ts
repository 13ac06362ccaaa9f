import { describe, expect, it } from 'vitest'
import { reduceSwaps, replaceSwap, swapOf } from '@shared/state/swaps'
import type { Swap, SwapsView } from '@shared/wire'

function swap(part: Partial<Swap>): Swap {
  const can = { agree: true, refuse: true, withdraw: false }
  const base = { id: 's1', kind: 'swap', state: 'proposed', reason: '', approval: false, mine: false, ended_at: null, version: 1, sides: [], can }
  return { ...base, proposed_at: '2026-03-01T00:00:00Z', expires_at: '2026-03-02T00:00:00Z', ...part } as Swap
}

function view(...items: Swap[]): SwapsView {
  return { items, live: { epoch: 'e1', topics: {} } } as SwapsView
}

const entry = (kind: string, told: object) => ({ topic: 'volunteer:a', seq: 1, kind, id: 's1', data: { swap: { id: 's1', reason: '', ...told } } })

describe('swaps under the journal', () => {
  it('take a state at once, and with an end all that could be done is gone', () => {
    const { view: next, reload } = reduceSwaps(view(swap({})), entry('swap.lapsed', { state: 'lapsed', version: 2 }))
    expect(next.items[0]).toMatchObject({ state: 'lapsed', can: { agree: false, refuse: false } })
    expect(reload).toBe(true)
  })

  it('read again what they do not know, and leave alone what is older or of another kind', () => {
    expect(reduceSwaps(view(), entry('swap.proposed', { state: 'proposed', version: 1 })).reload).toBe(true)
    expect(reduceSwaps(view(swap({ version: 3 })), entry('swap.answered', { state: 'proposed', version: 2 })).reload).toBeUndefined()
    expect(reduceSwaps(view(swap({})), entry('assignment.swapped', { state: 'done', version: 2 })).reload).toBeUndefined()
  })

  it('put an answer in the place of the older row, or first', () => {
    expect(replaceSwap(view(swap({})), swap({ version: 2, state: 'done' })).items).toMatchObject([{ state: 'done' }])
    expect(replaceSwap(view(swap({})), swap({ id: 's2' })).items.map(item => item.id)).toEqual(['s2', 's1'])
  })

  it('find the one that a seat stands in, my own proposal first', () => {
    const sides = [{ own: true, line: 'a' }] as Swap['sides']
    const items = view(swap({ sides }), swap({ id: 's2', mine: true, sides }), swap({ id: 's3', state: 'done', sides }))
    expect(swapOf(items, 'a')?.id).toBe('s2')
    expect(swapOf(items, 'b')).toBeUndefined()
  })
})
