"""The live line's slow way, read by the same rules: for bad networks, for tests, for auditors."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict
from starlette.requests import Request

from volunteer import journal, live
from volunteer.act import Act
from volunteer.api import caller
from volunteer.api.http import Struct, Text, View, Whole, door
from volunteer.api.lines import Lines
from volunteer.errors import Forbidden, Reason, Refused
from volunteer.live import BATCH, Heard, Hub

LONGEST_WAIT = 25


class FromWhere(Struct):
    """``since``: the last number that is known; ``wait``: seconds to hold the request while there is nothing newer."""

    topic: Annotated[str, Text(1, 60)]
    since: Annotated[int, Whole(0, 2**53 - 1)]
    limit: Annotated[int, Whole(1, BATCH)] = BATCH
    wait: Annotated[int, Whole(0, LONGEST_WAIT)] = 0


class EntryView(View):
    """One entry: number, instant, kind, the thing's id, and ids, statuses and counts."""

    s: int
    at: datetime
    e: str
    id: UUID | None
    d: dict[str, Any]

    model_config = ConfigDict(title="Entry")


class EntriesView(View):
    """``ill``: what does not work just now, by name; told to those who hold a role."""

    epoch: str
    topic: str
    head: int
    items: list[EntryView]
    ill: list[str]

    model_config = ConfigDict(title="Entries")


@door("GET", "/api/entries", summary="What happened in a topic after a number; waits for news when asked to", gone=True)
async def read_entries(act: Act, query: FromWhere, request: Request) -> EntriesView:
    hub: Hub = request.app.state.hub
    lines: Lines = request.app.state.lines
    await live.require(act.actor, query.topic)
    found = await _after(query, lines.ill(act.actor))
    if not found.items and query.wait:
        await hub.wait(query.topic, query.since, query.wait)
        await _still(request, query.topic)
        found = await _after(query, lines.ill(act.actor))
    return found


async def _after(query: FromWhere, ill: Sequence[str]) -> EntriesView:
    """Raises :class:`Refused` (``reset``) when the number can no longer be continued from."""
    head = (await journal.heads([query.topic]))[query.topic]
    if why := await live.reset(query.topic, query.since, head):
        raise Refused([Reason("reset", {"why": why})], gone=True)
    entries = await live.past(query.topic, query.since, query.limit) if head > query.since else []
    return EntriesView(
        epoch=await journal.epoch(), topic=query.topic, head=head, items=[_view(heard) for heard in entries],
        ill=list(ill),
    )  # fmt: skip


async def _still(request: Request, topic: str) -> None:
    """The session and its roles may have ended while the request waited."""
    act = await caller.act(request)
    if act.actor.id is None:
        raise Forbidden("topic.follow", anonymous=True)
    await live.require(act.actor, topic)


def _view(heard: Heard) -> EntryView:
    return EntryView.model_validate(json.loads(heard.item))
