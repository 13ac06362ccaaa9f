"""P-23: a release and the next one stand side by side, on the next one's schema, and so they do on the way back: taps,
pages and live lines of either are served as ever. ``make faults PART=p23`` goes there and back ten times.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
import pytest_asyncio
from tortoise.connection import get_connection

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import ROOT, House
from tests.faults.followers import coordinator, flow, followers, running, stop, truth
from tests.faults.taps import Offers, Taps, broken, offers
from tests.waiting import PATIENCE, eventually
from volunteer import journal

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
ROUNDS: Final = 10 if LONG else 1
WEEK: Final = f"region=350502&from={world.START.date()}&days=7"
PAGES: Final = [
    f"/api/board?{WEEK}",
    f"/api/board/attention?{WEEK}",
    f"/api/assignments?from={world.START.date()}",
    "/api/events",
    "/api/offers",
]
SIDE_BY_SIDE: Final = 60 if LONG else 10  # answers of both releases, at least

# The next release: a column that rows must have, and a table. It reads and writes the column.
BEFORE: Final = "    version = fields.IntField(db_default=1)\n"
COLUMN: Final = '    remark = fields.CharField(max_length=40, db_default="")\n'
NEXT: Final = """
from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("dispatch", "{last}")]
    initial = False
    operations = [ops.RunSQL({forward!r})]
"""
EXPANDING: Final = [
    "ALTER TABLE assignment ADD COLUMN remark varchar(40) NOT NULL DEFAULT ''",
    "CREATE TABLE remark (id uuid PRIMARY KEY, text varchar(40) NOT NULL)",
]
# The canary: what is no longer wanted goes at once, while others still write it.
CONTRACTING: Final = [*EXPANDING, "ALTER TABLE assignment RENAME COLUMN late TO tardy"]


def release(folder: Path, forward: list[str]) -> Path:
    """A copy of the program with one more migration and one more column."""
    for package in ("volunteer", "dispatch", "config"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    rows = folder / "dispatch" / "models" / "roster.py"
    text = rows.read_text("utf-8")
    assert BEFORE in text
    rows.write_text(text.replace(BEFORE, COLUMN + BEFORE), "utf-8")
    migrations = folder / "dispatch" / "migrations"
    last = max(path.stem for path in migrations.glob("[0-9]*.py"))
    (migrations / "9999_next.py").write_text(NEXT.format(last=last, forward=forward), "utf-8")
    return folder


def migrated(folder: Path, url: str) -> None:
    """As an operator does it, before the next release serves."""
    words = [sys.executable, "-m", "dispatch", "migrate"]
    subprocess.run(words, cwd=folder, check=True, env=os.environ | {"PYTHONPATH": "", "CITONG_DATABASE_URL": url})


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture
async def houses(db: str, run_folder: Path) -> AsyncIterator[list[House]]:
    """Two servers of this release."""
    made = [House(db, run_folder / f"release-{uuid4().hex}.log", pool=6) for _ in range(2)]
    try:
        for house in made:
            await house.start()
        yield made
    finally:
        for house in made:
            house.kill()


async def last_seats(tiny: World, count: int) -> Offers:
    """Offers of seats that somebody else was offered too: each yes fills the other's."""
    made = []
    for person, other in zip(await tiny.crowd(count), await tiny.crowd(count), strict=True):
        need = await tiny.need(mode="race", after=timedelta(days=20))
        line, _ = await tiny.all_offered(need, [person, other])
        made.append((person, line))
    return made


class Readers:
    """Pages of a coordinator that are read again and again on each server; ``broken``: what was not served."""

    def __init__(self, houses: list[House], boss: str) -> None:
        self._houses, self._heads = houses, {"authorization": f"Bearer {boss}"}
        self.served: list[int] = [0 for _ in houses]
        self.broken: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Readers"]:
        tasks = [asyncio.create_task(self._read(number)) for number in range(len(self._houses))]
        try:
            yield self
        finally:
            await stop(tasks)

    async def more(self) -> None:
        """Every server serves on."""
        wanted = [count + SIDE_BY_SIDE for count in self.served]
        await eventually(lambda: bool(self.broken) or all(n >= m for n, m in zip(self.served, wanted, strict=True)))

    async def _read(self, number: int) -> None:
        house, page = self._houses[number], uuid4()
        async with httpx2.AsyncClient(base_url=house.home, headers=self._heads, timeout=PATIENCE) as client:
            while True:
                for path in PAGES:
                    await self._one(number, client.get(path))
                await self._one(number, client.put(f"/api/presence/{page}", json={"region": "350502"}))
                await asyncio.sleep(0.05)

    async def _one(self, number: int, asked: Awaitable[httpx2.Response]) -> None:
        try:
            answer = await asked
        except httpx2.TransportError:  # it is about to start again
            return
        self.served[number] += 1
        if answer.status_code != 200:
            self.broken.append(f"{answer.status_code} {answer.url.path}: {answer.text[:200]}")


async def become(house: House, root: Path) -> None:
    """End as told, and start as that release."""
    house.tell(signal.SIGTERM)
    assert await house.ended() == 0
    house.root = root
    await house.start()


async def test_p23_a_release_and_the_next_one_serve_side_by_side_there_and_back(
    tiny: World, houses: list[House], db: str, tmp_path: Path
) -> None:
    later = release(tmp_path / "next", EXPANDING)
    following = await followers(tiny, [house.home for house in houses], 4)
    tasks = running(following)
    taps = Taps(houses[0], [], pause=0.1, beside=houses[1:], more=lambda: last_seats(tiny, 40))
    _, boss = await coordinator(tiny)
    async with flow(0.05), Readers(houses, boss).running() as readers, taps.running() as ledger:
        await readers.more()
        migrated(later, db)
        for _ in range(ROUNDS):
            for root in (later, ROOT):
                for house in houses:
                    await become(house, root)
                    await readers.more()
                    assert readers.broken == []
    assert set(ledger.told.values()) == {200}
    assert not ledger.put_off
    heads = await journal.heads(list(following[0].base))
    await eventually(lambda: all(follower.has(heads) for follower in following))
    await stop(tasks)
    for follower in following:
        for topic, told in (await truth(follower.base)).items():
            assert [entry for entry in follower.ledger if entry[0] == topic] == told
    assert await broken(ledger) == []
    assert all("Traceback" not in house.said() for house in houses)
    assert await get_connection("default").execute_query_dict("SELECT remark FROM assignment LIMIT 1") == [
        {"remark": ""}
    ]


async def test_p23_canary_a_migration_that_takes_away_breaks_the_release_that_serves(
    tiny: World, houses: list[House], db: str, tmp_path: Path
) -> None:
    made = await offers(tiny, 40)
    async with Taps(houses[0], made).running() as ledger:
        await eventually(lambda: bool(ledger.told))
        migrated(release(tmp_path / "next", CONTRACTING), db)
        await eventually(lambda: 500 in ledger.told.values())
