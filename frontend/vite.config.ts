/** One project, four pages: the landing page, phone, desk and board. Only the phone is a PWA. */
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import about from './package.json' with { type: 'json' }
import { phoneApp } from './phone.pwa.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.CITONG_SERVER ?? 'http://127.0.0.1:8000'

/** In development the history routes below each base answer with that base's page, as the server does. */
function pagesByBase(): Plugin {
  return {
    name: 'pages-by-base',
    configureServer(dev) {
      dev.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        const base = /^\/(phone|desk|board)(\/[^.]*)?$/.exec(path)
        if (path === '/notice') request.url = '/index.html'
        if (base) request.url = `/${base[1]}.html`
        next()
      })
    },
  }
}

export default defineConfig({
  plugins: [vue(), pagesByBase(), VitePWA(phoneApp)],
  resolve: { alias: { '@shared': here('./src/shared') } },
  define: {
    __BUILD__: JSON.stringify(process.env.CITONG_BUILD ?? about.version),
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
  },
  server: { proxy: { '/api': server, '/live': { target: server, ws: true } } },
  build: {
    target: 'es2022',
    manifest: true,
    rollupOptions: {
      input: {
        index: here('./index.html'),
        phone: here('./phone.html'),
        desk: here('./desk.html'),
        board: here('./board.html'),
      },
    },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], testTimeout: 60_000, maxWorkers: 2, server: { deps: { inline: ['element-plus'] } } },
} as Parameters<typeof defineConfig>[0])
