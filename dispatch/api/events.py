"""The desk's doors: the list of events, one event's sheet, publish and cancel."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from dispatch.agenda import events, phases
from dispatch.api import windows
from dispatch.api.board import topics
from dispatch.api.views import EventRow, EventView
from volunteer import journal
from volunteer.act import Act
from volunteer.api import paging
from volunteer.api.http import ById, Day, Live, Paged, Struct, Text, View, Words, door
from volunteer.api.shapes import RegionCode

State = Literal["draft", "published", "locked", "running", "finished", "closed", "postponed", "cancelled"]


class Search(Paged):
    """All optional. ``q`` looks in titles and venue names."""

    region: RegionCode | None = None
    mode: Literal["tutoring", "training", "performance", "support"] | None = None
    state: Literal["draft", "published", "locked", "running", "finished", "closed", "postponed", "cancelled"] | None = (
        None
    )
    since: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    q: Annotated[str, Text(1, 80)] | None = None


class Events(View):
    items: list[EventRow]
    next: str | None
    total: int
    live: Live


class Ending(Struct):
    reason: Annotated[str, Words(1, 200)]


@door("GET", "/api/events", summary="Events within my scope, by start")
async def list_events(act: Act, query: Search) -> Events:
    filters = events.Filters(
        region=query.region or "",
        mode=query.mode or "",
        state=query.state or "",
        since=windows.days(query.since, 1).start if query.since else None,
        until=windows.days(query.until, 1).end if query.until else None,
        words=query.q or "",
    )
    skip = paging.skipped(query.cursor)

    async def read() -> tuple[list[events.View], int]:
        return await events.listed(act, filters, skip=skip, limit=query.limit)

    codes = [query.region] if query.region else sorted({g.region for g in act.actor.grants if g.region})
    followed = [topic for code in codes for topic in await topics(code)]
    (items, total), live = await journal.reading(read, followed)
    more = skip + query.limit if skip + query.limit < total else None
    return Events.model_validate({"items": items, "next": paging.cursor(more), "total": total, "live": live})


@door("GET", "/api/events/{id}", summary="One event's sheet")
async def read_event(act: Act, path: ById) -> EventView:
    return await sheet(act, path.id)


@door("POST", "/api/events/{id}/publish", summary="Open a draft event to the network")
async def publish_event(act: Act, path: ById) -> EventView:
    _ = await events.publish(act, path.id)
    return await sheet(act, path.id)


@door("POST", "/api/events/{id}/cancel", summary="Call an event off and tell everybody", patience=60)
async def cancel_event(act: Act, path: ById, body: Ending) -> EventView:
    _ = await events.cancel(act, path.id, body.reason)
    return await sheet(act, path.id)


class Watching(Struct):
    """``supervised``: whoever leaves a mandatory seat empty raises the alarm at once."""

    phase: Literal["open", "supervised"]


@door("POST", "/api/events/{id}/phase", summary="Watch over an event, or leave people to join and leave by themselves")
async def supervise_event(act: Act, path: ById, body: Watching) -> EventView:
    _ = await phases.supervise(act, path.id, body.phase)
    return await sheet(act, path.id)


async def sheet(act: Act, id_: UUID) -> EventView:
    """The sheet as this actor sees it, also inside the write that changes it."""

    async def read() -> dict[str, Any]:
        return await events.sheet(act, id_, act.actor.language)

    if act.writing is not None:
        # Inside the write its own entries have no numbers yet: the caller follows from what it already has.
        heads = await journal.heads([f"event:{id_}"])
        return EventView.model_validate({**await read(), "live": {"epoch": await journal.epoch(), "topics": heads}})
    found, live = await journal.reading(read, [f"event:{id_}"])
    return EventView.model_validate({**found, "live": live})
