/** The worker that keeps the shell on the device. WeChat and old browsers have none: the phone works without it. */
import { shallowRef, type ShallowRef } from 'vue'

export interface Update {
  ready: Readonly<ShallowRef<boolean>>
  now(): void
}

export function useUpdate(): Update {
  const ready = shallowRef(false)
  let waiting: ServiceWorker | null = null
  const offer = (worker: ServiceWorker | null) => {
    if (!worker || !navigator.serviceWorker.controller) return
    waiting = worker
    ready.value = true
  }
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    navigator.serviceWorker
      .register('/phone/worker.js', { scope: '/phone/' })
      .then(registration => watch(registration, offer))
      .catch((error: unknown) => console.warn('no offline start:', error))
  }
  return { ready, now: () => renew(waiting) }
}

function watch(registration: ServiceWorkerRegistration, offer: (worker: ServiceWorker | null) => void): void {
  offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker?.addEventListener('statechange', () => worker.state === 'installed' && offer(worker))
  })
}

function renew(waiting: ServiceWorker | null): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage({ type: 'SKIP_WAITING' })
}
