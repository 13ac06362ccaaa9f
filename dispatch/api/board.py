"""The board's doors: a region's days as rows of bars, and what needs a person now."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.requests import Request

from dispatch.api import windows
from dispatch.api.sharing import Shared, shared
from dispatch.api.views import Bar, Counted, Ref
from dispatch.offers import coverage, forecast
from dispatch.roster import seen
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act
from volunteer.api import paging
from volunteer.api.http import Day, Live, Struct, Text, View, Whole, door
from volunteer.api.shapes import RegionCode, RegionName
from volunteer.errors import Missing
from volunteer.models import Region


class Window(Struct):
    """``from``: the first local day (today by default); ``days``: how many."""

    region: RegionCode
    since: Annotated[Day | None, Field(alias="from")] = None
    days: Annotated[int, Whole(1, 14)] = 7


class BoardPage(Window):
    after: Annotated[str, Text(1, 400, r"^[A-Za-z0-9_-]+$")] | None = None


class Totals(View):
    events: int
    shifts: int
    seats: int
    mandatory: int
    filled: int
    offered: int
    holes: int


class Place(View):
    venue: Ref
    region: RegionName
    shifts: list[Bar]


class BoardView(View):
    region: RegionName
    from_: datetime = Field(alias="from")
    until: datetime
    zone: str
    totals: Totals
    rows: list[Place]
    next: str | None
    live: Live


class AttentionItem(View):
    """``kind``: hole (too few were asked) or lapsing (offers wait for answers until ``at``). ``risk``: the probability
    that a mandatory seat of this need stays empty; ``weight``: risk times importance.
    ``left_at``: when somebody last stepped back from it or did not come."""

    kind: str
    shift: Bar
    need_id: UUID
    role: str
    missing: int
    offered: int
    reasons: list[Counted]
    pool: int
    at: datetime
    risk: float
    left_at: datetime | None
    weight: int


class AttentionView(View):
    """``more``: how many further holes there are, none of them graver than those listed."""

    items: list[AttentionItem]
    more: int
    live: Live


@door("GET", "/api/board", summary="A region's shifts as rows of bars")
async def read_board(act: Act, query: BoardPage, request: Request) -> BoardView:
    region = await scoped(act, query.region)
    window = windows.days(windows.first(act, query.since), query.days)

    async def rows() -> dict[str, Any]:
        return await seen.board(region.code, window, paging.skipped(query.after))

    async def read() -> BoardView:
        page, live = await journal.reading(rows, await topics(region.code))
        named = {"region": {"code": region.code, "name": region.name}, "from": window.start, "until": window.end}
        more = paging.cursor(page.pop("next"))
        return BoardView.model_validate({**page, **named, "zone": str(windows.ZONE), "next": more, "live": live})

    boards: Shared[BoardView] = shared(request, "boards")
    return await boards.get((region.code, window, query.after), read)


@door("GET", "/api/board/attention", summary="What needs a person now, riskiest and most important first")
async def read_attention(act: Act, query: Window, request: Request) -> AttentionView:
    region = await scoped(act, query.region)
    window = windows.days(windows.first(act, query.since), query.days)

    async def read() -> AttentionView:
        model = await forecast.model(act.at)

        async def rows() -> tuple[list[seen.View], int]:
            risks = coverage.dangers(await coverage.risks(region.code, window, model, act.at))
            return await seen.attention(region.code, window, act.at, act.actor.language, risks)

        (items, more), live = await journal.reading(rows, await topics(region.code))
        return AttentionView.model_validate({"items": items, "more": more, "live": live})

    needy: Shared[AttentionView] = shared(request, "attention")
    return await needy.get((region.code, window, act.actor.language), read)


async def topics(code: str) -> list[str]:
    """What a board of this region follows; a city's board follows its counties, so no single counter holds the city."""
    if len(code) >= 6:
        return [f"region:{code[:9]}"]
    counties = await Region.filter(parent_id=code).order_by("code")
    return [f"region:{code}", *(f"region:{county.code}" for county in counties)]


async def scoped(act: Act, code: str) -> Region:
    """The region, if its board is the actor's to read."""
    access.require(act.actor, "board.read", Thing("region", code))
    region = await Region.get_or_none(code=code)
    if region is None:
        raise Missing("region")
    return region
