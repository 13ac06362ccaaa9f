/** The one shape of each service mode, on a 16 grid: tutoring ○, training △, performance ◇, support □. */
export const SHAPES: Readonly<Record<string, string>> = {
  tutoring: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z',
  training: 'M8 2.2l6.2 11.2H1.8z',
  performance: 'M8 1.5L14.5 8 8 14.5 1.5 8z',
  support: 'M2.5 2.5h11v11h-11z',
}
