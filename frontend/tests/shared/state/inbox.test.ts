import { describe, expect, it } from 'vitest'
import type { Entry } from '@shared/live/frames'
import { counted, markRead, reduceInbox } from '@shared/state/inbox'
import type { InboxView, Notice } from '@shared/wire'

const notice = (id: string): Notice => ({
  id, kind: 'event.cancelled', group: 'change', subject: '一场活动已取消', text: '', at: '2026-03-01T00:00:00Z', read: false, pressing: true, about: null,
})
const VIEW: InboxView = { items: [notice('a'), notice('b')], unread: 2, next: null, live: { epoch: 'e', topics: {} } }
const entry = (kind: string) => ({ kind, data: {} }) as unknown as Entry

describe('the inbox', () => {
  it('is read again when something was said to the person, and only then', () => {
    for (const kind of ['notice.owed', 'notice.read', 'assignment.offered', 'event.cancelled']) expect(reduceInbox(VIEW, entry(kind)).reload).toBe(true)
    for (const kind of ['session.began', 'volunteer.changed', 'contact.changed']) expect(reduceInbox(VIEW, entry(kind)).reload).toBeUndefined()
  })

  it('shows what was read as the server counts it', () => {
    const after = markRead(VIEW, one => one.id === 'a', 1)
    expect(after.items.map(item => [item.read, item.pressing])).toEqual([[true, false], [false, true]])
    expect(after.unread).toBe(1)
    expect(VIEW.items[0]?.read).toBe(false)
  })

  it('counts no further than people do', () => {
    expect([counted(3), counted(99), counted(100)]).toEqual(['3', '99', '99+'])
  })
})
