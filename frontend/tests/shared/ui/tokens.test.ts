// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../../../src/shared/ui/tokens.css', import.meta.url), 'utf8')
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
const colours = (text: string) => new Map([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(match => [match[1], match[2]]))

const TEXTS = ['ink', 'muted', 'accent', 'good-ink', 'risk-ink', 'hole-ink', 'flight-ink', 'tutoring', 'training', 'performance', 'support']
const GROUNDS = ['ground', 'surface', 'sunken']
const PAIRS: [string, string][] = [
  ['on-accent', 'accent'], ['on-accent', 'accent-press'], ['good-ink', 'good-soft'], ['risk-ink', 'risk-soft'],
  ['hole-ink', 'hole-soft'], ['flight-ink', 'flight-soft'], ['ink', 'hole-soft'], ['accent', 'accent-soft'], ['ink', 'flight-soft'], ['muted', 'hole-soft'],
  ...TEXTS.flatMap(text => GROUNDS.map((ground): [string, string] => [text, ground])),
]

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

describe.each([
  ['light', colours(light)],
  ['dark', new Map([...colours(light), ...colours(dark)])],
])('the %s colours', (_name, known) => {
  const colour = (name: string) => known.get(name) ?? expect.fail(`no colour --${name}`)

  it.each(PAIRS)('%s on %s is readable', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(GROUNDS)('edges of controls and shapes of status stand out from %s', ground => {
    for (const shape of ['edge', 'good', 'risk', 'hole', 'flight']) {
      expect(contrast(colour(shape), colour(ground)), shape).toBeGreaterThanOrEqual(3)
    }
  })
})
