/** A posting that was begun and not sent is there again when its page is: kept on the device, by person. */
import { onUnmounted, ref, watch, type Ref } from 'vue'
import { keptView } from '@shared/state/kept'
import type { Place } from './places'
import { emptyNeed, type Form } from './posting'

interface Unsent {
  form: Form
  place: Place | null
}

const PAUSE_MS = 400

/** Fills `form` and `place` with what was begun, if nothing was typed meanwhile, and keeps what is typed from then on. */
export function useUnsent(owner: string, form: Form, place: Ref<Place | null>, blank: () => Form) {
  const kept = keptView<Unsent | null>(owner, 'posting')
  const resumed = ref(false)
  const empty = () => textOf(form) === textOf(blank())
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    // What is kept is plain: a copy of what the page still changes.
    void kept.write(over || empty() ? null : (JSON.parse(JSON.stringify({ form, place: place.value })) as Unsent))
  }

  async function resume(): Promise<void> {
    const found = (await kept.read())?.view
    if (found && empty()) {
      Object.assign(form, blank(), found.form, { needs: found.form.needs.map(need => ({ ...emptyNeed(), ...need, key: emptyNeed().key })) })
      place.value = found.place
      resumed.value = true
    }
    watch([form, place], () => {
      clearTimeout(timer)
      timer = setTimeout(write, PAUSE_MS)
    })
  }

  void resume()
  onUnmounted(() => {
    if (timer !== undefined) write()
  })
  return {
    resumed,
    /** Begin with an empty page. */
    discard: () => {
      Object.assign(form, blank())
      place.value = null
      resumed.value = false
      write()
    },
    /** It is sent: nothing is kept any more. */
    done: () => {
      over = true
      write()
    },
  }
}

const textOf = (form: Form): string => JSON.stringify({ ...form, needs: form.needs.map(need => ({ ...need, key: 0 })) })
