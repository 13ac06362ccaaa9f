/** Comes back at once when the person does: the tab is looked at again, or the network is there again. */

export function wakeWith(window: Window & typeof globalThis, wake: () => void): () => void {
  const seen = () => window.document.visibilityState === 'visible' && wake()
  window.addEventListener('online', wake)
  window.document.addEventListener('visibilitychange', seen)
  return () => {
    window.removeEventListener('online', wake)
    window.document.removeEventListener('visibilitychange', seen)
  }
}
