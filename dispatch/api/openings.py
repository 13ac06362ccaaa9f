"""The phone's doors to open seats: look for them, take one, wait for one."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from dispatch.api import windows
from dispatch.api.assignments import alternative, myself, shown
from dispatch.api.views import AssignmentView, OpeningView
from dispatch.roster import openings, seeking
from volunteer.act import Act
from volunteer.api import paging
from volunteer.api.http import ById, Day, Paged, Real, View, door


class Seeking(Paged):
    """Whole local days, both ends included; by default the four weeks from today. ``km``: no farther from home.
    ``full``: those without a free seat too; ``unfit``: those too that a rule speaks against, with the reasons."""

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    mode: Literal["tutoring", "training", "performance", "support"] | None = None
    km: Annotated[float, Real(0, 500)] | None = None
    full: bool = False
    unfit: bool = False


class Openings(View):
    items: list[OpeningView]
    next: str | None


@door("GET", "/api/openings", summary="Open seats that fit me, by start")
async def list_openings(act: Act, query: Seeking) -> Openings:
    first = query.since or act.at.astimezone(windows.ZONE).date()
    last = max(query.until or first + timedelta(days=27), first)
    window = windows.days(first, min((last - first).days + 1, 92))
    who = await openings.seeker(myself(act), window)
    wish = openings.Wish(window, query.mode or "", query.km, query.full, query.unfit)
    items, more = await openings.listed(
        who, wish, act.actor.language, skip=paging.skipped(query.cursor), limit=query.limit
    )
    return Openings.model_validate({"items": items, "next": paging.cursor(more)})


@door("POST", "/api/needs/{id}/take", summary="Take an open seat", status=201, gone=True, instead=alternative)
async def take_need(act: Act, path: ById) -> AssignmentView:
    return await shown(act, await seeking.take(act, path.id))


@door("POST", "/api/needs/{id}/stand-by", summary="Wait for a seat", status=201, gone=True, instead=alternative)
async def stand_by_need(act: Act, path: ById) -> AssignmentView:
    return await shown(act, await seeking.stand_by(act, path.id))
