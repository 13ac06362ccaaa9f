/** Presence for a board: one page of the house's, its place, and who else is there. It ends with the screen. */
import { inject, onScopeDispose, shallowRef, watch, type InjectionKey, type ShallowRef } from 'vue'
import { api } from '@shared/api/calls'
import { freshKey } from '@shared/api/http'
import { NOBODY, Presence } from '@shared/state/presence'
import { usePage } from '@shared/ui/page'
import type { Around, Other } from '@shared/wire'

export interface Company {
  around: Readonly<ShallowRef<Around>>
  /** The seat that this page wants to be marked as worked on, whether or not it is. */
  wanted: Readonly<ShallowRef<string | null>>
  work: (need: string) => void
  take: (need: string, word: string) => Promise<void>
}

export const COMPANY: InjectionKey<Company> = Symbol('company')

export function useCompany(region: string, shift: () => string | null): Company {
  const { line } = usePage()
  const around = shallowRef<Around>(NOBODY)
  const wanted = shallowRef<string | null>(null)
  const page = freshKey()
  const presence = new Presence(
    { region, shift: shift(), need: null },
    { beat: at => api.beat(page, at), leave: () => api.leave(page), changed: next => (around.value = next) },
  )
  watch(shift, id => {
    wanted.value = null
    presence.at({ shift: id, need: null })
  })
  const seen = () => (document.visibilityState === 'visible' ? presence.wake() : presence.sleep())
  const gone = () => presence.sleep()
  const unheard = line.heed(() => presence.soon())
  document.addEventListener('visibilitychange', seen)
  addEventListener('pagehide', gone)
  presence.soon()
  onScopeDispose(() => {
    unheard()
    document.removeEventListener('visibilitychange', seen)
    removeEventListener('pagehide', gone)
    presence.sleep()
  })
  return {
    around,
    wanted,
    work: need => {
      wanted.value = need
      presence.at({ need })
    },
    take: (need, word) => {
      wanted.value = need
      return presence.take(need, word)
    },
  }
}

/** Without a board around it there is nobody. */
export function company(): Company | null {
  return inject(COMPANY, null)
}

/** Who looks at each shift. */
export function byShift(around: Around): ReadonlyMap<string, Other[]> {
  const found = new Map<string, Other[]>()
  for (const other of around.others) if (other.shift) found.set(other.shift, [...(found.get(other.shift) ?? []), other])
  return found
}
