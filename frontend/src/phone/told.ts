/** The choices of how to be told: clocks as minutes of the day, leads, and what has changed. Pure. */
import type { Contact } from '@shared/wire'

export type Group = keyof Contact['channels']
export type Channel = Contact['offered'][number]

export function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Of what a time field holds; null while it is empty. */
export function minutes(text: string): number | null {
  const found = /^(\d{2}):(\d{2})/.exec(text)
  return found ? Number(found[1]) * 60 + Number(found[2]) : null
}

export function toggled(channels: readonly Channel[], channel: Channel): Channel[] {
  return channels.includes(channel) ? channels.filter(one => one !== channel) : [...channels, channel]
}

const with_ = (values: number[], own: number) => (values.includes(own) ? values : [...values, own].sort((a, b) => a - b))
/** The leads on offer; another one that was set elsewhere stays on the list. */
export const FAR = (own: number) => with_([0, 720, 1440, 2880, 4320], own)
export const NEAR = (own: number) => with_([0, 60, 120, 180, 240], own)

export function same(one: Contact, other: Contact): boolean {
  const plain = ({ channels, quiet_from, quiet_until, far, near, digest }: Contact) =>
    JSON.stringify([Object.entries(channels).map(([group, list]) => [group, [...list].sort()]).sort(), quiet_from, quiet_until, far, near, digest])
  return plain(one) === plain(other)
}
