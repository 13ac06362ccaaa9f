// @vitest-environment node
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const FACES = ['home', 'phone', 'desk', 'board']
const LOGIC = ['wire', 'api', 'live', 'state', 'outbox', 'words']
const KITS: Record<string, string> = { vant: 'phone', 'element-plus': 'desk|board' }

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(name => /\.(ts|vue)$/.test(name))
const imports = files.flatMap(file => {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(match => ({ file, target: match[1] ?? '' }))
})

/** The part of the tree that an import reaches: `shared/live`, `phone`, or a package's name. */
function reached(file: string, target: string): string {
  if (target.startsWith('@shared/')) return target.slice(1)
  if (target.startsWith('.')) return relative(src, resolve(src, dirname(file), target))
  return target
}

describe('the tree', () => {
  it('has sources to look at', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(imports.length).toBeGreaterThan(100)
  })

  it('lets faces import the shared part and never each other', () => {
    const wrong = imports.filter(({ file, target }) => {
      const from = file.split('/')[0] ?? ''
      const to = reached(file, target).split('/')[0] ?? ''
      return FACES.includes(to) && to !== from
    })
    expect(wrong).toEqual([])
  })

  it('starts every entry by taking the token of a sign-in link out of the address', () => {
    const first = (file: string) => imports.find(one => one.file === file)?.target
    expect(FACES.map(face => first(`${face}/main.ts`))).toEqual(FACES.map(() => '@shared/ui/start'))
    expect(first('shared/ui/start.ts')).toBe('./arrival')
  })

  it('keeps the framework out of the logic', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [top, part] = file.split('/')
      const framework = /^(vue|vue-router|vant|element-plus)\b/.test(target) || reached(file, target).startsWith('shared/ui')
      return top === 'shared' && LOGIC.includes(part ?? '') && framework
    })
    expect(wrong).toEqual([])
  })

  it('keeps each component kit to its faces', () => {
    const wrong = imports.filter(({ file, target }) => {
      const kit = Object.keys(KITS).find(name => target === name || target.startsWith(`${name}/`))
      return kit && !new RegExp(`^(${KITS[kit]})/`).test(file)
    })
    expect(wrong).toEqual([])
  })

  it('has no file longer than 400 lines', () => {
    const long = files.filter(file => !file.endsWith('schema.d.ts') && readFileSync(join(src, file), 'utf8').split('\n').length > 400)
    expect(long).toEqual([])
  })
})
