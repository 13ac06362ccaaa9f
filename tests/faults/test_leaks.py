"""P-25: whoever comes and goes leaves nothing behind: no file, no thread, no topic, no line. ``make faults PART=p25``
does it for an hour and looks at the memory, too.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
import pytest_asyncio
from websockets.asyncio.client import connect

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.followers import coordinator
from tests.faults.mutilated import Mutilated
from tests.waiting import PATIENCE, eventually
from volunteer import journal

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
SECONDS: Final = 3600 if LONG else 0
ROUNDS: Final = 3
LINES: Final = 20
SPREAD: Final = 5  # files and threads that a pool may hold more or less

# The canary: who leaves a topic is kept in mind for ever.
KEEPS: Final = """
from volunteer.live import Hub
Hub.leave = lambda self, topic, follower: None
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def figures(house: House) -> Mapping[str, float]:
    """What the server holds: files, threads and bytes by the system, lines and topics by its own figures."""
    at = Path(f"/proc/{house.pid}")
    status = dict(line.split(":", 1) for line in (at / "status").read_text("ascii").splitlines())
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        told = (await client.get(f"{house.home}/metrics")).text.splitlines()
    own = {line.split()[0]: float(line.split()[1]) for line in told if line.startswith("citong_live_")}
    held = {"files": len(list((at / "fd").iterdir())), "threads": int(status["Threads"])}
    return own | held | {"memory": int(status["VmRSS"].split()[0])}


async def churn(tiny: World, house: House) -> None:
    """Pages open, follow, read, go in all ways there are, and come back."""
    tokens = [(await coordinator(tiny))[1] for _ in range(LINES // 5)]
    need = await tiny.need()
    topics = {"region:350502": 0, f"event:{(await need.shift).event_id}": 0}

    async def one(number: int) -> None:
        heads = {"Authorization": f"Bearer {tokens[number // 5]}"}
        async with httpx2.AsyncClient(base_url=house.home, headers=heads, timeout=PATIENCE, trust_env=False) as client:
            for path in ("/api/me", "/api/events", "/api/nothing", "/desk/"):
                await client.get(path)
            line = await connect(
                f"{house.home.replace('http', 'ws')}/live", additional_headers=heads, proxy=None, open_timeout=PATIENCE
            )
            await line.send(json.dumps({"k": "hello", "v": 1, "since": {"epoch": await journal.epoch()} | topics}))
            await line.recv()
            if number % 3 == 0:
                line.transport.abort()
            elif number % 3 == 1:
                await line.send("{")  # not the protocol: closed from there
            await line.close()

    await asyncio.gather(*(one(number) for number in range(LINES)))


@asynccontextmanager
async def warm(tiny: World, house: House) -> AsyncIterator[Mapping[str, float]]:
    """Once around, so that pools are filled and all is loaded; what is held then."""
    await house.start()
    try:
        await churn(tiny, house)
        await churn(tiny, house)
        await asyncio.sleep(1)
        yield await figures(house)
    finally:
        house.stop()


def kept(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What is held though everybody has left."""
    grown = {name: after[name] - before[name] for name in ("files", "threads") if after[name] > before[name] + SPREAD}
    stays = {name: after[name] for name in ("citong_live_lines", "citong_live_topics") if after[name]}
    return grown | stays


async def test_p25_whoever_leaves_leaves_nothing_behind(tiny: World, db: str, run_folder: Path) -> None:
    house = House(db, run_folder / f"churn-{uuid4().hex}.log", pool=6)
    async with warm(tiny, house) as before:
        end, rounds = time.monotonic() + SECONDS, 0
        while rounds < ROUNDS or time.monotonic() < end:
            await churn(tiny, house)
            rounds += 1

        async def clean() -> bool:
            return not kept(before, await figures(house))

        await eventually(clean)
        if LONG:
            assert (await figures(house))["memory"] < before["memory"] * 1.1


async def test_p25_canary_a_hub_that_forgets_nobody_is_noticed(tiny: World, db: str, run_folder: Path) -> None:
    house = Mutilated(db, run_folder / f"keeps-{uuid4().hex}.log", KEEPS, pool=6)
    async with warm(tiny, house) as before:
        await churn(tiny, house)
        assert kept(before, await figures(house))
