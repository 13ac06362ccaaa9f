"""The phone's doors: offers, my week, and the answers to them."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from dispatch.api import windows
from dispatch.api.views import Alternative, Assignments, AssignmentView
from dispatch.lifecycle import LIVE
from dispatch.models import Assignment
from dispatch.roster import assignments, openings, seen
from volunteer import journal
from volunteer.act import Act
from volunteer.api.http import ById, Day, Struct, door
from volunteer.errors import Forbidden
from volunteer.models import Volunteer

Status = Literal["offered", "accepted", "declined", "expired", "withdrawn", "filled", "checked_in", "cancelled",
                 "released", "no_show", "completed", "standby"]  # fmt: skip


class Weeks(Struct):
    """Whole local days, both ends included; by default the four weeks from today."""

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    status: Status | None = None


class Decline(Struct):
    reason: Literal["busy", "far", "health", "not_my_thing", "other"] | None = None


@door("GET", "/api/offers", summary="My open offers, soonest deadline first")
async def list_offers(act: Act) -> Assignments:
    mine = myself(act)

    async def query() -> list[seen.View]:
        return await seen.offers(mine, act.actor.language)

    items, live = await journal.reading(query, [f"volunteer:{mine}"])
    return Assignments.model_validate({"items": items, "live": live})


@door("GET", "/api/assignments", summary="My assignments in a span of days")
async def list_assignments(act: Act, query: Weeks) -> Assignments:
    mine = myself(act)
    first = query.since or act.at.astimezone(windows.ZONE).date()
    last = max(query.until or first + timedelta(days=27), first)
    span = windows.days(first, min((last - first).days + 1, 366))
    statuses = [query.status] if query.status else [*LIVE, "standby", "completed", "no_show", "cancelled", "released"]

    async def read() -> list[seen.View]:
        return await seen.mine(mine, span, statuses, act.actor.language)

    items, live = await journal.reading(read, [f"volunteer:{mine}"])
    return Assignments.model_validate({"items": items, "live": live})


async def alternative(act: Act, _: ById) -> Alternative | None:
    """What the loser of a race is shown instead."""
    found = await openings.instead(myself(act), act.at, act.actor.language)
    return None if found is None else Alternative.model_validate(found)


async def too_late(act: Act, path: ById) -> None:
    """The loser of a race is told so without waiting for whoever still races."""
    await assignments.over(act, path.id)


@door(
    "POST",
    "/api/assignments/{id}/accept",
    summary="Accept an offer 接单",
    gone=True,
    instead=alternative,
    over=too_late,
)
async def accept_assignment(act: Act, path: ById) -> AssignmentView:
    return await shown(act, await assignments.accept(act, path.id))


@door("POST", "/api/assignments/{id}/decline", summary="Decline an offer 谢绝", gone=True)
async def decline_assignment(act: Act, path: ById, body: Decline) -> AssignmentView:
    return await shown(act, await assignments.decline(act, path.id, body.reason or ""))


@door("POST", "/api/assignments/{id}/cancel", summary="Step back from an accepted shift", gone=True)
async def cancel_assignment(act: Act, path: ById, body: Decline) -> AssignmentView:
    return await shown(act, await assignments.cancel(act, path.id, body.reason or ""))


@door(
    "POST",
    "/api/assignments/{id}/again",
    summary="Take a no back: a new offer",
    status=201,
    gone=True,
    instead=alternative,
)
async def again_assignment(act: Act, path: ById) -> AssignmentView:
    return await shown(act, await assignments.again(act, path.id))


def myself(act: Act) -> UUID:
    if act.actor.id is None:
        raise Forbidden("offers.read", anonymous=True)
    return act.actor.id


async def me(act: Act) -> Volunteer:
    return await Volunteer.get(id=myself(act))


async def shown(act: Act, line: Assignment) -> AssignmentView:
    return AssignmentView.model_validate((await seen.shown([line.id], act.actor.language))[0])
