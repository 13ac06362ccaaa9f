/** The places of the bottom bar. Offers are what most people come for: they are in the first load, the rest follows. */
import { onScopeDispose } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import OffersScreen from './OffersScreen.vue'
import { withWords } from './later'

const week = () => import('./WeekScreen.vue')
const find = () => import('./FindScreen.vue')
const me = () => import('./MeScreen.vue')

export const router = createRouter({
  history: createWebHistory('/phone/'),
  routes: [
    { path: '/', name: 'offers', component: OffersScreen },
    { path: '/week/:monday(\\d{4}-\\d{2}-\\d{2})?', name: 'week', component: week, props: true },
    { path: '/swap/:line', name: 'swap', component: () => withWords(() => import('./SwapScreen.vue')), props: true, meta: { tab: 'week' } },
    { path: '/inbox', name: 'inbox', component: () => import('./InboxScreen.vue') },
    { path: '/me/told', name: 'told', component: () => import('./ToldScreen.vue'), meta: { tab: 'me' } },
    { path: '/hours', name: 'hours', component: () => import('./HoursScreen.vue'), meta: { tab: 'me' } },
    { path: '/find', name: 'find', component: find },
    { path: '/roll/:event', name: 'roll', component: () => import('./RollScreen.vue'), props: true, meta: { tab: 'week' } },
    { path: '/me', name: 'me', component: me },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  scrollBehavior: (to, _from, saved) => saved ?? (to.hash && document.getElementById(to.hash.slice(1)) ? { el: to.hash, top: 64 } : { top: 0 }),
})

const SOON_MS = 3_000

/** Brings the other places once the first stands: a tap on them opens at once, and where nothing keeps the shell (WeChat) also offline. */
export function fetchPlaces(): void {
  const timer = setTimeout(() => {
    for (const place of [week, find, me]) place().catch((error: unknown) => console.warn('not here yet:', error)) // a tap asks again
  }, SOON_MS)
  onScopeDispose(() => clearTimeout(timer))
}
