"""Whoever taps first after a start finds every connection rehearsed; nothing is written, and nothing need be there."""

import asyncio
from typing import Any

import pytest
from tortoise.connection import get_connection

from dispatch import bars, pool, snapshot
from dispatch.app import rehearsal
from dispatch.models import Assignment
from dispatch.roster import openings, seen
from tests.dispatch import world
from volunteer import database, people

POOL = 3
_KEPT = "SELECT statement, generic_plans + custom_plans AS asked FROM pg_prepared_statements"
_CROWDS = (
    people._ACTORS, openings._SEEKER, openings._OPEN, snapshot._PAIR, pool._OF_THESE, seen._OFFERS, seen._LINES,
    bars._AROUND,
)  # fmt: skip


async def test_every_connection_was_asked_what_a_crowd_asks_until_plans_are_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "LONGEST_SECONDS", 60.0)
    async with database.opened(database_url, pool=POOL, filled=True):
        tiny = await world.make()
        await tiny.offered(await tiny.need(), await tiny.person())
        await tiny.need(seats=2)
        before = await Assignment.all().values()
        await rehearsal.rehearse(POOL)
        connections: list[Any] = [holder._con for holder in get_connection("default")._pool._holders]
        assert len({connection.get_server_pid() for connection in connections}) == POOL
        for connection in connections:
            kept = {row["statement"]: row["asked"] for row in await connection.fetch(_KEPT)}
            for sql in _CROWDS:
                assert kept.get(sql, 0) >= rehearsal.TIMES, sql
        assert await Assignment.all().values() == before


async def test_an_empty_database_is_no_reason_not_to_start(database_url: str) -> None:
    async with database.opened(database_url, pool=POOL, filled=True):
        await rehearsal.rehearse(POOL)


async def test_a_connection_that_somebody_holds_keeps_nobody_waiting_for_ever(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "LONGEST_SECONDS", 0.3)
    async with database.opened(database_url, pool=POOL, filled=True), get_connection("default").acquire_connection():
        await asyncio.wait_for(rehearsal.rehearse(POOL), 30)
