/** The swaps that a person is in: an entry brings the state, the seats and names of a new one only a read. Pure. */
import type { Entry } from '../live/frames'
import type { Swap, SwapsView } from '../wire'
import type { Reduced } from './facts'

type Told = Pick<Swap, 'id' | 'state' | 'reason' | 'version'>

export function reduceSwaps(view: SwapsView, entry: Entry): Reduced<SwapsView> {
  if (!entry.kind.startsWith('swap.')) return { view }
  const told = (entry.data as { swap?: Told }).swap
  const known = told && view.items.find(item => item.id === told.id)
  if (known && told && known.version >= told.version) return { view }
  return { view: known && told ? replaceSwap(view, { ...known, ...told, can: open(told) ? known.can : NOTHING }) : view, reload: true }
}

const NOTHING: Swap['can'] = { agree: false, refuse: false, withdraw: false }

/** It waits for somebody's word. */
export function open(swap: Pick<Swap, 'state'>): boolean {
  return swap.state === 'proposed' || swap.state === 'agreed'
}

/** Puts the row of an answer in the place of the older one, or before all others. */
export function replaceSwap(view: SwapsView, row: Swap): SwapsView {
  const known = view.items.some(item => item.id === row.id)
  const items = known ? view.items.map(item => (item.id === row.id && item.version <= row.version ? row : item)) : [row, ...view.items]
  return { ...view, items }
}

/** The open swap that a seat of one's own stands in, whoever proposed it first. */
export function swapOf(view: SwapsView | null, line: string): Swap | undefined {
  const inside = (swap: Swap) => open(swap) && swap.sides.some(side => side.own && side.line === line)
  const found = view?.items.filter(inside) ?? []
  return found.find(swap => swap.mine) ?? found[0]
}
