"""``citong check``: whether everything that must hold in the database does."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dispatch.cli import place, screen

if TYPE_CHECKING:
    from dispatch.invariants import Finding


@screen.plainly
def check(as_json: screen.Json = False) -> int:
    """Ask the database every invariant; one line each. Ends with 1 when any is broken.

    Reads only, on one snapshot; safe beside a running server.
    """
    with place.database_url(place.settings()) as url:
        found = asyncio.run(findings(url))
    if as_json:
        screen.data(told(found))
    else:
        shown(found)
    return code(found)


def told(found: "Sequence[Finding]") -> dict[str, Any]:
    return {
        "ok": all(f.holds for f in found),
        "invariants": [
            {"name": f.invariant.name, "says": f.invariant.says, "broken": f.count, "sample": f.sample} for f in found
        ],
    }


def shown(found: "Sequence[Finding]") -> None:
    for finding in found:
        screen.words(f"{'ok    ' if finding.holds else 'BROKEN'} {finding.line()}")


def code(found: "Sequence[Finding]") -> int:
    return 0 if all(finding.holds for finding in found) else screen.BROKEN


async def findings(url: str) -> "tuple[Finding, ...]":
    from dispatch import invariants
    from volunteer import database

    async with database.opened(url, pool=1, patience=invariants.PATIENCE_SECONDS):
        return await invariants.findings()
