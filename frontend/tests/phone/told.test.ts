import { describe, expect, it } from 'vitest'
import type { Contact } from '@shared/wire'
import { clock, FAR, minutes, NEAR, same, toggled } from '../../src/phone/told'

const CONTACT: Contact = {
  channels: { offer: ['mail'], change: ['mail'], reminder: [], alarm: [] },
  quiet_from: 1320, quiet_until: 480, far: 1440, near: 120, digest: null, offered: ['mail', 'sms'], refused: false, calendar: false,
}

describe('the choices of how to be told', () => {
  it('turn clocks into minutes and back', () => {
    for (const value of [0, 1, 480, 1439]) expect(minutes(clock(value))).toBe(value)
    expect(minutes('')).toBeNull()
    expect(minutes('08:05:30')).toBe(485)
  })

  it('switch a channel on and off', () => {
    expect(toggled(['mail'], 'sms')).toEqual(['mail', 'sms'])
    expect(toggled(['mail', 'sms'], 'mail')).toEqual(['sms'])
  })

  it('keep a lead that was set elsewhere on the list', () => {
    expect(FAR(1440)).toEqual([0, 720, 1440, 2880, 4320])
    expect(NEAR(45)).toEqual([0, 45, 60, 120, 180, 240])
  })

  it('know what has changed, whatever the order', () => {
    const twice = { ...CONTACT, channels: { ...CONTACT.channels, offer: ['sms', 'mail'] as Contact['offered'] } }
    expect(same(CONTACT, structuredClone(CONTACT))).toBe(true)
    expect(same(CONTACT, twice)).toBe(false)
    expect(same(twice, { ...twice, channels: { ...twice.channels, offer: ['mail', 'sms'] } })).toBe(true)
    expect(same(CONTACT, { ...CONTACT, digest: 1080 })).toBe(false)
  })
})
