/**
 * Which built files a page loads, read from Vite's manifest.
 * @typedef {{ file: string, css?: string[], imports?: string[], dynamicImports?: string[] }} Chunk
 * @typedef {Record<string, Chunk>} Chunks
 */

/**
 * File names, relative to `dist`, of the scripts and styles that `page` needs: at once, or with its lazy parts.
 * @param {Chunks} chunks
 * @param {string} page
 * @param {{ lazy: boolean }} how
 * @returns {Set<string>}
 */
export function reached(chunks, page, how) {
  const files = new Set()
  const seen = new Set()
  const visit = key => {
    if (seen.has(key)) return
    seen.add(key)
    const chunk = chunks[key]
    if (!chunk) throw new Error(`the manifest has no entry ${key}: build first`)
    files.add(chunk.file)
    for (const style of chunk.css ?? []) files.add(style)
    for (const next of chunk.imports ?? []) visit(next)
    if (how.lazy) for (const next of chunk.dynamicImports ?? []) visit(next)
  }
  visit(page)
  return files
}
