"""P-13: who loses a session, a role or an account hears nothing more, on whatever server it was taken and on whatever
server they listen; everybody else goes on hearing. ``make faults PART=p13`` repeats it.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import pytest_asyncio

from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.faults.followers import COUNTY, TOWN, Follower, coordinator, flow, running, stop
from tests.faults.mutilated import Mutilated
from tests.volunteer.api.wire import say
from tests.waiting import PATIENCE, eventually
from volunteer import journal, people, standing
from volunteer.act import system
from volunteer.client import Client, LineError, NoTopicError, NotSignedInError
from volunteer.models import Volunteer

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
ROUNDS: Final = 10 if LONG else 1
WAYS: Final[dict[str, type[LineError]]] = {
    "signed out": NotSignedInError, "role ended": NoTopicError, "suspended": NotSignedInError,
}  # fmt: skip

# The canary: nobody listens to a person's own topic for the server's sake.
DEAF: Final = """
from volunteer.api import following
following.Guard.hear = lambda self, heard, frame: None
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


@dataclass
class Losing:
    """Somebody who follows on one server and is about to lose their right."""

    person: Volunteer
    token: str
    follower: Follower


async def losing(tiny: World, home: str) -> Losing:
    person, token = await coordinator(tiny)
    base = await journal.heads([COUNTY, TOWN])
    return Losing(person, token, Follower(Client(home, token, dict(base)), base))


async def take(way: str, who: Losing, elsewhere: House) -> None:
    """Take the right away: on another server by HTTP, or in this process, which serves nobody."""
    if way == "signed out":
        async with httpx2.AsyncClient(base_url=elsewhere.home, trust_env=False, timeout=PATIENCE) as client:
            heads = {"authorization": f"Bearer {who.token}", "idempotency-key": f"out-{who.person.id}"}
            assert (await client.post("/api/signout", headers=heads)).status_code == 204
    elif way == "role ended":
        await people.revoke(system(), who.person.id, "coordinator", region="350502")
    else:
        await standing.suspend(system(), who.person.id, "冒名签到")


async def test_p13_nothing_more_after_a_right_is_taken_elsewhere(tiny: World, db: str, run_folder: Path) -> None:
    async with AsyncExitStack() as stack:
        near, far = [
            await stack.enter_async_context(housed(db, run_folder / f"rights-{n}.log", pool=6)) for n in range(2)
        ]
        await stack.enter_async_context(flow())
        for _ in range(ROUNDS):
            stays = await losing(tiny, far.home)
            each = {way: await losing(tiny, far.home) for way in WAYS}
            tasks = running([stays.follower, *(one.follower for one in each.values())])
            await eventually(lambda each=each: all(one.follower.ledger for one in each.values()))
            for way, one in each.items():
                await take(way, one, near)
                await eventually(lambda one=one: one.follower.ended is not None)
                assert isinstance(one.follower.ended, WAYS[way])
                assert one.follower.fresh == []
            heard = len(stays.follower.ledger)
            await eventually(lambda stays=stays, heard=heard: len(stays.follower.ledger) > heard + 20)
            for way, one in each.items():  # nor does knocking again help
                again = Follower(Client(far.home, one.token, dict.fromkeys([COUNTY, TOWN])), {})
                await asyncio.wait_for(again.run(), PATIENCE)
                assert isinstance(again.ended, WAYS[way])
                assert again.ledger == []
            await stop(tasks)


async def test_p13_canary_a_server_that_is_deaf_to_it_goes_on_telling(tiny: World, db: str, run_folder: Path) -> None:
    async with AsyncExitStack() as stack:
        near = await stack.enter_async_context(housed(db, run_folder / "rights-near.log", pool=6))
        far = Mutilated(db, run_folder / "rights-deaf.log", DEAF, pool=6)
        stack.callback(far.kill)
        await far.start()
        each = {way: await losing(tiny, far.home) for way in WAYS}
        tasks = running([one.follower for one in each.values()])
        await say([COUNTY, TOWN], n=0)
        await eventually(lambda: all(one.follower.ledger for one in each.values()))
        await asyncio.sleep(1)  # the first look at their rights is over
        for way, one in each.items():
            await take(way, one, near)
        await asyncio.sleep(2)
        await say([COUNTY, TOWN], n=1)
        for one in each.values():
            await eventually(lambda one=one: any(n == 1 for _, _, n in one.follower.ledger))
            assert one.follower.ended is None
        await stop(tasks)
