"""Doors for giving each other seats: with whom, propose, answer; and the coordinator's last word."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from dispatch.api.assignments import me
from dispatch.api.views import EventBrief, ShiftTimes, VenueView
from dispatch.models import Event, Swap
from dispatch.swaps import deals, views
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.api.http import ById, Live, Struct, Text, View, door
from volunteer.errors import Missing


class Others(Struct):
    """``lines``: whose seats, one or two. Mine goes to the holder of the first, the last one's comes to me."""

    lines: Annotated[list[UUID], Field(min_length=1, max_length=deals.MOST)]


class Colleague(Struct):
    volunteer: UUID


class Said(Struct):
    """``reason``: told to those concerned."""

    reason: Annotated[str, Text(0, 200)] = ""


class SeatView(View):
    need_id: UUID
    event: EventBrief
    shift: ShiftTimes
    venue: VenueView
    role: str
    leader: bool
    km: float | None


class OtherSeat(View):
    """``mate``: of one of my teams, shown by name; others' names are masked."""

    line: UUID
    name: str
    mate: bool
    seat: SeatView


class RingView(View):
    """The first takes my seat, the last takes the first's, and I take the last's."""

    first: OtherSeat
    last: OtherSeat


class Taker(View):
    volunteer: UUID
    name: str
    mate: bool


class Possible(View):
    direct: list[OtherSeat]
    rings: list[RingView]
    takers: list[Taker]


class SideView(View):
    """One person of a swap: the line and seat that they give and the seat that they get, if any."""

    own: bool
    name: str
    agreed: bool
    line: UUID | None
    gives: SeatView | None
    gets: SeatView | None


class SwapCan(View):
    agree: bool
    refuse: bool
    withdraw: bool


class SwapView(View):
    """``kind``: swap, handover. ``state``: proposed, agreed (a coordinator has the last word), done, refused, lapsed.
    ``reason``: why it came to nothing (no, withdrawn, time, changed, coordinator). ``mine``: I proposed it."""

    id: UUID
    kind: str
    state: str
    reason: str
    approval: bool
    mine: bool
    proposed_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    version: int
    sides: list[SideView]
    can: SwapCan


class Swaps(View):
    items: list[SwapView]
    live: Live


class Waiting(View):
    items: list[SwapView]


@door("GET", "/api/swaps", summary="Swaps that I am in: open ones, and those that ended in the last week")
async def list_swaps(act: Act) -> Swaps:
    person = await me(act)

    async def query() -> list[views.View]:
        return await views.mine(act, person)

    items, live = await journal.reading(query, [f"volunteer:{person.id}"])
    return Swaps.model_validate({"items": items, "live": live})


@door("GET", "/api/assignments/{id}/swaps", summary="With whom I could swap this seat, and who could take it over")
async def list_matches(act: Act, path: ById) -> Possible:
    return Possible.model_validate(await views.possible(act, path.id))


@door("POST", "/api/assignments/{id}/swap", summary="Propose a swap 换班", status=201, gone=True)
async def propose_swap(act: Act, path: ById, body: Others) -> SwapView:
    return await shown(act, await deals.propose(act, path.id, body.lines))


@door("POST", "/api/assignments/{id}/hand-over", summary="Propose to hand a seat over 转单", status=201, gone=True)
async def propose_handover(act: Act, path: ById, body: Colleague) -> SwapView:
    return await shown(act, await deals.hand_over(act, path.id, body.volunteer))


@door("POST", "/api/swaps/{id}/agree", summary="Agree to a swap", gone=True)
async def agree_swap(act: Act, path: ById) -> SwapView:
    return await shown(act, await deals.agree(act, path.id))


@door("POST", "/api/swaps/{id}/refuse", summary="Say no to a swap", gone=True)
async def refuse_swap(act: Act, path: ById, body: Said) -> SwapView:
    return await shown(act, await deals.refuse(act, path.id, body.reason))


@door("POST", "/api/swaps/{id}/withdraw", summary="Take my own proposal back", gone=True)
async def withdraw_swap(act: Act, path: ById) -> SwapView:
    return await shown(act, await deals.withdraw(act, path.id))


@door("POST", "/api/swaps/{id}/approve", summary="Let a swap happen on a locked roster", gone=True)
async def approve_swap(act: Act, path: ById) -> SwapView:
    return await shown(act, await deals.approve(act, path.id))


@door("GET", "/api/events/{id}/swaps", summary="Swaps at this event that wait for a coordinator's word")
async def list_waiting(act: Act, path: ById) -> Waiting:
    event = await Event.get_or_none(id=path.id)
    if event is None:
        raise Missing("event")
    access.require(act.actor, "assignment.release", Thing("event", event.region_id, event.unit_id))
    return Waiting.model_validate({"items": await views.waiting(act, path.id)})


async def shown(act: Act, swap: Swap) -> SwapView:
    return SwapView.model_validate(await views.one(swap, await me(act)))
