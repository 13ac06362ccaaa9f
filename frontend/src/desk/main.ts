import { start } from '@shared/ui/start'
import '@shared/ui/large'
import 'element-plus/es/components/config-provider/style/css'
import 'element-plus/es/components/input/style/css'
import 'element-plus/es/components/date-picker/style/css'
import '@shared/ui/house-desk.css'
import './desk.css'
import DeskPage from './DeskPage.vue'
import { router } from './routes'

void start({
  root: DeskPage,
  face: 'desk',
  words: { 'zh-CN': () => import('./words/zh-CN'), en: () => import('./words/en') },
  more: app => void app.use(router),
})
