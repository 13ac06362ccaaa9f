"""Everybody of a city as arrays, built once a process and kept warm: what the need check is asked of.

The first question builds them; later ones are answered at once from what stands, and set off a refresh in the
background when it is older than a moment: only people whose rows changed, or whose topic in the journal moved, are read
again. Every live promise is a busy span here. Reads, never writes.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from dispatch import pool
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import Asked
from dispatch.planner.problem import Person, Problem
from dispatch.planner.problem import Span as Window
from dispatch.planner.tables import tabulate
from volunteer import journal
from volunteer.models import Volunteer
from volunteer.spans import Span

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 15.0
# Everything is read again at the latest then: rows that were deleted leave no other trace.
WHOLE_SECONDS: Final = 900.0
AHEAD: Final = timedelta(days=60)
# A topic is touched before its transaction commits; none stays open so long.
LATE: Final = timedelta(seconds=150)

_NOW = "SELECT clock_timestamp() AS at, pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295 AS settled"
_TOUCHED = """SELECT substr(name, 11)::uuid AS id FROM topic WHERE name LIKE 'volunteer:%' AND touched_at >= $2
UNION SELECT id FROM volunteer WHERE xmin::text::bigint >= $1
UNION SELECT volunteer_id FROM qualification WHERE xmin::text::bigint >= $1
UNION SELECT volunteer_id FROM weekly WHERE xmin::text::bigint >= $1
UNION SELECT volunteer_id FROM availability_override WHERE xmin::text::bigint >= $1
UNION SELECT volunteer_id FROM block WHERE xmin::text::bigint >= $1
UNION SELECT volunteer_id FROM consent WHERE xmin::text::bigint >= $1"""


@dataclass(slots=True)
class _Kept:
    """``settled``: every transaction below this number had ended when the rows were read at ``at``."""

    people: dict[str, Person]
    asked: Asked
    frame: Span
    at: datetime
    settled: int
    built: float
    looked: float
    refreshing: "asyncio.Task[None] | None" = None


_kept: dict[tuple[int, str], tuple[BaseDBAsyncClient, _Kept]] = {}
_locks: dict[tuple[int, str], asyncio.Lock] = {}


async def asked(city: str, at: datetime) -> tuple[Asked, datetime]:
    """The city's people, and when their rows were read. ``city``: the region's first four digits."""
    db = get_connection("default")
    key = (id(db), city)
    found = _kept.get(key)
    if found is None or found[0] is not db or _stale(found[1], at):
        found = await _first(key, db, city, at)
    kept = found[1]
    if _clock() - kept.looked > FRESH_SECONDS and (kept.refreshing is None or kept.refreshing.done()):
        kept.refreshing = asyncio.create_task(_refreshed(kept, city), name="crowd refresh")
        kept.refreshing.add_done_callback(_heard)
    return kept.asked, kept.at


async def _first(
    key: tuple[int, str], db: BaseDBAsyncClient, city: str, at: datetime
) -> tuple[BaseDBAsyncClient, _Kept]:
    """Build the arrays; whoever asks meanwhile waits for the same."""
    for old in [old for old, (known, _) in _kept.items() if known is not db and old[0] == key[0]]:
        del _kept[old]
    lock = _locks.setdefault(key, asyncio.Lock())
    async with lock:
        found = _kept.get(key)
        if found is None or found[0] is not db or _stale(found[1], at):
            found = (db, await _built(city, at))
            _kept[key] = found
    _locks.pop(key, None)
    return found


def _stale(kept: _Kept, at: datetime) -> bool:
    return _clock() - kept.built > WHOLE_SECONDS or not kept.frame.start <= at < kept.frame.start + timedelta(days=2)


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _heard(task: "asyncio.Task[None]") -> None:
    """A refresh that failed leaves what stands; the next question tries again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("the crowd was not refreshed", exc_info=error)


async def _built(city: str, at: datetime) -> _Kept:
    frame = Span(at - timedelta(days=1), at + AHEAD)
    (read, people), _ = await journal.reading(lambda: _read(city, frame, None), [])
    known = {person.id: person for person in people}
    made = await asyncio.to_thread(_arrays, list(known.values()))
    return _Kept(known, made, frame, read["at"], read["settled"], _clock(), _clock())


async def _read(city: str, frame: Span, only: list[UUID] | None) -> tuple[dict[str, Any], tuple[Person, ...]]:
    rows = await get_connection("default").execute_query_dict(_NOW)
    which = {} if only is None else {"id__in": only}
    volunteers = await Volunteer.filter(region_id__startswith=city, state="active", **which).order_by("id")
    return rows[0], await pool.people(volunteers, frame, set())


async def _refreshed(kept: _Kept, city: str) -> None:
    """Read again whoever changed since. Nothing is replaced while nothing differs."""
    kept.looked = _clock()

    async def query() -> tuple[list[UUID], dict[str, Any], tuple[Person, ...]]:
        db = get_connection("default")
        rows = await db.execute_query_dict(_TOUCHED, [kept.settled, kept.at - LATE])
        touched = [row["id"] for row in rows]
        return touched, *(await _read(city, kept.frame, touched))

    (touched, read, people), _ = await journal.reading(query, [])
    after = dict(kept.people)
    for id_ in touched:
        after.pop(str(id_), None)
    after |= {person.id: person for person in people}
    if after != kept.people:
        order = sorted(after)
        kept.people = {id_: after[id_] for id_ in order}
        kept.asked = await asyncio.to_thread(_arrays, list(kept.people.values()))
    kept.at, kept.settled = read["at"], read["settled"]


def _arrays(people: Sequence[Person]) -> Asked:
    return Asked(tabulate(open_desk(Problem("crowd", Window(0, 0), people=tuple(people)))))
