import { describe, expect, it } from 'vitest'
import { byDeadline, reduceAssignments, replace } from '@shared/state/assignments'
import { joined, missing, reduceAttention, reduceBoard, uncovered } from '@shared/state/board'
import { reduceDraft, type DraftView } from '@shared/state/drafts'
import { reduceEvents, reduceSheet } from '@shared/state/events'
import { attention, bar, board, entry, events, live, offer, offers, sheet } from './rows'

const told = (status: string, version = 2) => ({ id: 'a1', status, version, need_id: 'n1', shift_id: 's1', event_id: 'e1' })

describe('a volunteer’s offers', () => {
  it('take the status of an entry and what it allows', () => {
    const { view, reload } = reduceAssignments(offers(offer('a1'), offer('a2')), entry('assignment.filled', { assignment: told('filled') }))
    expect(view.items.map(row => row.status)).toEqual(['filled', 'offered'])
    expect(view.items[0]?.can).toEqual({ accept: false, decline: false, cancel: false, again: false, check_out: false, swap: false, undo: false })
    expect(reload).toBeFalsy()
  })

  it('are read again for an offer that they have not seen', () => {
    expect(reduceAssignments(offers(), entry('assignment.offered', { assignment: told('offered', 1) })).reload).toBe(true)
    expect(reduceAssignments(offers(), entry('assignment.filled', { assignment: told('filled') })).reload).toBe(false)
  })

  it('are read again for a place in the line and for a seat just taken', () => {
    expect(reduceAssignments(offers(), entry('assignment.waiting', { assignment: told('standby', 1) })).reload).toBe(true)
    const { view, reload } = reduceAssignments(offers(offer('a1')), entry('assignment.accepted', { assignment: told('accepted') }))
    expect([view.items[0]?.status, reload]).toEqual(['accepted', true])
    const waiting = offers(offer('a1', { status: 'standby' }))
    expect(reduceAssignments(waiting, entry('assignment.offered', { assignment: told('offered') })).reload).toBe(true)
  })

  it('are not thrown back by an older entry or answer', () => {
    const view = offers(offer('a1', { status: 'accepted', version: 5 }))
    expect(reduceAssignments(view, entry('assignment.offered', { assignment: told('offered', 1) })).view).toBe(view)
    expect(replace(view, offer('a1', { version: 4 })).items[0]?.status).toBe('accepted')
  })

  it('stand in the order of their deadlines', () => {
    const late = offer('late', { expires_at: '2026-11-26T01:00:00Z' })
    const open = offer('open', { expires_at: null })
    expect([open, late, offer('soon')].sort(byDeadline).map(row => row.id)).toEqual(['soon', 'late', 'open'])
  })
})

describe('a board', () => {
  it('equals a fresh read after each entry', () => {
    const { view } = reduceBoard(board(bar('s1', 0, 1), bar('s2', 3)), entry('assignment.accepted', { bar: bar('s1', 1, 0) }))
    expect(view).toEqual(board(bar('s1', 1, 0), bar('s2', 3)))
  })

  it('counts seats anew when a need is resized, and knows the event’s version', () => {
    const need = { id: 'need of s1', role: '演奏', leader: false, min: 4, desired: 5, max: 5, filled: 0, offered: 0, version: 2 }
    const larger = bar('s1', 0, 0, { min: 4, desired: 5, max: 5, needs: [need] })
    expect(reduceBoard(board(bar('s1', 0), bar('s2', 3)), entry('need.resized', { bar: larger })).view).toEqual(board(larger, bar('s2', 3)))
    const locked = { id: 'event of s1', state: 'locked', version: 4 }
    expect(reduceBoard(board(bar('s1', 0)), entry('event.locked', { event: locked })).view).toEqual(board(bar('s1', 0, 0, { state: 'locked', version: 4 })))
  })

  it('leaves alone what lies in other days', () => {
    const view = board(bar('s1', 0))
    expect(reduceBoard(view, entry('assignment.accepted', { bar: bar('s9', 1) }))).toEqual({ view, reload: false })
  })

  it('is read again when an event comes or goes', () => {
    const view = board(bar('s1', 0))
    expect(reduceBoard(view, entry('event.published', { event: { id: 'new', state: 'published', version: 2 } })).reload).toBe(true)
    const gone = reduceBoard(view, entry('event.cancelled', { event: { id: 'event of s1', state: 'cancelled', version: 2 } }))
    expect(gone.reload).toBe(true)
    expect(gone.view.rows[0]?.shifts[0]?.state).toBe('cancelled')
  })

  it('counts as missing only what must be filled', () => {
    expect([0, 1, 2, 3].map(filled => missing(bar('s', filled)))).toEqual([2, 1, 0, 0])
  })

  it('tells apart what waits for an answer from what nobody was asked for', () => {
    const two = bar('s', 0, 0, { needs: [
      { id: 'a', role: '', leader: false, min: 2, desired: 2, max: 2, filled: 0, offered: 3, version: 1 },
      { id: 'b', role: '', leader: false, min: 2, desired: 2, max: 2, filled: 1, offered: 0, version: 1 },
    ] })
    expect([missing(two), uncovered(two)]).toEqual([3, 1])
  })

  it('joins pages that break within a venue', () => {
    const pages = [{ ...board(bar('s1', 0)), next: 'more' }, board(bar('s2', 0))] as const
    const whole = joined([...pages])
    expect(whole.rows).toHaveLength(1)
    expect(whole.rows[0]?.shifts.map(one => one.id)).toEqual(['s1', 's2'])
    expect(whole.next).toBeNull()
  })
})

