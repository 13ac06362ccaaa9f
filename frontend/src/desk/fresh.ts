/** Keeps a followed view from growing old: it is read again when the network is back, and by the clock if nothing tells it. */
import { onScopeDispose, watch } from 'vue'
import type { Live } from '@shared/wire'
import type { UsedView } from '@shared/ui/follow'
import { usePage } from '@shared/ui/page'

const EVERY = 20_000

export function useFresh<View extends { live: Live }>({ state, followed }: UsedView<View>): void {
  const { online } = usePage()
  const timer = setInterval(() => {
    const view = state.value.view
    if (view && !Object.keys(view.live.topics).length && document.visibilityState === 'visible') followed.reloadSoon()
  }, EVERY)
  onScopeDispose(() => clearInterval(timer))
  watch(online, back => back && state.value.error && followed.reloadSoon())
}
