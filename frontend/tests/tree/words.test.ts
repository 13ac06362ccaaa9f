// @vitest-environment node
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Messages } from '@shared/words/catalogue'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const FOLDERS = ['shared/words', 'phone/words', 'phone/words/later', 'board/words', 'desk/words', 'home/words']

function flat(messages: Messages, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') found.set(path + key, value)
    else for (const [inner, text] of flat(value, `${path}${key}.`)) found.set(inner, text)
  }
  return found
}

async function words(folder: string, locale: string): Promise<Map<string, string>> {
  return flat(((await import(join(src, folder, `${locale}.ts`))) as { default: Messages }).default)
}

const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]))].sort()

describe.each(FOLDERS)('the words of %s', folder => {
  it('exist in both languages, with the same holes', async () => {
    const [zh, en] = [await words(folder, 'zh-CN'), await words(folder, 'en')]
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
    for (const [key, text] of zh) expect([key, holes(en.get(key) ?? '')]).toEqual([key, holes(text)])
  })

  it('have holes of plain names and at most two forms', async () => {
    for (const locale of ['zh-CN', 'en']) {
      for (const [key, text] of await words(folder, locale)) {
        expect([key, text.replace(/\{\w+\}/g, '')]).toEqual([key, expect.not.stringMatching(/[{}]|\|.*\|/)])
      }
    }
  })

  it('are Chinese in the Chinese file', async () => {
    const english = [...(await words(folder, 'zh-CN'))].filter(([key, text]) => /[a-z]{4}/i.test(text.replace(/\{[^}]*\}|\S*example\S*/g, '')) && key !== 'language.en')
    expect(english).toEqual([])
  })

  it('use Chinese punctuation in Chinese', async () => {
    const wrong = [...(await words(folder, 'zh-CN'))].filter(([, text]) => /[\u4e00-\u9fff}][,:?!;(]|[,:?!;)][\u4e00-\u9fff{]/.test(text))
    expect(wrong).toEqual([])
  })
})

describe('the screens', () => {
  it('use only words that exist, and no word is left over', async () => {
    const known = new Set<string>()
    for (const folder of FOLDERS) for (const key of (await words(folder, 'zh-CN')).keys()) known.add(key)
    const text = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(vue|ts)$/.test(name) && !/words.(later.)?(zh|en)/.test(name))
      .map(name => readFileSync(join(src, name), 'utf8'))
      .join('\n')
    const used = [...text.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(match => match[1] ?? '')
    expect(used.length).toBeGreaterThan(50)
    expect(used.filter(key => !known.has(key))).toEqual([])
    const built = [...text.matchAll(/\bt\(\s*`([\w.]*)\$\{/g)].map(match => match[1] ?? '')
    const named = new Set([...text.matchAll(/'(\w+(?:\.\w+)*)'/g)].map(match => match[1] ?? ''))
    const idle = [...known].filter(key => !named.has(key) && !built.some(start => start && key.startsWith(start)))
    expect(idle).toEqual([])
  })
})
