"""The doors to the tree of regions; open to everybody."""

from typing import Any, Literal

from volunteer import regions
from volunteer.api.http import Struct, View, door
from volunteer.api.shapes import RegionCode


class Region(View):
    """``point``: whether ``lat``/``lon`` (WGS-84) are published, synthetic or approximate; empty without them."""

    code: str
    name: str
    level: str
    kind: str
    parent: str | None
    active: bool
    lat: float | None
    lon: float | None
    point: str


class RegionList(View):
    items: list[Region]


class Outlines(View):
    """A GeoJSON FeatureCollection; each feature has ``code`` and ``name`` among its properties."""

    type: Literal["FeatureCollection"]
    name: str = ""
    features: list[dict[str, Any]]


class Branch(Struct):
    level: Literal["city", "county", "township", "village"] | None = None
    parent: RegionCode | None = None


@door("GET", "/api/regions", summary="Regions of a level or below a region", public=True, etag=True)
async def list_regions(query: Branch) -> RegionList:
    found = await regions.listed(level=query.level, parent=query.parent)
    return RegionList(
        items=[
            Region(
                code=row.code, name=row.name, level=row.level, kind=row.kind, parent=row.parent_id, active=row.active,
                lat=row.lat, lon=row.lon, point=row.point,
            )
            for row in found
        ]
    )  # fmt: skip


@door("GET", "/api/regions/outlines", summary="The counties' outlines as GeoJSON", public=True, etag=True)
async def get_outlines() -> Outlines:
    return Outlines.model_validate(regions.outlines())
