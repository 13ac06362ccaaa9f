/**
 * The screens' own reducers, asked line by line: `{name, view, topic, rows}` in, `{view, reload}` out. They are the
 * sources as they lie there; Node takes the types off by itself.
 */
import { registerHooks } from 'node:module'
import { createInterface } from 'node:readline'

registerHooks({
  resolve(specifier, context, next) {
    return next(/^\.{1,2}\/[\w/.-]*$/.test(specifier) && !/\.\w+$/.test(specifier) ? `${specifier}.ts` : specifier, context)
  },
})
const shared = new URL('../../frontend/src/shared/', import.meta.url)
const { entryOf } = await import(new URL('live/frames.ts', shared))
const { reduceBoard, reduceAttention } = await import(new URL('state/board.ts', shared))
const { reduceAssignments } = await import(new URL('state/assignments.ts', shared))
const { reduceEvents, reduceSheet } = await import(new URL('state/events.ts', shared))
const reducers = {
  board: reduceBoard, attention: reduceAttention, offers: reduceAssignments, week: reduceAssignments, list: reduceEvents, sheet: reduceSheet,
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, view, topic, rows } = JSON.parse(line)
  let after = view
  let reload = false
  for (const row of rows) {
    const step = reducers[name](after, entryOf(topic, row))
    after = step.view
    reload ||= step.reload ?? false
  }
  process.stdout.write(`${JSON.stringify({ view: after, reload })}\n`)
}
