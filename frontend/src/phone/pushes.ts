/** Pushes to this browser: whether it can have them, and the way to allow and to end them. */
import { api } from '@shared/api/calls'

export type PushState = 'off' | 'on' | 'denied' | 'never'

/** `never`: the operator has none, or this browser cannot (WeChat, old ones). */
export async function pushState(key: string | null): Promise<PushState> {
  if (!key || !('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'never'
  if (Notification.permission === 'denied') return 'denied'
  return (await (await navigator.serviceWorker.ready).pushManager.getSubscription()) ? 'on' : 'off'
}

export async function allowPush(key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return Notification.permission === 'denied' ? 'denied' : 'off'
  const { pushManager } = await navigator.serviceWorker.ready
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { p256dh = '', auth = '' } = made.toJSON().keys ?? {}
  try {
    await api.allowPush({ endpoint: made.endpoint, p256dh, auth })
  } catch (error) {
    await made.unsubscribe() // the server does not know it: this browser must not believe that it is told
    throw error
  }
  return 'on'
}

/** Who signs out here leaves a device that shows nothing of theirs any more. */
export async function leavePush(): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration('/phone/')
  if (await worker?.pushManager?.getSubscription()) await endPush()
}

export async function endPush(): Promise<PushState> {
  const made = await (await navigator.serviceWorker.ready).pushManager.getSubscription()
  if (made) {
    await api.endPush(made.endpoint)
    await made.unsubscribe()
  }
  return 'off'
}
