import { start } from '@shared/ui/start'
import '@shared/ui/house-desk.css'
import BoardPage from './BoardPage.vue'
import { router } from './routes'

void start({
  root: BoardPage,
  face: 'board',
  words: { 'zh-CN': () => import('./words/zh-CN'), en: () => import('./words/en') },
  more: app => void app.use(router),
})
