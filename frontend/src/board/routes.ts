/** One screen, and two plans side by side; what they show is in the address, so that it can be sent and kept. */
import { createRouter, createWebHistory } from 'vue-router'
import BoardShell from './BoardShell.vue'

export const router = createRouter({
  history: createWebHistory('/board/'),
  routes: [
    { path: '/', name: 'board', component: BoardShell },
    { path: '/compare', name: 'compare', component: () => import('./ComparePage.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
