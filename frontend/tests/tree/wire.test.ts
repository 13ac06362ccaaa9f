// @vitest-environment node
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generate } from '../../scripts/wire.mjs'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

it('has wire types that were made from the schema beside it (else: npm run types)', async () => {
  expect(read('src/shared/wire/schema.d.ts')).toBe(await generate(JSON.parse(read('openapi.json')) as object))
})

it('locks packages by content, not by place', () => {
  const lock = read('package-lock.json')
  expect(lock).not.toContain('"resolved"')
  expect((JSON.parse(lock) as { packages: Record<string, { version?: string }> }).packages['node_modules/rollup']?.version).toBe('4.67.4')
})