describe('what needs a person', () => {
  it('shrinks and goes when seats fill', () => {
    const one = reduceAttention(attention(bar('s1', 0), bar('s2', 0)), entry('assignment.accepted', { bar: bar('s1', 1) }))
    expect(one.view.items.map(item => item.missing)).toEqual([1, 2])
    expect(one.reload).toBe(false)
    expect(reduceAttention(one.view, entry('assignment.accepted', { bar: bar('s1', 2) })).view.items).toHaveLength(1)
  })

  it('is read again when somebody drops out', () => {
    expect(reduceAttention(attention(), entry('assignment.cancelled', { bar: bar('s1', 1) })).reload).toBe(true)
  })
})

describe('a draft', () => {
  const draft = { id: 'd1', state: 'running', version: 3, score: 10, counts: null, curve: [], live } as unknown as DraftView

  it('takes progress and is read again when it ends', () => {
    const moved = reduceDraft(draft, entry('draft.progressed', { draft: { id: 'd1', state: 'running', version: 3, score: 12 } }))
    expect(moved.view.score).toBe(12)
    expect(moved.reload).toBe(false)
    expect(reduceDraft(draft, entry('draft.ended', { draft: { id: 'd1', state: 'ready', version: 4 } })).reload).toBe(true)
  })

  it('grows its curve by each moment told, and begins anew with a run that does', () => {
    const told = (seconds: number, version: number, more = {}) =>
      entry('draft.progressed', { draft: { id: 'd1', state: 'running', version, progress: { stage: 'prices', seconds, score: 5, bound: 9, ...more } } })
    const fresh = { ...draft, curve: [], ahead: 2 } as DraftView
    const first = reduceDraft(fresh, told(1, 4)).view
    expect([first.curve, first.ahead]).toEqual([[{ seconds: 1, score: 5, bound: 9 }], null])
    const second = reduceDraft(reduceDraft(first, told(2, 5)).view, told(2, 6)).view
    expect(second.curve.map(point => point.seconds)).toEqual([1, 2])
    expect(reduceDraft(second, told(0, 7, { stage: 'snapshot', seconds: null, score: null, bound: null })).view.curve).toEqual([])
    expect(reduceDraft(second, told(3, 7, { score: null, bound: null })).view.curve).toHaveLength(2)
  })

  it('minds no other draft and nothing older', () => {
    expect(reduceDraft(draft, entry('draft.progressed', { draft: { id: 'd2', state: 'running', version: 9 } })).view).toBe(draft)
    expect(reduceDraft(draft, entry('draft.progressed', { draft: { id: 'd1', state: 'running', version: 2 } })).view).toBe(draft)
  })
})

describe('the desk', () => {
  it('takes states at once and reads counts again', () => {
    const view = events('e1', 'e2')
    expect(reduceEvents(view, entry('event.published', { event: { id: 'e1', state: 'published', version: 2 } })).view.items[0]?.state).toBe('published')
    expect(reduceEvents(view, entry('assignment.accepted', { bar: { ...bar('s1', 1), event_id: 'e2' } })).reload).toBe(true)
    expect(reduceEvents(view, entry('assignment.accepted', { bar: { ...bar('s1', 1), event_id: 'e9' } })).reload).toBe(false)
  })

  it('moves one line of a sheet and reads a new person’s name', () => {
    const need = { ...bar('s1', 1).needs[0], id: 'n1', filled: 1, offered: 0, version: 2 }
    const moved = reduceSheet(sheet(), entry('assignment.accepted', { assignment: told('accepted'), need }))
    const seen = moved.view.shifts[0]?.needs[0]
    expect([seen?.taken, seen?.offered, seen?.assignments[0]?.status]).toEqual([1, 0, 'accepted'])
    expect(moved.reload).toBe(false)
    expect(reduceSheet(sheet(), entry('assignment.offered', { assignment: { ...told('offered'), id: 'a2' }, need })).reload).toBe(true)
  })
})
