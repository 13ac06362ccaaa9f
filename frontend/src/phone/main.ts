import { start } from '@shared/ui/start'
import '@shared/ui/large'
import 'vant/es/style/base.css'
import 'vant/es/overlay/index.css'
import 'vant/es/popup/index.css'
import 'vant/es/loading/index.css'
import 'vant/es/pull-refresh/index.css'
import 'vant/es/switch/index.css'
import './phone.css'
import PhonePage from './PhonePage.vue'
import { router } from './routes'

void start({
  root: PhonePage,
  face: 'phone',
  words: { 'zh-CN': () => import('./words/zh-CN'), en: () => import('./words/en') },
  more: app => void app.use(router),
})
