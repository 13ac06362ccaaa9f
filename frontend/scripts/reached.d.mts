export type Chunk = { file: string; css?: string[]; imports?: string[]; dynamicImports?: string[] }
export type Chunks = Record<string, Chunk>
export function reached(chunks: Chunks, page: string, how: { lazy: boolean }): Set<string>
