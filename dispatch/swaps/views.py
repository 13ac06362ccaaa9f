"""Swaps as people see them: one's own, with whom one could swap, and what waits for a coordinator. Views only."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from dispatch.lifecycle import PENDING
from dispatch.models import Assignment, Need, Swap, SwapSide
from dispatch.pool import point
from dispatch.roster import pacts, seats, seen
from dispatch.swaps import colleagues, deals, matches
from volunteer import access
from volunteer.act import Act
from volunteer.errors import Missing
from volunteer.models import Volunteer

View = dict[str, Any]

SHOWN_DAYS: Final = 7  # how long an ended one is still shown
MOST: Final = 50


async def mine(act: Act, me: Volunteer) -> list[View]:
    """The open swaps that I am in, soonest end first, then those that ended in the last days."""
    inside = Swap.filter(sides__volunteer_id=me.id)
    waiting = await inside.filter(state__in=PENDING).order_by("expires_at", "id").limit(MOST)
    since = act.at - timedelta(days=SHOWN_DAYS)
    over = await inside.filter(ended_at__gt=since).order_by("-ended_at", "id").limit(MOST)
    return await shown([*waiting, *over], me, await colleagues.mates(me.id))


async def one(swap: Swap, me: Volunteer) -> View:
    return (await shown([swap], me, await colleagues.mates(me.id)))[0]


async def waiting(act: Act, event_id: UUID) -> list[View]:
    """What waits for a coordinator of this event, with full names."""
    found = Swap.filter(state="agreed", sides__need__shift__event_id=event_id).order_by("expires_at", "id").distinct()
    views = []
    for swap in await found.limit(MOST):
        sides = await pacts.sides(swap.id)
        if await deals.answers_for(act, sides):
            viewer = await Volunteer.get(id=swap.proposer_id)
            (view,) = await shown([swap], viewer, [side.volunteer_id for side in sides])
            own = act.actor.id in {side.volunteer_id for side in sides}
            view["can"] = {"agree": not own, "refuse": True, "withdraw": False}
            views.append(view)
    return views


async def shown(swaps: Sequence[Swap], me: Volunteer, known_by_name: Collection[UUID]) -> list[View]:
    sides = (
        await SwapSide.filter(swap_id__in=[swap.id for swap in swaps]).order_by("place").prefetch_related("volunteer")
    )
    lines = {line.id: line for line in await Assignment.filter(id__in=[s.line_id for s in sides if s.line_id])}
    wanted = {*(line.need_id for line in lines.values()), *(side.need_id for side in sides if side.need_id)}
    needs = await _needs(wanted)
    views = []
    for swap in swaps:
        own = [side for side in sides if side.swap_id == swap.id]
        told = []
        for side in own:
            line = None if side.line_id is None else lines[side.line_id]
            name = side.volunteer.name
            told.append(
                {
                    "own": side.volunteer_id == me.id,
                    "name": name
                    if side.volunteer_id == me.id
                    else colleagues.named(name, side.volunteer_id, known_by_name),
                    "agreed": side.agreed_at is not None,
                    "line": side.line_id,
                    "gives": None if line is None else seat(needs[line.need_id], me),
                    "gets": None if side.need_id is None else seat(needs[side.need_id], me),
                }
            )
        views.append({**_bare(swap, me), "sides": told, "can": _can(swap, own, me)})
    return views


def _bare(swap: Swap, me: Volunteer) -> View:
    names = ("id", "kind", "state", "reason", "approval", "proposed_at", "expires_at", "ended_at", "version")
    return {**{name: getattr(swap, name) for name in names}, "mine": swap.proposer_id == me.id}


def _can(swap: Swap, sides: Sequence[SwapSide], me: Volunteer) -> View:
    mine = next((side for side in sides if side.volunteer_id == me.id), None)
    waits = swap.state in PENDING
    proposer = swap.proposer_id == me.id
    return {
        "agree": swap.state == "proposed" and mine is not None and mine.agreed_at is None,
        "refuse": waits and mine is not None and not proposer,
        "withdraw": waits and proposer,
    }


async def _needs(ids: Collection[UUID]) -> dict[UUID, Need]:
    found = await Need.filter(id__in=list(ids)).prefetch_related("shift__event", "shift__venue__region")
    return {need.id: need for need in found}


def seat(need: Need, me: Volunteer) -> View:
    """What, when and where, and how far from home."""
    return {"need_id": need.id, **seen.facts(need, point(me.lat, me.lon))}


async def possible(act: Act, line_id: UUID) -> View:
    """With whom I could swap this seat of mine, and who could take it over. A stranger's line is :class:`Missing`."""
    line = await Assignment.get_or_none(id=line_id)
    if line is None:
        raise Missing("assignment")
    access.require(act.actor, "assignment.answer", (await seats.find(line.need_id)).thing(line.volunteer_id))
    me = await Volunteer.get(id=line.volunteer_id)
    if line.status != "accepted":
        return {"direct": [], "rings": [], "takers": []}
    found = await matches.found(line)
    others = [*found.direct, *(one for ring in found.rings for one in ring)]
    needs, mates = await _needs({one.need for one in others}), await colleagues.mates(me.id)
    known = await matches.people([*(one.person for one in others), *found.takers])

    def told(one: matches.Other) -> View:
        name = colleagues.named(known[one.person].name, one.person, mates)
        return {"line": one.line, "name": name, "mate": one.person in mates, "seat": seat(needs[one.need], me)}

    def taker(person: UUID) -> View:
        name = colleagues.named(known[person].name, person, mates)
        return {"volunteer": person, "name": name, "mate": person in mates}

    return {
        "direct": [told(one) for one in found.direct],
        "rings": [{"first": told(one), "last": told(other)} for one, other in found.rings],
        "takers": [taker(person) for person in found.takers],
    }
