"""The doors of watch rules."""

from typing import Annotated
from uuid import UUID

from dispatch.models import Watch
from dispatch.notices import watches
from volunteer.act import Act
from volunteer.api.http import ById, Struct, View, Whole, door
from volunteer.api.shapes import RegionCode, RegionName
from volunteer.models import Region


class WatchView(View):
    """Tell me of shifts in ``region`` that lack ``missing`` mandatory people or more, within ``hours`` of the start."""

    id: UUID
    region: RegionName
    hours: int
    missing: int


class Watches(View):
    items: list[WatchView]


class AddWatch(Struct):
    region: RegionCode
    hours: Annotated[int, Whole(1, 336)]
    missing: Annotated[int, Whole(1, 1000)] = 1


@door("GET", "/api/watches", summary="My watch rules")
async def list_watches(act: Act) -> Watches:
    return Watches(items=await _shown(list(await watches.mine(act))))


@door("POST", "/api/watches", summary="Watch for shifts that lack people", status=201)
async def add_watch(act: Act, body: AddWatch) -> WatchView:
    row = await watches.add(act, region=body.region, hours=body.hours, missing=body.missing)
    return (await _shown([row]))[0]


@door("DELETE", "/api/watches/{id}", summary="Drop a watch rule")
async def end_watch(act: Act, path: ById) -> None:
    await watches.end(act, path.id)


async def _shown(rows: list[Watch]) -> list[WatchView]:
    names = dict(await Region.filter(code__in=[row.region_id for row in rows]).values_list("code", "name"))
    return [
        WatchView(
            id=row.id, region=RegionName(code=row.region_id, name=names[row.region_id]), hours=row.hours,
            missing=row.missing,
        )
        for row in rows
    ]  # fmt: skip
