"""P-14: a server that is told to end says good-bye to every line, answers what is under way, and is gone with status 0.
``make faults PART=p14`` does it ten times with three hundred lines.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx2
import pytest_asyncio
from tortoise import connections
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.followers import A_PERSON, COUNTY, coordinator, flow
from tests.faults.mutilated import Mutilated
from tests.waiting import PATIENCE, eventually
from volunteer import database, journal, signin
from volunteer.act import system

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
ROUNDS: Final = 10 if LONG else 1
LINES: Final = 300 if LONG else 40
TAPS: Final = 6

# The canary: no good-bye, and nobody waits for what is under way.
RUDE: Final = """
import sys
import dispatch.app
from volunteer.api.lines import Lines
async def nothing(self): pass
Lines.farewell = nothing
sys.modules["dispatch.app.serve"].GRACE_SECONDS = 0
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def opened(tiny: World, house: House) -> list[ClientConnection]:
    """So many lines that have caught up."""
    lines = []
    since = {"epoch": await journal.epoch()} | await journal.heads([COUNTY])
    for number in range(LINES):
        if number % A_PERSON == 0:
            _, token = await coordinator(tiny)
        line = await connect(
            f"{house.home.replace('http', 'ws')}/live", additional_headers={"Authorization": f"Bearer {token}"},
            compression=None, proxy=None, ping_interval=None, open_timeout=PATIENCE,
        )  # fmt: skip
        await line.send(json.dumps({"k": "hello", "v": 1, "since": since}))
        lines.append(line)
    return lines


async def last_words(line: ClientConnection) -> tuple[bool, int]:
    """Whether a good-bye with a spread came, and the code of the end."""
    bye = False
    try:
        async with asyncio.timeout(PATIENCE * 2):
            while True:
                frame = json.loads(await line.recv())
                if frame["k"] == "bye":
                    bye = frame["code"] == 1012 and frame["spread"] > 0
    except ConnectionClosed as end:
        return bye, end.rcvd.code if end.rcvd else 1006


@asynccontextmanager
async def tapping(tiny: World, house: House, db: str) -> AsyncIterator[tuple[list["asyncio.Task[int]"], Any]]:
    """Taps that are under way: all want the same person's row, which ``holding`` holds."""
    person = await tiny.person(email=f"tap{len(tiny.people)}@citong.test")
    heads = {"authorization": f"Bearer {await signin.token(system(), person.email or '')}"}
    offers = [await tiny.offered(await tiny.need(), person) for _ in range(TAPS)]
    holding: Any = await asyncpg.connect(database.dsn(db))
    held = holding.transaction()
    await held.start()
    await holding.execute("SELECT 1 FROM volunteer WHERE id = $1 FOR UPDATE", person.id)
    async with httpx2.AsyncClient(base_url=house.home, trust_env=False, timeout=PATIENCE) as client:

        async def tap(number: int) -> int:
            path = f"/api/assignments/{offers[number].id}/decline"
            try:
                return (await client.post(path, json={}, headers=heads | {"idempotency-key": f"k{number}"})).status_code
            except httpx2.TransportError:
                return 0

        taps = [asyncio.create_task(tap(number)) for number in range(TAPS)]
        await eventually(_waiting)
        yield taps, held
        await asyncio.gather(*taps)
    await holding.close()


async def _waiting() -> bool:
    """All taps but those without a connection of the pool stand at the lock. Not asked of the connection that holds it:
    a transaction sees for ever what it saw at first."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT count(*) AS taps FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(rows[0]["taps"] >= 3)


async def ending(tiny: World, house: House, db: str) -> tuple[Counter[tuple[bool, int]], Counter[int], int]:
    """Told to end under load: how the lines ended, what the taps were told, and its status."""
    lines = await opened(tiny, house)
    async with flow(), tapping(tiny, house, db) as (taps, held):
        words = [asyncio.create_task(last_words(line)) for line in lines]
        house.tell(signal.SIGTERM)
        await asyncio.sleep(0.5)
        await held.rollback()
        told = Counter(await asyncio.gather(*taps))
        ended = Counter(await asyncio.gather(*words))
    return ended, told, await house.ended()


async def test_p14_everybody_is_told_and_what_is_under_way_is_answered(tiny: World, db: str, run_folder: Path) -> None:
    house = House(db, run_folder / "polite.log", pool=8)
    for _ in range(ROUNDS):
        await house.start()
        ended, told, status = await ending(tiny, house, db)
        assert ended == {(True, 1012): LINES}
        assert told == {200: TAPS}
        assert status == 0
        assert "Traceback" not in house.said()


async def test_p14_canary_a_rude_server_says_no_good_bye_and_answers_nothing(
    tiny: World, db: str, run_folder: Path
) -> None:
    house = Mutilated(db, run_folder / "rude.log", RUDE, pool=8)
    await house.start()
    ended, told, _ = await ending(tiny, house, db)
    assert not any(bye for bye, _ in ended)
    assert told[200] < TAPS
