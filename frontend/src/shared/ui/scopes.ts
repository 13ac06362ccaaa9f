/** The regions in which a person holds a role, widest first; those inside another are left out. */
import type { Me } from '../wire'

export interface Scope {
  code: string
  name: string
}

const REGIONAL = new Set(['coordinator', 'organiser', 'recorder', 'leader', 'clerk', 'evaluator', 'auditor', 'administrator', 'admin'])

export function held(me: Me): Scope[] {
  const found = new Map<string, string>()
  for (const role of me.roles) if (role.region && REGIONAL.has(role.role)) found.set(role.region.code, role.region.name)
  const codes = [...found].map(([code, name]) => ({ code, name }))
  return codes
    .filter(one => !codes.some(other => other.code !== one.code && one.code.startsWith(other.code)))
    .sort((a, b) => a.code.length - b.code.length || a.code.localeCompare(b.code))
}

/** As `held`; for one without such a role, where the person lives. */
export function scopesOf(me: Me): Scope[] {
  const scopes = held(me)
  return scopes.length ? scopes : [{ code: me.region.code, name: me.region.name }]
}
