/** The places of the bottom bar. Offers are what most people come for: they are in the first load, the rest follows. */
import { createRouter, createWebHistory } from 'vue-router'
import OffersScreen from './OffersScreen.vue'
import { withWords } from './later'

export const router = createRouter({
  history: createWebHistory('/phone/'),
  routes: [
    { path: '/', name: 'offers', component: OffersScreen },
    { path: '/week/:monday(\\d{4}-\\d{2}-\\d{2})?', name: 'week', component: () => import('./WeekScreen.vue'), props: true },
    { path: '/swap/:line', name: 'swap', component: () => withWords(() => import('./SwapScreen.vue')), props: true },
    { path: '/inbox', name: 'inbox', component: () => import('./InboxScreen.vue') },
    { path: '/me/told', name: 'told', component: () => import('./ToldScreen.vue') },
    { path: '/hours', name: 'hours', component: () => import('./HoursScreen.vue') },
    { path: '/find', name: 'find', component: () => import('./FindScreen.vue') },
    { path: '/roll/:event', name: 'roll', component: () => import('./RollScreen.vue'), props: true },
    { path: '/me', name: 'me', component: () => import('./MeScreen.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})
