"""What every city stands on: its regions and its catalogue of abilities, imported from ``config/quanzhou``."""

from pathlib import Path
from typing import Final

from dispatch import imports
from dispatch.demo.arts import Catalogue
from dispatch.imports import Report
from volunteer.act import Act
from volunteer.errors import Invalid
from volunteer.models import Region, Skill

# In a checkout, and in a wheel.
_PLACES: Final = tuple(Path(__file__).parents[up] / "config" / "quanzhou" for up in (2, 1))


async def regions(act: Act) -> list[Region]:
    """The regions, ordered by code."""
    _whole(await imports.regions(act, _file("regions.csv")))
    return await Region.all().order_by("code")


async def catalogue(act: Act) -> Catalogue:
    """The abilities and languages: their codes by Chinese name."""
    _whole(await imports.skills(act, _file("skills.csv")))
    rows = await Skill.all()
    return Catalogue(
        {row.name: row.code for row in rows if row.kind == "skill"},
        {row.name: row.code for row in rows if row.kind == "language"},
    )


def _file(name: str) -> Path:
    return next((path for place in _PLACES if (path := place / name).is_file()), _PLACES[0] / name)


def _whole(report: Report) -> None:
    if not report.ok:
        raise Invalid(report.faults)
