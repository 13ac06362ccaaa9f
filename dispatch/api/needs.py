"""Who could take a need, why somebody cannot; asking one person by hand, and letting one go."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from dispatch.api.drafts import Person
from dispatch.api.views import AssignmentView, Counted, ReasonView
from dispatch.holes import relaxing
from dispatch.models import Assignment
from dispatch.planning import plans
from dispatch.roster import assigning, assignments, candidates, seats, seeking, seen
from volunteer import access, skills
from volunteer import words as said
from volunteer.act import Act
from volunteer.api.http import ById, Struct, Text, View, Whole, Words, door
from volunteer.api.shapes import PersonName


class Few(Struct):
    limit: Annotated[int, Whole(1, 100)] = 20


class Somebody(Struct):
    volunteer: UUID


class Candidate(View):
    volunteer: Person
    km: float | None
    worth: int
    why_text: str


class Candidates(View):
    """``eligible`` and the counts of ``reasons`` (first failing rule) sum to ``pool``."""

    eligible: int
    pool: int
    reasons: list[Counted]
    items: list[Candidate]


class Within(Struct):
    """``draft``: look at the roster as this draft would leave it."""

    draft: UUID | None = None


class RelaxationView(View):
    """``kind``, ``amount``, ``subject``: what changes; ``seats``: how many more it fills, with ``people``; ``touched``:
    people who serve there already and must agree; ``effort``: what ranks it, small is easy."""

    kind: str
    amount: int
    subject: str
    seats: int
    touched: int
    effort: int
    people: list[Person]
    text: str
    outcome: str


class Relaxations(View):
    """``missing``: seats below the wish; ``today``: of these, what can be filled without any change, by ``people``."""

    missing: int
    today: int
    people: list[Person]
    items: list[RelaxationView]


class Verdict(View):
    """Empty = yes."""

    reasons: list[ReasonView]


@door("GET", "/api/needs/{id}/candidates", summary="Who could take this need, best first, and why the others cannot")
async def list_candidates(act: Act, path: ById, query: Few) -> Candidates:
    seat = await seats.find(path.id)
    access.require(act.actor, "candidates.read", seat.thing())
    return Candidates.model_validate(await candidates.ranked(seat, query.limit, act.actor.language))


@door("GET", "/api/needs/{id}/relaxations", summary="Small changes that would fill this need, each tried out")
async def list_relaxations(act: Act, path: ById, query: Within) -> Relaxations:
    seat = await seats.find(path.id)
    access.require(act.actor, "candidates.read", seat.thing())
    if query.draft is not None:
        _ = await plans.find(act, query.draft)
    return Relaxations.model_validate(await relaxing.found(seat, query.draft, act.at, act.actor.language))


@door("GET", "/api/needs/{id}/why-not", summary="Why this person cannot take this need; empty = yes")
async def read_why_not(act: Act, path: ById, query: Somebody) -> Verdict:
    seat = await seats.find(path.id)
    access.require(act.actor, "candidates.read", seat.thing())
    found = await assignments.why_not(query.volunteer, path.id)
    await skills.learned()
    shown = []
    for reason in found:
        text, remedy = said.reason(reason.rule, reason.data, act.actor.language)
        shown.append({"rule": reason.rule, "data": reason.data, "text": text, "remedy": remedy})
    return Verdict.model_validate({"reasons": shown})


class WaitingLine(View):
    """``since``: since when they wait."""

    id: UUID
    volunteer: PersonName
    since: datetime


class WaitingList(View):
    items: list[WaitingLine]


@door("GET", "/api/needs/{id}/waiting", summary="Who waits for a seat of this need, in their turn")
async def read_waiting(act: Act, path: ById) -> WaitingList:
    return await _waiting(act, path.id)


async def _waiting(act: Act, need_id: UUID) -> WaitingList:
    found = await seeking.waiting(act, need_id)
    items = [{"id": line.id, "volunteer": _masked(line), "since": line.offered_at} for line in found]
    return WaitingList.model_validate({"items": items})


def _masked(line: Assignment) -> dict[str, object]:
    return {"id": line.volunteer_id, "name": access.masked(line.volunteer.name)}


@door("POST", "/api/needs/{id}/reserve", summary="Ask somebody to stand by for a full need", status=201, gone=True)
async def reserve_need(act: Act, path: ById, body: Somebody) -> WaitingList:
    await seeking.reserve(act, path.id, body.volunteer)
    return await _waiting(act, path.id)


@door("POST", "/api/assignments/{id}/promote", summary="Ask somebody who waits now, whatever their turn", gone=True)
async def promote_assignment(act: Act, path: ById) -> WaitingList:
    line = await seeking.promote(act, path.id)
    return await _waiting(act, line.need_id)


@door("POST", "/api/needs/{id}/offer", summary="Ask one person by hand", status=201, gone=True)
async def offer_need(act: Act, path: ById, body: Somebody) -> AssignmentView:
    line = await assignments.offer(act, path.id, body.volunteer)
    return AssignmentView.model_validate((await seen.shown([line.id], act.actor.language))[0])


class Noting(Struct):
    """``reason``: how they said yes; told to them."""

    volunteer: UUID
    reason: Annotated[str, Words(1, 200)]


@door(
    "POST", "/api/needs/{id}/assign", summary="Note the yes of somebody who said it to a person", status=201, gone=True
)
async def assign_need(act: Act, path: ById, body: Noting) -> AssignmentView:
    line = await assigning.assign(act, path.id, body.volunteer, body.reason)
    return AssignmentView.model_validate((await seen.shown([line.id], act.actor.language))[0])


class TakingBack(Struct):
    """``reason``: told to the person."""

    reason: Annotated[str, Text(0, 200)] = ""


class LettingGo(Struct):
    """``reason``: told to the person."""

    reason: Annotated[str, Words(1, 200)]


@door("POST", "/api/assignments/{id}/withdraw", summary="Take an unanswered offer, or a place in line, back", gone=True)
async def withdraw_assignment(act: Act, path: ById, body: TakingBack) -> AssignmentView:
    line = await assignments.withdraw(act, path.id, "hand", words=body.reason)
    return AssignmentView.model_validate((await seen.shown([line.id], act.actor.language))[0])


@door("POST", "/api/assignments/{id}/release", summary="Let somebody who accepted go, and tell them why", gone=True)
async def release_assignment(act: Act, path: ById, body: LettingGo) -> AssignmentView:
    line = await assignments.release(act, path.id, "hand", words=body.reason)
    return AssignmentView.model_validate((await seen.shown([line.id], act.actor.language))[0])
