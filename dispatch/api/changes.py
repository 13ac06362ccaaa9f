"""Doors for changing what was published: seats, a need called off, a shift moved."""

from typing import Annotated
from uuid import UUID

from dispatch.agenda import changes
from dispatch.api.events import Ending, sheet
from dispatch.api.views import EventView
from dispatch.models import Shift
from volunteer.act import Act
from volunteer.api.http import ById, Instant, Struct, Text, Whole, Words, door


class Seats(Struct):
    """``release``: let accepted people go where fewer seats than they are left, the last yes first."""

    max: Annotated[int, Whole(1, 500)]
    release: bool = False
    reason: Annotated[str, Text(0, 200)] = ""


class Moving(Struct):
    starts_at: Instant
    ends_at: Instant
    venue: UUID
    reason: Annotated[str, Words(1, 200)]


@door(
    "POST",
    "/api/needs/{id}/resize",
    summary="Want more or fewer people, and let go whom no seat is left for",
    patience=60,
)
async def resize_need(act: Act, path: ById, body: Seats) -> EventView:
    need = await changes.resize(act, path.id, body.max, body.reason, release=body.release)
    return await _sheet(act, need.shift_id)


@door("POST", "/api/needs/{id}/cancel", summary="Call a need off and tell everybody bound to it", patience=60)
async def cancel_need(act: Act, path: ById, body: Ending) -> EventView:
    need = await changes.call_off(act, path.id, body.reason)
    return await _sheet(act, need.shift_id)


@door("POST", "/api/shifts/{id}/move", summary="Hold a shift at another time or place", patience=60)
async def move_shift(act: Act, path: ById, body: Moving) -> EventView:
    shift = await changes.move(act, path.id, changes.Hours(body.starts_at, body.ends_at, body.venue), body.reason)
    return await _sheet(act, shift.id)


async def _sheet(act: Act, shift_id: UUID) -> EventView:
    return await sheet(act, (await Shift.get(id=shift_id)).event_id)
