"""Beats: each part of each process says again and again that it works, and until when that holds.

They are rows, so that every process can tell whether a part works anywhere: whoever dies, however it dies, stops
beating. To write one proves that the database takes writes.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import uuid4

from tortoise import connections

from volunteer import journal
from volunteer.act import system
from volunteer.journal import Writing

PROCESS: Final = uuid4()
HOLDS: Final = timedelta(seconds=15)
KEPT: Final = timedelta(hours=1)

_BEAT = """INSERT INTO beat (part, process, at, due_at)
SELECT part, $2, clock_timestamp(), clock_timestamp() + $3::interval FROM unnest($1::text[]) AS g(part)
ON CONFLICT (part, process) DO UPDATE SET at = EXCLUDED.at, due_at = EXCLUDED.due_at"""
_LEAVE = "DELETE FROM beat WHERE process = $1"
_SWEEP = "DELETE FROM beat WHERE due_at < clock_timestamp() - $1::interval"
_OTHERS = "SELECT DISTINCT part FROM beat WHERE due_at > clock_timestamp() AND process <> $1"


async def beat(parts: Collection[str], holds: timedelta = HOLDS) -> None:
    """These parts of this process work."""
    await _run(_BEAT, sorted(parts), PROCESS, holds)


async def leave() -> None:
    """This process ends; its parts are missed by nobody."""
    await _run(_LEAVE, PROCESS)


async def elsewhere() -> frozenset[str]:
    """The parts that work in some other process."""
    rows = await connections.get("default").execute_query_dict(_OTHERS, [PROCESS])
    return frozenset(row["part"] for row in rows)


async def sweep(w: Writing) -> None:
    """Forget processes that are long gone."""
    await w.db.execute_query(_SWEEP, [KEPT])


async def _run(sql: str, *values: object) -> None:
    async def verb(w: Writing) -> None:
        await w.db.execute_query(sql, list(values))

    await journal.writing(system(), verb)
