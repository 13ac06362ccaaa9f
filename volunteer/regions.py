"""The tree behind every scope: city, county, township, village."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from volunteer.errors import Missing
from volunteer.models import Region

LEVELS = ("city", "county", "township", "village")

# Beside the packages in a checkout, inside the package in a wheel.
_PLACES = (Path(__file__).parents[1] / "config" / "quanzhou", Path(__file__).parent / "config" / "quanzhou")


def within(code: str, region: str) -> bool:
    """Whether the region of ``code`` is ``region`` or lies in it."""
    return code.startswith(region)


async def find(code: str) -> Region:
    """Raises :class:`Missing`."""
    region = await Region.get_or_none(code=code)
    if region is None:
        raise Missing("region")
    return region


async def listed(*, level: str | None = None, parent: str | None = None) -> list[Region]:
    """Regions by code; of one level, or the children of one region, or both."""
    query = Region.all()
    if level is not None:
        query = query.filter(level=level)
    if parent is not None:
        query = query.filter(parent_id=parent)
    return await query.order_by("code")


async def names(codes: Iterable[str]) -> dict[str, str]:
    """The names of these codes; unknown ones are left out."""
    return dict(await Region.filter(code__in=list(set(codes))).values_list("code", "name"))


@lru_cache(maxsize=1)
def outlines() -> dict[str, Any]:
    """The counties' outlines as GeoJSON, WGS-84. Raises :class:`Missing` where the file is not installed."""
    for place in _PLACES:
        file = place / "counties.geojson"
        if file.is_file():
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
    raise Missing("outlines")
