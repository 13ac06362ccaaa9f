"""The doors of asking in waves: fill this need, stop, the risk of each shift, how far it may go by itself."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import model_validator

from dispatch.api import windows
from dispatch.api.board import Window, scoped, topics
from dispatch.api.views import Ref
from dispatch.models import Event
from dispatch.offers import coverage, forecast, limits, reserves, waves
from dispatch.roster import calls
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.api.http import ById, Live, Struct, View, Whole, door
from volunteer.api.shapes import RegionCode
from volunteer.errors import Fault, Invalid, Missing


class CallView(View):
    """``state``: running (``due_at``: when it is looked at next), suggested (``suggested``: how many the next wave
    would ask) or resting (``reason``). ``number`` waves, ``asked`` people; ``filled``: how sure the seats were."""

    id: UUID
    need_id: UUID
    state: str
    cause: str
    reason: str
    number: int
    asked: int
    suggested: int
    filled: float | None
    due_at: datetime | None
    version: int


class NeedRisk(View):
    need_id: UUID
    risk: float


class ShiftRisk(View):
    """``risk``: the probability that a mandatory seat stays empty, as things stand. ``flight``: open offers; ``until``:
    when the first of them end."""

    shift_id: UUID
    risk: float
    flight: int
    until: list[datetime]
    needs: list[NeedRisk]
    calls: list[CallView]


class Risks(View):
    items: list[ShiftRisk]
    live: Live


class Some(Window):
    limit: Annotated[int, Whole(1, 50)] = 5


class ReserveView(View):
    """Somebody who could stand by for all of ``needs``; ``saves``: mandatory seats saved on average, by priority."""

    volunteer: Ref
    needs: list[UUID]
    saves: float


class Reserves(View):
    items: list[ReserveView]


class Place(Struct):
    """A region or an event, exactly one."""

    region: RegionCode | None = None
    event: UUID | None = None

    @model_validator(mode="after")
    def one(self) -> "Place":
        if (self.region is None) == (self.event is None):
            raise Invalid([Fault("region", "请给出区划或活动其中之一", "name a region or an event, one of them")])
        return self


class Limits(Place):
    """``inherit``: back to what holds around."""

    mode: Literal["off", "suggest", "automatic", "inherit"]
    max_waves: Annotated[int, Whole(1, 50)] = 4
    max_contacts: Annotated[int, Whole(1, 1000)] = 20


class LimitsView(View):
    """``origin``: event, region or policy; ``of``: which. ``write``: whether you may set them here."""

    mode: str
    max_waves: int
    max_contacts: int
    origin: str
    of: str
    write: bool


@door("POST", "/api/needs/{id}/call", summary="Fill this need: ask as many people as it takes, wave after wave")
async def call_need(act: Act, path: ById) -> CallView:
    return CallView.model_validate(calls.row(await waves.call(act, path.id)))


@door("POST", "/api/needs/{id}/rest", summary="Ask nobody more for this need; open offers stand")
async def rest_need(act: Act, path: ById) -> CallView:
    found = await waves.stop(act, path.id)
    if found is None:
        raise Missing("call")
    return CallView.model_validate(calls.row(found))


@door("GET", "/api/board/risks", summary="How sure each shift is to be staffed, and the offers in flight")
async def read_risks(act: Act, query: Window) -> Risks:
    region = await scoped(act, query.region)
    window = windows.days(windows.first(act, query.since), query.days)

    model = await forecast.model(act.at)

    async def read() -> list[dict[str, Any]]:
        return await coverage.shown(region.code, window, model, act.at)

    items, live = await journal.reading(read, await topics(region.code))
    return Risks.model_validate({"items": items, "live": live})


@door("GET", "/api/board/standby", summary="Whom to ask to stand by where several shifts are at risk")
async def read_reserves(act: Act, query: Some) -> Reserves:
    region = await scoped(act, query.region)
    access.require(act.actor, "candidates.read", Thing("region", region.code))
    window = windows.days(windows.first(act, query.since), query.days)
    found = await reserves.proposed(region.code, window, act.at, query.limit)
    items = [{"volunteer": {"id": r.volunteer, "name": r.name}, "needs": r.needs, "saves": r.saves} for r in found]
    return Reserves.model_validate({"items": items})


@door("GET", "/api/limits", summary="How far waves go by themselves in a region or for an event")
async def read_limits(act: Act, query: Place) -> LimitsView:
    if query.event is not None:
        event = await Event.get_or_none(id=query.event)
        if event is None:
            raise Missing("event")
        thing = Thing("event", event.region_id, event.unit_id)
        access.require(act.actor, "event.read", thing)
        return _shown(act, await limits.of_event(event), thing)
    region = await scoped(act, query.region or "")
    return _shown(act, await limits.of_region(region.code), Thing("region", region.code))


@door("POST", "/api/limits", summary="Set how far waves go by themselves in a region or for an event")
async def write_limits(act: Act, body: Limits) -> LimitsView:
    if body.mode == "inherit":
        terms = await limits.clear(act, region=body.region, event_id=body.event)
    else:
        terms = await limits.put(
            act, body.mode, body.max_waves, body.max_contacts, region=body.region, event_id=body.event
        )
    return LimitsView.model_validate({**_figures(terms), "write": True})


def _shown(act: Act, terms: limits.Terms, thing: Thing) -> LimitsView:
    return LimitsView.model_validate({**_figures(terms), "write": access.may(act.actor, "limit.write", thing)})


def _figures(terms: limits.Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in ("mode", "max_waves", "max_contacts", "origin", "of")}
