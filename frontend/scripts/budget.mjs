/** Weighs, after gzip, what each page loads first; fails when the phone is over its budget or keeps foreign parts. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { reached } from './reached.mjs'

const KB = 1000
const BUDGET = { 'phone.html': 110 * KB }
const dist = new URL('../dist/', import.meta.url)
const read = name => readFileSync(new URL(name, dist))
const chunks = JSON.parse(read('.vite/manifest.json').toString())
const weigh = names => [...names].reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0)

let over = false
for (const page of ['index.html', 'phone.html', 'desk.html', 'board.html']) {
  const files = reached(chunks, page, { lazy: false })
  for (const words of ['src/shared/words/zh-CN.ts', `src/${page.replace('.html', '')}/words/zh-CN.ts`]) {
    if (chunks[words]) files.add(chunks[words].file) // lazy by language, but nothing is shown without them
  }
  const script = weigh([...files].filter(name => name.endsWith('.js')))
  const style = weigh([...files].filter(name => name.endsWith('.css')))
  const limit = BUDGET[page]
  const total = script + style
  if (limit && total > limit) over = true
  const words = `${(total / KB).toFixed(1)} kB gzip (script ${(script / KB).toFixed(1)}, style ${(style / KB).toFixed(1)})`
  console.log(`${page.padEnd(12)} ${words}${limit ? ` of ${limit / KB}` : ''}`)
}

const phone = reached(chunks, 'phone.html', { lazy: true })
const kept = [...read('phone/worker.js').toString().matchAll(/url:\s*"([^"]+)"/g)].map(match => match[1])
const foreign = kept.filter(url => /\.(js|css)$/.test(url) && !phone.has(url.slice(1)))
console.log(`phone keeps  ${kept.length} files for offline starts`)
if (foreign.length) console.error(`not the phone's own: ${foreign.join(', ')}`)
if (over) console.error('the phone is over its budget')
process.exit(over || foreign.length || !kept.length ? 1 : 0)
