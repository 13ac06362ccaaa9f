/** The rows and views of the server under short names. Their shapes come from the schema; nothing is stated twice. */
import type { paths } from './schema'

type Ok<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: infer Responses
}
  ? Responses[keyof Responses & (200 | 201 | 202)] extends { content: { 'application/json': infer Body } }
    ? Body
    : never
  : never

export type Me = Ok<'/api/me', 'get'>
export type Face = Me['faces'][number]
export type Region = Ok<'/api/regions', 'get'>['items'][number]

export type InboxView = Ok<'/api/notices', 'get'>
export type Notice = InboxView['items'][number]
export type Watch = Ok<'/api/watches', 'get'>['items'][number]
export type LinkedOffers = Ok<'/api/links/open', 'post'>
export type Contact = Ok<'/api/me/contact', 'get'>

export type MyHours = Ok<'/api/records/mine', 'get'>
export type OwnRecord = MyHours['items'][number]
export type RecordsView = Ok<'/api/records', 'get'>
export type WaitingRecord = RecordsView['items'][number]
export type ServiceRecord = Omit<OwnRecord, 'can'>
export type HoursStage = NonNullable<NonNullable<paths['/api/records']['get']['parameters']['query']>['stage']>
export type PostedHours = Ok<'/api/records/public', 'get'>

export type FoundPerson = Ok<'/api/volunteers/find', 'post'>['items'][number]

export type OffersView = Ok<'/api/offers', 'get'>
export type Assignment = OffersView['items'][number]

export type SwapsView = Ok<'/api/swaps', 'get'>
export type Swap = SwapsView['items'][number]
export type SwapSide = Swap['sides'][number]
export type SwapSeat = NonNullable<SwapSide['gets']>
export type Swappable = Ok<'/api/assignments/{id}/swaps', 'get'>
export type OtherSeat = Swappable['direct'][number]

export type TeamOffersView = Ok<'/api/team-offers', 'get'>
export type TeamOffer = TeamOffersView['items'][number]

export type OpeningsView = Ok<'/api/openings', 'get'>
export type Opening = OpeningsView['items'][number]
/** What the loser of a race is shown instead. */
export interface Alternative {
  offer: Assignment | null
  opening: Opening | null
}
export type VenueCode = Ok<'/api/shifts/{id}/code', 'get'>

export type BoardView = Ok<'/api/board', 'get'>
export type BoardRow = BoardView['rows'][number]
export type Bar = BoardRow['shifts'][number]
export type AttentionView = Ok<'/api/board/attention', 'get'>
export type Attention = AttentionView['items'][number]

export type Around = Ok<'/api/presence/{id}', 'put'>
export type Other = Around['others'][number]

export type RisksView = Ok<'/api/board/risks', 'get'>
export type ShiftRisk = RisksView['items'][number]
export type CallRow = ShiftRisk['calls'][number]
export type LimitsRow = Ok<'/api/limits', 'get'>

export type Draft = Ok<'/api/drafts/{id}', 'get'>
export type Assumable = Ok<'/api/drafts/assumable', 'get'>
export type Assumptions = NonNullable<Draft['assumptions']>
export type DraftPage = Ok<'/api/drafts', 'get'>
export type Comparison = Ok<'/api/drafts/compare', 'get'>
export type Skill = Ok<'/api/skills', 'get'>['items'][number]
export type Change = Ok<'/api/drafts/{id}/changes', 'get'>['items'][number]
export type Hole = Ok<'/api/drafts/{id}/holes', 'get'>['items'][number]
export type Published = Ok<'/api/drafts/{id}/publish', 'post'>

export type EventsView = Ok<'/api/events', 'get'>
export type EventRow = EventsView['items'][number]
export type EventSheet = Ok<'/api/events/{id}', 'get'>
export type ShiftSheet = EventSheet['shifts'][number]
export type NeedSheet = ShiftSheet['needs'][number]
export type Candidates = Ok<'/api/needs/{id}/candidates', 'get'>
export type WaitingLine = Ok<'/api/needs/{id}/waiting', 'get'>['items'][number]
export type Reserve = Ok<'/api/board/standby', 'get'>['items'][number]
export type Repair = Ok<'/api/needs/{id}/substitutes', 'get'>
export type Proposal = Repair['proposals'][number]
export type RepairStep = Proposal['steps'][number]
export type RepairStepBody = NonNullable<paths['/api/needs/{id}/repair']['post']['requestBody']['content']['application/json']['steps']>[number]
export type Relaxations = Ok<'/api/needs/{id}/relaxations', 'get'>
export type Outlook = Ok<'/api/needs/check', 'post'>
export type Venue = Ok<'/api/venues', 'get'>['items'][number]
export type TeamChoice = Ok<'/api/teams', 'get'>['items'][number]

/** The words that the server uses for statuses and states are text on the wire; screens ask for these. */
export const MODES = ['tutoring', 'training', 'performance', 'support'] as const
export const EVENT_STATES = ['draft', 'published', 'locked', 'running', 'finished', 'closed', 'postponed', 'cancelled'] as const
export const GROUPS = ['offer', 'change', 'reminder', 'alarm'] as const
export const STATUSES = [
  'offered', 'accepted', 'declined', 'expired', 'withdrawn', 'filled', 'standby', 'checked_in', 'cancelled', 'released',
  'no_show', 'completed',
] as const

/** Where a view was read: it follows each topic from that number on. */
export type Live = BoardView['live']
export type { paths }
