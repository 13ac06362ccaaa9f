/** The planner's stages as people know them; one that is new to this page is shown as computing. Pure. */
const STAGES = {
  snapshot: 'snapshot',
  read: 'read',
  candidates: 'candidates',
  greedy: 'greedy',
  whole: 'search',
  prices: 'prices',
  columns: 'prices',
  rounding: 'rounding',
  proof: 'proof',
  explain: 'explain',
  done: 'check',
} as const

export function stageOf(said: string | null | undefined): string {
  return said && said in STAGES ? STAGES[said as keyof typeof STAGES] : 'search'
}
