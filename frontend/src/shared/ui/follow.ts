/** A followed view for a screen: its state, and `reload` for a button. It stops with the screen, and speaks its language. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Live } from '../wire'
import { wakeWith } from '../live/wake'
import { Followed, type FollowedOptions, type FollowedState } from '../state/followed'
import { usePage } from './page'
import { useWords } from './words'

export interface UsedView<View extends { live: Live }> {
  state: Readonly<ShallowRef<FollowedState<View>>>
  followed: Followed<View>
}

export function useFollowed<View extends { live: Live }>(
  options: Omit<FollowedOptions<View>, 'line' | 'changed'>,
): UsedView<View> {
  const { line } = usePage()
  const state = shallowRef<FollowedState<View>>({ view: null, loading: true, error: null, readAt: 0 })
  const followed = new Followed<View>({ ...options, line, changed: next => (state.value = next) })
  void followed.start()
  watch(useWords().locale, () => void followed.reload()) // names and reasons come worded by the server
  const sleep = wakeWith(window, () => followed.wake())
  onScopeDispose(() => {
    sleep()
    followed.stop()
  })
  return { state, followed }
}
