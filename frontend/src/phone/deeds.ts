/** Which door each tap goes to. A deed about a seat that is nobody's yet carries the need's id. */
export type Verb = 'accept' | 'decline' | 'cancel' | 'again' | 'signIn' | 'checkOut' | 'undoSignIn' | 'take' | 'standBy'

const DOORS: Record<Verb, (id: string) => string> = {
  accept: id => `/api/assignments/${id}/accept`,
  decline: id => `/api/assignments/${id}/decline`,
  cancel: id => `/api/assignments/${id}/cancel`,
  again: id => `/api/assignments/${id}/again`,
  signIn: id => `/api/assignments/${id}/sign-in`,
  checkOut: id => `/api/assignments/${id}/check-out`,
  undoSignIn: id => `/api/assignments/${id}/undo-check-in`,
  take: id => `/api/needs/${id}/take`,
  standBy: id => `/api/needs/${id}/stand-by`,
}

/** Answers to an offer fold its card where it stands; the others change a row elsewhere. */
export const ANSWERS: ReadonlySet<string> = new Set<Verb>(['accept', 'decline', 'cancel'])

export function doorOf(verb: Verb, id: string): string {
  return DOORS[verb](id)
}

/** What a venue's square code says: an address of ours whose fragment names the shift and the code of the moment. */
export function codeIn(text: string): { shift: string; code: string } | null {
  const found = /#c=([0-9a-f-]{36})\.([\w-]{16,40})$/i.exec(text.trim())
  return found?.[1] && found[2] ? { shift: found[1], code: found[2] } : null
}
