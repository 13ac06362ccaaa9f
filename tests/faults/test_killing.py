"""P-15: a server that is killed at any moment has lost nothing that it acknowledged, and left nothing half done.
``make faults PART=p15`` kills it two hundred times.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest_asyncio

from dispatch.models import Assignment
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.mutilated import Mutilated
from tests.faults.taps import Ledger, Taps, broken, offers
from tests.waiting import eventually
from volunteer.models import Entry

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
KILLS: Final = 200 if LONG else 2

# The canary: rows are committed first, and their entries a moment later in a transaction of their own.
TORN: Final = """
import asyncio
from volunteer import journal
async def once(act, verb, patience, first):
    async with journal.in_transaction() as db:
        open_ = journal.Writing(act, db)
        ended = await journal._ended(open_, verb)
    if open_.lines:
        await asyncio.sleep(1)
    async with journal.in_transaction() as db:
        open_.db = db
        await journal._append(open_)
    if isinstance(ended, journal.Refused):
        raise ended
    return ended
journal._once = once
"""


@pytest_asyncio.fixture
async def tiny(db: str) -> World:
    return await world.make()


async def killed(house: House, tiny: World, kills: int, moment: Callable[[], Awaitable[None]]) -> Ledger:
    """The house is killed again and again while phones tap, when the ``moment`` after its first answer has come."""
    made = await offers(tiny, 60 * (kills + 1))
    await house.start()
    try:
        taps = Taps(house, made, pause=0.2, patient=False)
        async with taps.running() as ledger:
            for _ in range(kills):
                before = len(ledger.told)
                await eventually(lambda before=before: len(ledger.told) > before)
                await moment()
                house.kill()
                await house.start()
            assert taps.left, "the last kills met nobody"
    finally:
        house.stop()
    return ledger


async def test_p15_killed_while_people_tap_it_loses_nothing_and_leaves_nothing_half_done(
    tiny: World, db: str, run_folder: Path
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)

    async def any_moment() -> None:
        await asyncio.sleep(chance.uniform(0.0, 1.0))

    ledger = await killed(House(db, run_folder / f"killed-{uuid4().hex}.log", pool=8), tiny, KILLS, any_moment)
    assert set(ledger.told.values()) == {200}, f"seed {seed}"
    assert await broken(ledger) == [], f"seed {seed}"


async def test_p15_canary_entries_in_a_transaction_of_their_own_are_torn_off(
    tiny: World, db: str, run_folder: Path
) -> None:
    house = Mutilated(db, run_folder / f"torn-{uuid4().hex}.log", TORN, pool=8)

    async def half_done() -> bool:
        done = await Assignment.filter(status="accepted").values_list("id", flat=True)
        return len(
            set(await Entry.filter(ref__in=done, kind="assignment.accepted").values_list("ref", flat=True))
        ) < len(done)

    ledger = await killed(house, tiny, 1, lambda: eventually(half_done))
    assert 500 not in ledger.told.values(), "the mutant does not fit the journal any more"
    assert await broken(ledger) != []
