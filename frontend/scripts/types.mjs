/** Writes src/shared/wire/schema.d.ts from openapi.json (`citong schema openapi > frontend/openapi.json`). */
import { readFileSync, writeFileSync } from 'node:fs'
import { generate } from './wire.mjs'

const here = name => new URL(`../${name}`, import.meta.url)
writeFileSync(here('src/shared/wire/schema.d.ts'), await generate(JSON.parse(readFileSync(here('openapi.json'), 'utf8'))))
