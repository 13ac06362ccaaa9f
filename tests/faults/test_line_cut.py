"""P-7: whatever is cut, stalled or killed, every follower is told each entry once, in order. The entry table is the
oracle; each follower keeps a ledger of its own.

The short form runs with all other tests; ``make faults PART=p7`` runs the long one.
"""

import asyncio
import os
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.faults.followers import COUNTY, TOWN, Follower, followers, running, stop, truth
from tests.faults.wrecking import WAYS, Wrecker
from tests.volunteer.api.wire import say
from tests.waiting import eventually
from volunteer import client, journal
from volunteer.client import Client

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
FOLLOWERS: Final = 200 if LONG else 12
KILLS: Final = 15 if LONG else 2
BETWEEN: Final = 20 if LONG else 3
A_SECOND: Final = 50


class Forgetful(Client):
    """The canary: comes back from now on instead of from where it stood."""

    async def _read(self, socket):  # type: ignore[no-untyped-def]
        self.course.positions = dict.fromkeys(self.course.positions)
        self.course.epoch = ""
        async for told in super()._read(socket):
            yield told


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def write(rng: random.Random, enough: asyncio.Event) -> None:
    """Entries to one topic or both, a tenth rolled back."""
    n = 0
    while not enough.is_set():
        topics = rng.choice([[COUNTY], [TOWN], [COUNTY, TOWN]])
        try:
            await say(topics, n=n, fail=rng.random() < 0.1)
        except LookupError:
            continue
        finally:
            n += 1
        await asyncio.sleep(rng.uniform(0, 2 / A_SECOND))


async def kill(houses: list[House], kills: int) -> None:
    """Kill one server after the other, as by ``kill -9``, and start it again."""
    for number in range(kills):
        await asyncio.sleep(BETWEEN)
        house = houses[number % len(houses)]
        house.kill()
        await house.start()
    await asyncio.sleep(BETWEEN)


async def stormy(
    tiny: World, db: str, folder: Path, seed: int, made: type[Client] = Client, kills: int = KILLS
) -> tuple[list[Follower], Counter[str]]:
    """All that can happen to a line, for a while, then calm until everybody is there. The followers, and what their
    lines met besides servers that were killed."""
    async with AsyncExitStack() as stack:
        houses, wreckers = [], []
        for number in range(2):
            log = folder / f"cut-{seed}-{number}.log"
            houses.append(await stack.enter_async_context(housed(db, log, pool=8)))
            wreckers.append(await stack.enter_async_context(Wrecker(houses[-1].port, seed + number).opened()))
        homes = [f"http://127.0.0.1:{wrecker.port}" for wrecker in wreckers]
        following = await followers(tiny, homes, FOLLOWERS, made)
        tasks = running(following)
        await eventually(lambda: all(follower.client.course.epoch for follower in following))
        enough = asyncio.Event()
        writing = asyncio.create_task(write(random.Random(seed), enough))
        await kill(houses, kills)
        enough.set()
        await writing
        heads = await journal.heads([COUNTY, TOWN])
        await eventually(lambda: all(follower.has(heads) for follower in following))
        await stop(tasks)
    return following, sum((wrecker.hits for wrecker in wreckers), Counter[str]())


async def test_p7_nothing_is_missed_or_told_twice_whatever_is_cut_or_killed(
    tiny: World, db: str, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_SECONDS", 2.0)  # no answer to where an entry is lost, only to when it comes
    seed = random.randrange(10**6)
    following, hits = await stormy(tiny, db, run_folder, seed)
    assert set(hits) == set(WAYS)
    expected = await truth(following[0].base)
    assert min(map(len, expected.values())) > 50
    for follower in following:
        assert (follower.ended, follower.fresh) == (None, []), f"seed {seed}"
        assert follower.downs > 0
        for topic, rows in expected.items():
            assert [row for row in follower.ledger if row[0] == topic] == rows, f"seed {seed}"


async def test_p7_canary_whoever_forgets_where_it_stood_loses_entries(
    tiny: World, db: str, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_SECONDS", 2.0)
    following, _ = await stormy(tiny, db, run_folder, random.randrange(10**6), Forgetful, 0)
    expected = await truth(following[0].base)
    told = [set(follower.ledger) for follower in following]
    assert any(row not in ledger for rows in expected.values() for row in rows for ledger in told)
