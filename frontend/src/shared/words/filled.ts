/** A message with its holes filled: `{name}`. English may have two forms with ` | ` between them; the first is for one. */
export function filled(text: string, holes: Readonly<Record<string, unknown>>, plural?: number): string {
  const [one = text, many = one] = text.split(' | ')
  return (plural === undefined || plural === 1 ? one : many).replace(/\{(\w+)\}/g, (_, name: string) => String(holes[name] ?? ''))
}
