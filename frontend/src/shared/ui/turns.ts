/** The state that an event takes by itself, and when, in words. */
import { time } from '../words/dates'
import type { Turning } from '../state/facts'
import { useWords } from './words'

export function useTurns() {
  const { t, day, left } = useWords()

  /** Nothing when no state follows by itself. */
  function nextTurn(one: Turning, now: Date): string {
    if (!one.turns_to || !one.turns_at) return ''
    const said = t(`turn.${one.turns_to}`, { at: `${day(one.turns_at, now)} ${time(one.turns_at)}` })
    const remains = left(one.turns_at, now)
    return remains ? t('turn.left', { said, left: remains }) : said
  }

  return { nextTurn }
}
