"""P-10: readers that stop reading cost the server little, cost the others nothing, and are gone soon.
``make faults PART=p10`` has fifty of them beside four hundred and fifty who read.
"""

import asyncio
import json
import os
import re
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx2
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.followers import A_PERSON, COUNTY, Follower, coordinator, followers, running, stop, truth
from tests.faults.mutilated import Mutilated
from tests.volunteer.api.wire import say
from tests.waiting import PATIENCE, eventually
from volunteer import journal

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
STUCK: Final = 50 if LONG else 16
READERS: Final = 450 if LONG else 8
BEFORE: Final = 3_000  # entries that whoever starts from nothing has to be told
AFTER: Final = 1_000 if LONG else 200
LARGE: Final = "好" * 600
EACH_KB: Final = 1024
SLACK_KB: Final = 24 * 1024
BOUND_KB: Final = STUCK * EACH_KB + SLACK_KB

# The canary: whatever waits for a reader is kept, and a catch-up never waits for room.
BOUNDLESS: Final = """
from volunteer.live import backlog
backlog.Backlog._roomy = lambda self: True
put = backlog.Backlog.put
backlog.Backlog.put = lambda self, frame, force=False: put(self, frame, force=True)
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def flood(count: int) -> None:
    for start in range(0, count, 20):
        await asyncio.gather(*(say([COUNTY], n=n, pad=LARGE) for n in range(start, start + 20)))


async def stuck(house: House, token: str) -> ClientConnection:
    """Asks for everything, and reads nothing of it."""
    thin = socket.socket()
    thin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    thin.setblocking(False)
    await asyncio.get_running_loop().sock_connect(thin, ("127.0.0.1", house.port))
    line = await connect(
        f"ws://127.0.0.1:{house.port}/live", additional_headers={"Authorization": f"Bearer {token}"}, sock=thin,
        compression=None, proxy=None, ping_interval=None, open_timeout=PATIENCE, max_queue=1,
    )  # fmt: skip
    await line.send(json.dumps({"k": "hello", "v": 1, "since": {}}))
    await line.recv()
    line.transport.pause_reading()
    await line.send(json.dumps({"k": "sub", "t": COUNTY, "s": 0, "r": 1}))
    return line


def most_memory(house: House) -> int:
    """The most that the process ever held, in KB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{house.pid}/status").read_text("ascii"))
    assert found
    return int(found[1])


async def lines(house: House) -> int:
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        found = re.search(r"^citong_live_lines (\S+)$", (await client.get(f"{house.home}/metrics")).text, re.MULTILINE)
    assert found
    return int(float(found[1]))


async def all_stuck(tiny: World, house: House, stack: AsyncExitStack) -> None:
    """So many who do not read, until the way out."""
    tokens = [(await coordinator(tiny))[1] for _ in range(-(-STUCK // A_PERSON))]
    for number in range(STUCK):
        line = await stuck(house, tokens[number // A_PERSON])
        stack.callback(line.transport.abort)


async def beside_the_stuck(tiny: World, house: House) -> tuple[list[Follower], int]:
    """Readers who read beside those who do not, until the readers have it all and the others are gone; and what the
    most memory grew by meanwhile, in KB."""
    async with AsyncExitStack() as stack:
        await house.start()
        stack.callback(house.kill)
        await flood(BEFORE)
        following = await followers(tiny, [house.home], READERS)
        tasks = running(following)
        stack.push_async_callback(stop, tasks)
        await eventually(lambda: all(follower.client.course.epoch for follower in following))
        before = most_memory(house)
        await all_stuck(tiny, house, stack)
        await flood(AFTER)
        heads = await journal.heads([COUNTY])
        await eventually(lambda: all(follower.has(heads) for follower in following))
        grown = most_memory(house) - before
        await eventually(lambda: _only(house, READERS))
    return following, grown


async def _only(house: House, count: int) -> bool:
    return await lines(house) == count


async def test_p10_who_does_not_read_harms_nobody_and_is_gone_soon(tiny: World, db: str, run_folder: Path) -> None:
    following, grown = await beside_the_stuck(tiny, House(db, run_folder / "stuck.log", pool=8))
    expected = await truth({COUNTY: following[0].base[COUNTY]})
    assert len(expected[COUNTY]) == AFTER
    for follower in following:
        assert (follower.ended, follower.fresh, follower.downs) == (None, [], 0)
        assert [row for row in follower.ledger if row[0] == COUNTY] == expected[COUNTY]
    assert grown < BOUND_KB


async def test_p10_canary_without_a_bound_the_server_swells(tiny: World, db: str, run_folder: Path) -> None:
    """It is stopped as soon as it holds too much: what it takes beyond that is taken from all others here."""
    await flood(BEFORE)
    async with AsyncExitStack() as stack:
        house = Mutilated(db, run_folder / "boundless.log", BOUNDLESS, pool=8)
        await house.start()
        stack.callback(house.kill)
        before = most_memory(house)
        await all_stuck(tiny, house, stack)
        await eventually(lambda: most_memory(house) - before > BOUND_KB)
