/** Single keys as commands, silent while somebody types or holds a modifier. */
import { onScopeDispose } from 'vue'

export function useKeys(commands: Readonly<Record<string, () => void>>): void {
  const pressed = (event: KeyboardEvent) => {
    const command = commands[event.key]
    if (!command || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    event.preventDefault()
    command()
  }
  window.addEventListener('keydown', pressed)
  onScopeDispose(() => window.removeEventListener('keydown', pressed))
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}
