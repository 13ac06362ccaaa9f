"""Whoever says yes in time and then waits for others, until the offer has ended, is too late."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest
from tortoise import connections

from dispatch.models import Assignment
from dispatch.roster import assignments, seats
from tests.dispatch import world
from tests.dispatch.world import World, by
from tests.waiting import eventually
from volunteer import database
from volunteer.errors import Refused
from volunteer.models import Volunteer

TAPS: Final = 3
_WAITING: Final = """SELECT count(*) AS waiting FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def told(person: Volunteer, line: Assignment) -> list[str]:
    """The rules of the no; none is a yes."""
    try:
        await assignments.accept(by(person), line.id)
    except Refused as refused:
        return [reason.rule for reason in refused.reasons]
    return []


async def over_the_end(tiny: World, url: str) -> list[list[str]]:
    """What people are told whose yes came in time, while somebody else held the need until their offers had ended."""
    need = await tiny.need(seats=TAPS, after=timedelta(days=20))
    people = await tiny.crowd(TAPS)
    lines = await tiny.all_offered(need, people)
    holding: Any = await asyncpg.connect(database.dsn(url))
    held = holding.transaction()
    await held.start()
    await holding.execute("SELECT 1 FROM need WHERE id = $1 FOR UPDATE", need.id)
    taps = [asyncio.create_task(told(person, line)) for person, line in zip(people, lines, strict=True)]

    async def all_wait() -> bool:
        rows = await connections.get("default").execute_query_dict(_WAITING)
        return bool(rows[0]["waiting"] == TAPS)

    await eventually(all_wait)
    await holding.execute("UPDATE assignment SET expires_at = clock_timestamp() WHERE need_id = $1", need.id)
    await held.commit()
    await holding.close()
    answers = await asyncio.gather(*taps)
    assert await world.taken(need.id) == answers.count([])
    return answers


async def test_p2_who_waits_over_the_end_is_too_late(db: str) -> None:
    assert await over_the_end(await world.make(), db) == [["too_late"]] * TAPS


async def test_p2_canary_by_the_clock_of_when_they_began_they_are_let_in(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "_LINE", seats._LINE.replace("clock_timestamp()", "now()"))
    assert [] in await over_the_end(await world.make(), db)
