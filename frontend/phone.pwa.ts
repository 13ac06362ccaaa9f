/** What lets the phone start without a network: its shell is kept on the device, and nothing of desk or board. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { VitePWAOptions } from 'vite-plugin-pwa'
import { reached, type Chunks } from './scripts/reached.mjs'

type Transform = NonNullable<NonNullable<VitePWAOptions['workbox']>['manifestTransforms']>[number]

const chunks = fileURLToPath(new URL('./dist/.vite/manifest.json', import.meta.url))

/** Keeps what `phone.html` reaches, lazy parts included. The server shows that page at `/phone/`: it is filed there. */
const shell: Transform = entries => {
  const files = reached(JSON.parse(readFileSync(chunks, 'utf8')) as Chunks, 'phone.html', { lazy: true })
  const kept = entries.filter(({ url }) => url === 'phone.html' || url === 'assets/mark.svg' || files.has(url))
  const filed = kept.map(entry => ({ ...entry, url: entry.url === 'phone.html' ? '/phone/' : `/${entry.url}` }))
  return { manifest: filed, warnings: [] }
}

/** The worker lies below `/phone/`, so that its scope needs no leave of the server. Its app.webmanifest is a plain file. */
export const phoneApp: Partial<VitePWAOptions> = {
  scope: '/phone/',
  filename: 'phone/worker.js',
  manifest: false,
  injectRegister: false,
  registerType: 'prompt',
  includeAssets: [],
  workbox: {
    globPatterns: ['phone.html', 'assets/mark.svg', 'assets/*.{js,css}'],
    manifestTransforms: [shell],
    navigateFallback: '/phone/',
    navigateFallbackAllowlist: [/^\/phone\//],
    importScripts: ['/phone/push.js'],
    inlineWorkboxRuntime: true,
    cleanupOutdatedCaches: true,
    clientsClaim: true,
    sourcemap: false,
  },
}
