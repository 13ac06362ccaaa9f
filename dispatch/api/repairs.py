"""A hole on the board: who could take it, which moves would help, and the tap that asks them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from dispatch import words
from dispatch.api.drafts import Person
from dispatch.api.views import ReasonView
from dispatch.holes import repairs
from dispatch.models import Assignment, Need
from volunteer import skills
from volunteer import words as said
from volunteer.access import masked
from volunteer.act import Act, Language
from volunteer.api.http import ById, Struct, View, Whole, door
from volunteer.errors import Reason as No
from volunteer.errors import Refused
from volunteer.models import Volunteer


class Ranked(Struct):
    limit: Annotated[int, Whole(1, 20)] = 8


class StepBody(Struct):
    """``leaves``: the need whose seat the person gives up; ``instead``: whose open offer for ``need`` is taken back."""

    volunteer: UUID
    need: UUID
    leaves: UUID | None = None
    instead: UUID | None = None


class RepairBody(Struct):
    """Without steps the best repair is found and made."""

    steps: Annotated[tuple[StepBody, ...], Field(max_length=8)] = ()


class NeedName(View):
    id: UUID
    role: str
    event_id: UUID
    title: str
    title_en: str
    starts_at: datetime


class Weighed(View):
    """What a goal adds to the score; below zero it costs."""

    goal: str
    worth: int


class StepView(View):
    """``consent``: the seat they leave was accepted; it stays theirs until they agree."""

    volunteer: Person
    need: NeedName
    leaves: NeedName | None
    instead: Person | None
    consent: bool
    km: float | None
    why: list[Weighed]
    why_text: str


class ProposalView(View):
    """``gain``: what the plan's score gains over leaving the hole; ``short``: what a full re-solve could gain beyond it
    at most; ``touched``: people who are told something."""

    steps: list[StepView]
    gain: int
    short: int
    touched: int


class RepairView(View):
    """``ready`` is false while the roster is being read: ask again in a moment. ``eligible``: people who could come as
    they stand. ``impossible``: why nobody's coming would help."""

    ready: bool
    missing: int
    eligible: int
    proposals: list[ProposalView]
    impossible: ReasonView | None


class OfferMade(View):
    """``waits``: for a yes, before which the next step is not asked."""

    volunteer: UUID
    need: UUID
    assignment: UUID
    waits: bool


class RepairedView(View):
    offers: list[OfferMade]
    withdrawn: int


@door("GET", "/api/needs/{id}/substitutes", summary="Ranked substitutes, moves and short chains for one hole")
async def list_substitutes(act: Act, path: ById, query: Ranked) -> RepairView:
    found = await repairs.propose(act, path.id, limit=query.limit)
    return RepairView.model_validate(await _shown(found, act.actor.language))


@door(
    "POST", "/api/needs/{id}/repair", summary="Ask the people of one repair, or of the best one", status=201, gone=True
)
async def repair_need(act: Act, path: ById, body: RepairBody) -> RepairedView:
    steps = [repairs.Move(step.volunteer, step.need, step.leaves, step.instead) for step in body.steps]
    if not steps:
        found = await repairs.propose(act, path.id, limit=1)
        if not found.proposals:
            raise Refused([No("nobody" if found.ready else "reading")])
        steps = list(repairs.moves(found.proposals[0]))
    done = await repairs.apply(act, path.id, steps)
    offers = [_made(line) for line in done.offers]
    return RepairedView(offers=offers, withdrawn=len(done.withdrawn))


def _made(line: Assignment) -> OfferMade:
    waits = line.replaces_id is not None
    return OfferMade(volunteer=line.volunteer_id, need=line.need_id, assignment=line.id, waits=waits)


async def _shown(found: repairs.Found, language: Language) -> dict[str, Any]:
    steps = [step for one in found.proposals for step in one.steps]
    who = {UUID(name) for step in steps for name in (step.person, step.instead) if name}
    what = {UUID(name) for step in steps for name in (step.need, step.leaves) if name}
    people = {
        str(v.id): {"id": v.id, "name": masked(v.name), "region": v.region_id}
        for v in await Volunteer.filter(id__in=who)
    }
    needs = {str(n.id): _named(n) for n in await Need.filter(id__in=what).prefetch_related("shift__event")}
    proposals = [
        {
            "steps": [_step(step, people, needs, language) for step in one.steps],
            "gain": one.gain,
            "short": one.short,
            "touched": len({name for step in one.steps for name in (step.person, step.instead) if name}),
        }
        for one in found.proposals
    ]
    no = None
    if found.impossible is not None:
        await skills.learned()
        text, remedy = said.reason(found.impossible.rule, found.impossible.data, language)
        no = {"rule": found.impossible.rule, "data": found.impossible.data, "text": text, "remedy": remedy}
    return {
        "ready": found.ready, "missing": found.missing, "eligible": found.eligible, "proposals": proposals,
        "impossible": no,
    }  # fmt: skip


def _named(need: Need) -> dict[str, Any]:
    event = need.shift.event
    return {
        "id": need.id, "role": need.role, "event_id": event.id, "title": event.title, "title_en": event.title_en,
        "starts_at": need.shift.starts_at,
    }  # fmt: skip


def _step(step: Any, people: dict[str, Any], needs: dict[str, Any], language: Language) -> dict[str, Any]:
    km = None if step.metres is None else round(step.metres / 1000, 1)
    return {
        "volunteer": people[step.person],
        "need": needs[step.need],
        "leaves": needs[step.leaves] if step.leaves else None,
        "instead": people[step.instead] if step.instead else None,
        "consent": step.consent,
        "km": km,
        "why": [{"goal": one.goal, "worth": one.worth} for one in step.why],
        "why_text": words.about(((one.goal, one.worth) for one in step.why), language),
    }
