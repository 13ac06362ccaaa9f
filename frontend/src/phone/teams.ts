/** What the phone asks about offers to whole teams, and how they follow the journal. */
import { http, once, take } from '@shared/api/http'
import type { Entry } from '@shared/live/frames'
import type { Reduced } from '@shared/state/facts'
import type { TeamOffersView } from '@shared/wire'

export const teamOffers = () => take(http.GET('/api/team-offers'))
export const acceptForTeam = (id: string) => take(http.POST('/api/team-offers/{id}/accept', { params: { path: { id }, header: once() } }))
export const declineForTeam = (id: string) =>
  take(http.POST('/api/team-offers/{id}/decline', { params: { path: { id }, header: once() }, body: { reason: null } }))

/** Names and counts are read again: whoever cannot come changes what the leader may answer. */
export function reduceTeams(view: TeamOffersView, entry: Entry): Reduced<TeamOffersView> {
  return { view, reload: entry.kind.startsWith('team.') || entry.kind === 'assignment.offered' }
}
