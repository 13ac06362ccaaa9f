/** A sign-in link carries its token in the fragment, which no server and no log sees. It is taken out of the address at once. */

/** `t` signs in, `o` answers the offers of a letter. */
export function takeToken(location: Location, history: History, name: 't' | 'o' = 't'): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get(name)
  if (!token) return null
  history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
