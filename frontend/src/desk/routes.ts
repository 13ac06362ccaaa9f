/** The list, with one event beside it or instead of it, and the roster for paper. Filters are the address's query. */
import { createRouter, createWebHistory } from 'vue-router'
import EventsScreen from './EventsScreen.vue'

export const router = createRouter({
  history: createWebHistory('/desk/'),
  routes: [
    { path: '/', name: 'events', component: EventsScreen },
    { path: '/inbox', name: 'inbox', component: () => import('./InboxScreen.vue') },
    { path: '/hours/:stage(confirm|sign|answer|correct|all)?', name: 'hours', component: () => import('./HoursScreen.vue'), props: true },
    { path: '/people', name: 'people', component: () => import('./PeopleScreen.vue') },
    { path: '/new', name: 'new', component: () => import('./PostScreen.vue') },
    { path: '/events/:id', name: 'event', component: EventsScreen },
    { path: '/events', redirect: to => ({ name: 'events', query: to.query }) },
    { path: '/events/:id/roll', name: 'roll', component: () => import('./RollScreen.vue'), props: true },
    { path: '/events/:id/roster', name: 'roster', component: () => import('./RosterScreen.vue'), props: true },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  // A filter changes the query alone: the page stays where it is.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})
