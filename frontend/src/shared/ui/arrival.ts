/**
 * The token of a sign-in link, taken out of the address as the very first thing: a router that is made later would
 * remember the address as it was and write the token back. So `start.ts` is every entry's first import.
 */
import { takeToken } from '../api/link'

export const token = takeToken(location, history)
export const answerToken = takeToken(location, history, 'o')
