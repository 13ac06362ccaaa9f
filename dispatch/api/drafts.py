"""Plans over HTTP: run one, watch it, read what it would change and what it cannot fill, publish it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from dispatch.api import windows
from dispatch.api.board import topics
from dispatch.api.planned import DraftView
from dispatch.api.views import Bar, Counted, EventBrief, Ref, ShiftTimes, VenueView, WhyView
from dispatch.models import Draft
from dispatch.planning import drafts, plans, publishing
from dispatch.planning.assumptions import Assumptions
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.api import paging
from volunteer.api.http import ById, Day, Paged, Struct, View, Whole, door
from volunteer.api.shapes import RegionCode


class Wish(Struct):
    region: RegionCode
    since: Annotated[Day, Field(alias="from")]
    days: Annotated[int, Whole(1, 28)] = 7
    seconds: Annotated[int, Whole(5, 300)] = 30
    seed: Annotated[int, Whole(0, 2**31 - 1)] = 0
    assumptions: Assumptions | None = None


class ByRegion(Paged):
    limit: Annotated[int, Whole(1, 100)] = 20
    region: RegionCode


class Drafts(View):
    items: list[DraftView]
    next: str | None
    total: int


class Stale(View):
    rule: str
    text: str


class Person(View):
    """Masked, with the township the person lives in."""

    id: UUID
    name: str
    region: str


class ChangeView(View):
    id: UUID
    kind: str
    need_id: UUID
    event: EventBrief
    shift: ShiftTimes
    venue: VenueView
    role: str
    volunteer: Person
    worth: int
    why: list[WhyView]
    why_text: str
    margin: int | None
    next_text: str
    outcome: str
    stale: Stale | None


class Changes(View):
    items: list[ChangeView]
    next: str | None
    total: int


class ElsewhereView(View):
    volunteer: Ref
    need_id: UUID
    cost: int


class HoleView(View):
    """A seat the plan leaves empty. ``reasons`` (first failing rule), ``idle`` and those elsewhere sum to ``pool``."""

    need_id: UUID
    shift: Bar
    role: str
    missing: int
    wished: int
    pool: int
    reasons: list[Counted]
    idle: int
    elsewhere_count: int
    elsewhere: list[ElsewhereView]
    text: str


class Holes(View):
    items: list[HoleView]
    next: str | None
    total: int


class PublishedView(View):
    draft: DraftView
    offered: int
    withdrawn: int
    stale: list[ChangeView]
    told: int


class ChangePage(Paged):
    kind: Literal["offer", "withdraw"] | None = None


@door("POST", "/api/drafts", summary="Plan a region's days", status=202)
async def create_draft(act: Act, body: Wish) -> DraftView:
    window = windows.days(body.since, body.days)
    given = body.assumptions
    return await _view(
        act, await plans.run(act, body.region, window, seconds=body.seconds, seed=body.seed, given=given)
    )


@door("GET", "/api/drafts", summary="The plans of a region and of regions around and inside it, newest first")
async def list_drafts(act: Act, query: ByRegion) -> Drafts:
    access.require(act.actor, "draft.read", Thing("region", query.region))
    skip = paging.skipped(query.cursor)
    items, total = await drafts.listed(act.actor, query.region, skip, query.limit, act.actor.language)
    more = skip + query.limit if skip + query.limit < total else None
    return Drafts.model_validate({"items": items, "next": paging.cursor(more), "total": total})


@door("GET", "/api/drafts/{id}", summary="One plan")
async def read_draft(act: Act, path: ById) -> DraftView:
    found = await plans.find(act, path.id)

    async def read() -> dict[str, Any]:
        return await drafts.one(await plans.find(act, path.id), act.actor.language)

    row, live = await journal.reading(read, await topics(found.region_id))
    return DraftView.model_validate({**row, "live": live})


@door("GET", "/api/drafts/{id}/changes", summary="What publishing would change")
async def list_changes(act: Act, path: ById, query: ChangePage) -> Changes:
    _ = await plans.find(act, path.id)
    skip = paging.skipped(query.cursor)
    items, total = await drafts.changes(path.id, query.kind, skip, query.limit, act.actor.language)
    more = skip + query.limit if skip + query.limit < total else None
    return Changes.model_validate({"items": items, "next": paging.cursor(more), "total": total})


@door("GET", "/api/drafts/{id}/holes", summary="What the plan cannot fill, and why")
async def list_holes(act: Act, path: ById, query: Paged) -> Holes:
    draft = await plans.find(act, path.id)
    skip = paging.skipped(query.cursor)
    items, total = await drafts.holes(draft, skip, query.limit, act.actor.language)
    more = skip + query.limit if skip + query.limit < total else None
    return Holes.model_validate({"items": items, "next": paging.cursor(more), "total": total})


@door("POST", "/api/drafts/{id}/cancel", summary="Stop a running plan")
async def cancel_draft(act: Act, path: ById) -> DraftView:
    return await _view(act, await plans.cancel(act, path.id))


@door("POST", "/api/drafts/{id}/discard", summary="Put a plan away")
async def discard_draft(act: Act, path: ById) -> DraftView:
    return await _view(act, await plans.discard(act, path.id))


@door("POST", "/api/drafts/{id}/publish", summary="Make offers of a plan", patience=60)
async def publish_draft(act: Act, path: ById) -> PublishedView:
    done = await publishing.publish(act, path.id)
    stale = await drafts.drawn(done.stale, act.actor.language)
    return PublishedView.model_validate(
        {
            "draft": await drafts.one(done.draft, act.actor.language),
            "offered": len(done.offered),
            "withdrawn": len(done.withdrawn),
            "stale": stale,
            "told": done.told,
        }
    )


async def _view(act: Act, draft: Draft) -> DraftView:
    return DraftView.model_validate(await drafts.one(draft, act.actor.language))
