/** A box that folds out over the page closes as people expect: by Escape, and when they go on elsewhere. */
import { onMounted, onScopeDispose, type ShallowRef } from 'vue'

export function useShut(box: Readonly<ShallowRef<HTMLDetailsElement | null>>): void {
  const elsewhere = (event: Event) => {
    if (box.value?.open && !box.value.contains(event.target as Node)) box.value.open = false
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !box.value?.open) return
    event.stopPropagation() // what lies below stays open
    box.value.open = false
    box.value.querySelector('summary')?.focus()
  }
  const KINDS = ['pointerdown', 'focusin'] as const
  onMounted(() => {
    for (const kind of KINDS) document.addEventListener(kind, elsewhere)
    box.value?.addEventListener('keydown', pressed)
  })
  onScopeDispose(() => {
    for (const kind of KINDS) document.removeEventListener(kind, elsewhere)
  })
}
