/** What only the desk asks the server. */
import { http, once, take } from '@shared/api/http'

export const candidatesOf = (need: string, limit: number) =>
  take(http.GET('/api/needs/{id}/candidates', { params: { path: { id: need }, query: { limit } } }))

export const skills = () => take(http.GET('/api/skills'))

export const swapsOf = (event: string) => take(http.GET('/api/events/{id}/swaps', { params: { path: { id: event } } }))
export const approveSwap = (id: string) => take(http.POST('/api/swaps/{id}/approve', { params: { path: { id }, header: once() } }))

/** `reason`: how they said yes; told to the person. */
export const assignSeat = (need: string, volunteer: string, reason: string) =>
  take(http.POST('/api/needs/{id}/assign', { params: { path: { id: need }, header: once() }, body: { volunteer, reason } }))
/** `reason`: told to the person. */
export const releaseLine = (line: string, reason: string) =>
  take(http.POST('/api/assignments/{id}/release', { params: { path: { id: line }, header: once() }, body: { reason } }))

export const teamsFor = (need: string) => take(http.GET('/api/needs/{id}/teams', { params: { path: { id: need } } }))
export const offerTeam = (need: string, team: string) =>
  take(http.POST('/api/needs/{id}/offer-team', { params: { path: { id: need }, header: once() }, body: { team } }))
/** `reason`: told to all who were asked. */
export const withdrawTeam = (offer: string, reason: string) =>
  take(http.POST('/api/team-offers/{id}/withdraw', { params: { path: { id: offer }, header: once() }, body: { reason } }))

export const standing = () => take(http.GET('/api/standing'))
export const findPeople = (words: string) => take(http.POST('/api/volunteers/find', { body: { words } }))
/** `reason`: told to the person. */
export const suspend = (id: string, reason: string) =>
  take(http.POST('/api/volunteers/{id}/suspend', { params: { path: { id }, header: once() }, body: { reason } }))
export const keptApart = () => take(http.GET('/api/apart'))
export const keepApart = (id: string, other: string) =>
  take(http.POST('/api/volunteers/{id}/apart', { params: { path: { id }, header: once() }, body: { other } }))
export const letTogether = (id: string) => take(http.POST('/api/apart/{id}/lift', { params: { path: { id }, header: once() } }))
export const liftSuspension = (id: string) => take(http.POST('/api/volunteers/{id}/lift', { params: { path: { id }, header: once() } }))
