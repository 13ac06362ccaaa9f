"""P-18 and P-28: many processes tick and each due effect happens once, whoever is stopped, woken or killed; and what
the clock of a process says decides nothing, the database's does.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from tortoise import connections

from dispatch import invariants
from dispatch.models import Assignment
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import ROOT
from tests.faults.mutilated import Mutilated
from tests.faults.phones import token
from tests.waiting import PATIENCE, eventually
from volunteer.models import Entry

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
CLOCKS: Final = 4 if LONG else 3
OFFERS: Final = 600 if LONG else 40
ROUNDS: Final = 5 if LONG else 1
STOPPED: Final = 30.0 if LONG else 4.0
LEASE: Final = 15 if LONG else 2

# A process with nothing but a clock. What its sweep does is written to a ledger under the number of its tick.
TICKER: Final = """
import asyncio, os, sys
from dispatch import jobs
from dispatch.jobs import Clock, Sweep
from dispatch.roster import assignments
from volunteer import database, journal
jobs.LEASE_FLOOR = int(sys.argv[2])
EFFECT = '''INSERT INTO effect (fence, pid) SELECT max(fence), $1 FROM tick WHERE job = 'thing' AND due_at <= $2'''
careful = jobs.claim
async def careless(sweep):
    claimed = await careful(sweep)
    if claimed is None:
        async def newest(w):
            rows = await w.db.execute_query_dict("SELECT id, clock_timestamp() AS now FROM tick WHERE job = $1 "
                                                 "ORDER BY id DESC LIMIT 1", [sweep.job])
            return rows[0]["id"], rows[0]["now"]
        claimed = await journal.writing(jobs.system(), newest)
    return claimed
if sys.argv[3] == "careless":
    jobs.claim = careless
async def effect(act):
    async def verb(w):
        await w.db.execute_query(EFFECT, [os.getpid(), act.at])
    await journal.writing(act, verb)
async def main():
    sweeps = [Sweep("thing", 1, effect), Sweep("offers", 1, assignments.expire_due)]
    async with database.opened(sys.argv[1], pool=4), Clock(sweeps).opened():
        print("ready", flush=True)
        await asyncio.sleep(3600)
asyncio.run(main())
"""

# A process whose wall clock is wrong; all that asks what time it is asks here.
SHIFTED: Final = """
from datetime import UTC, datetime, timedelta
import apscheduler.schedulers.base, apscheduler.triggers.interval
import volunteer.act
class Shifted(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours={hours})
apscheduler.schedulers.base.datetime = apscheduler.triggers.interval.datetime = Shifted
volunteer.act.now = lambda: datetime.now(UTC) + timedelta(hours={hours})
"""
# The canary: and it is believed.
BELIEVED: Final = """
from dispatch import jobs
from dispatch.roster import seats
seats.lapsed = lambda line, at: line.expires_at is None or line.expires_at <= volunteer.act.now()
once = jobs.claim
async def claim(sweep):
    claimed = await once(sweep)
    return None if claimed is None else (claimed[0], volunteer.act.now())
jobs.claim = claim
"""


class Ticker:
    def __init__(self, url: str, way: str) -> None:
        words = [sys.executable, "-c", TICKER, url, str(LEASE), way]
        self.process = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@asynccontextmanager
async def tickers(url: str, way: str = "careful") -> AsyncIterator[list[Ticker]]:
    await connections.get("default").execute_script("CREATE TABLE effect (fence bigint, pid int)")
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(CLOCKS):
            made.append(Ticker(url, way))
            stack.callback(made[-1].end)
        for one in made:
            assert one.process.stdout is not None
            assert await asyncio.to_thread(one.process.stdout.readline) == b"ready\n"
        yield made


async def effects() -> Counter[int]:
    """How often each due time was done."""
    rows = await connections.get("default").execute_query_dict("SELECT fence FROM effect")
    return Counter(row["fence"] for row in rows)


async def more(count: int) -> None:
    """The effects go on."""
    before = len(await effects())

    async def grown() -> bool:
        return len(await effects()) >= before + count

    await eventually(grown)


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def ending(tiny: World, seconds: float) -> list[Assignment]:
    """Offers that end one after the other in the next so many seconds."""
    need = await tiny.need(seats=OFFERS, after=timedelta(days=20))
    now = datetime.now(UTC)
    return [
        await tiny.offered(need, await tiny.person(), expires=now + timedelta(seconds=seconds * number / OFFERS))
        for number in range(OFFERS)
    ]


async def test_p18_each_due_effect_once_whoever_stops_wakes_or_dies(tiny: World, db: str) -> None:
    chance = random.Random(18)
    async with tickers(db) as clocks:
        for _ in range(ROUNDS):
            lines = await ending(tiny, STOPPED * 2)
            chosen = chance.choice(clocks)
            await asyncio.sleep(chance.uniform(0, 1))
            chosen.tell(signal.SIGSTOP)
            await more(3)  # the others go on without it
            await asyncio.sleep(STOPPED)
            chosen.tell(signal.SIGCONT)  # and it has nothing to add to what they did
            await more(3)

            async def over(lines: list[Assignment] = lines) -> bool:
                open_ = Assignment.filter(id__in=[line.id for line in lines], status="offered")
                return not await open_.exists()

            await eventually(over)
            for line in lines:
                told = Entry.filter(ref=line.id, topic=f"volunteer:{line.volunteer_id}", kind="assignment.expired")
                assert await told.count() == 1
        clocks[0].tell(signal.SIGKILL)
        await more(3)
    assert set((await effects()).values()) == {1}
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


async def test_p18_canary_clocks_that_claim_nothing_do_the_same_twice(tiny: World, db: str) -> None:
    async with tickers(db, "careless"):

        async def twice() -> bool:
            return any(count > 1 for count in (await effects()).values())

        await eventually(twice)


@pytest.mark.parametrize("believed", [False, True])
async def test_p28_the_clock_of_a_process_that_is_wrong_decides_nothing(
    tiny: World, db: str, run_folder: Path, believed: bool
) -> None:
    """A server whose clock is two hours ahead expires nothing early and takes every yes; the canary believes it."""
    need = await tiny.need(seats=4, after=timedelta(days=20))
    people = [await tiny.person() for _ in range(2)]
    soon = datetime.now(UTC) + timedelta(hours=1)
    lines = [await tiny.offered(need, person, expires=soon) for person in people]
    heads = [await token(person) for person in people]
    without = SHIFTED.format(hours=2) + (BELIEVED if believed else "")
    house = Mutilated(db, run_folder / f"ahead-{uuid4().hex}.log", without, pool=8)
    await house.start()
    try:
        if believed:
            await eventually(lambda: _status(lines[1], "expired"))
            return
        await eventually(_swept)
        path = f"{house.home}/api/assignments/{lines[0].id}/accept"
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(path, headers=heads[0] | {"idempotency-key": "k"}, json={})
        assert answer.status_code == 200, answer.text
        assert await _status(lines[1], "offered")
        await Assignment.filter(id=lines[1].id).update(expires_at=datetime.now(UTC))
        await eventually(lambda: _status(lines[1], "expired"))
    finally:
        house.stop()


async def _status(line: Assignment, status: str) -> bool:
    return (await Assignment.get(id=line.id)).status == status


async def _swept() -> bool:
    """Offers were looked at twice."""
    rows: list[Any] = await connections.get("default").execute_query_dict(
        "SELECT 1 FROM tick WHERE job = 'offers' AND done_at IS NOT NULL"
    )
    return len(rows) >= 2
