"""P-16: whoever is killed while a plan is made leaves no solver behind, and the plan is made once after all.
``make faults PART=p16`` kills ten times in each way, and the first time waits for the queue itself.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest
from tortoise import connections

from dispatch import queue
from dispatch.bench.weeks import week
from dispatch.models import Change, Draft
from dispatch.planner import problem
from dispatch.planning import plans
from tests.dispatch import world
from tests.dispatch.planning.test_carrying import family
from tests.dispatch.planning.test_runs import gone, planners, running
from tests.dispatch.world import World, coordinator
from tests.e2e.house import ROOT, House
from tests.waiting import PATIENCE, eventually
from volunteer.spans import Span

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
ROUNDS: Final = 10 if LONG else 1
WINDOW: Final = Span(world.START - timedelta(days=1), world.START + timedelta(days=5))
SEATS: Final = 120

# A mother that is killed, and a planner that was not told to die with her.
CARELESS: Final = """
import subprocess, sys, time
planner = "import dispatch.planner.watch as w; w.die_with_parent = lambda parent: None\\n"
planner += "import runpy, sys; sys.argv = ['planner', '--seconds', '60']\\n"
planner += "runpy.run_module('dispatch.planner', run_name='__main__')"
child = subprocess.Popen([sys.executable, "-c", planner], stdin=open(sys.argv[1], "rb"), stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(600)
"""


async def town() -> World:
    tiny = await world.make()
    for _ in range(40):
        await tiny.person()
    for number in range(40):
        await tiny.need(after=timedelta(hours=number), seats=3)
    return tiny


async def solving(draft_id: UUID) -> list[int]:
    """All processes of a run that has come to its solver."""
    async with asyncio.timeout(PATIENCE * 4):
        while len(found := family(draft_id)) < 2:  # noqa: ASYNC110 - the long form waits for the queue
            await asyncio.sleep(0.02)
    return found + [worker for process in found for worker in planners(process)]


async def forgotten(draft_id: UUID, *, wait: bool) -> None:
    """Queue and run miss a worker after half a minute, which passes at once unless somebody means to ``wait``. That the
    half minute passes by itself is seen in one round as well as in ten; the moments of the kills need the ten."""
    if not wait:
        db, silent = connections.get("default"), queue.HEARTBEAT * 2
        await db.execute_query("UPDATE pgqueuer SET heartbeat = now() - $1::interval WHERE status = 'picked'", [silent])
        await db.execute_query("UPDATE draft SET beat_at = now() - $2::interval WHERE id = $1", [draft_id, silent])


async def test_p16_no_orphan_stays_and_the_plan_is_made_once(db: str, run_folder: Path) -> None:
    tiny, seed = await town(), random.randrange(10**6)
    boss, chance = await tiny.person(automated=False), random.Random(seed)
    house = House(db, run_folder / f"solving-{uuid4().hex}.log", pool=8)
    await house.start()
    try:
        for number in range(ROUNDS):
            wait = LONG and number == 0
            draft = await plans.run(coordinator(boss), "350502", WINDOW, seconds=30)
            processes = await solving(draft.id)
            await asyncio.sleep(chance.uniform(0, 0.3))
            os.kill(processes[0], signal.SIGKILL)  # the process that carries the plan: its worker tries again
            for process in processes:
                await gone(process)
            await forgotten(draft.id, wait=wait)
            again = await solving(draft.id)
            assert not set(again) & set(processes)
            house.kill()  # the server itself
            for process in again:
                await gone(process)
            await forgotten(draft.id, wait=wait)
            await house.start()

            async def ended(id_: UUID = draft.id) -> bool:
                return (await Draft.get(id=id_)).state != "running"

            async with asyncio.timeout(PATIENCE * 4):
                while not await ended():  # noqa: ASYNC110 - the queue waits half a minute in the long form
                    await asyncio.sleep(0.1)
            done = await Draft.get(id=draft.id)
            assert (done.state, done.filled) == ("ready", SEATS), f"seed {seed}: {done.error}"
            assert await Change.filter(draft_id=draft.id).count() == SEATS
            assert (await queue.state())["parked"] == 0
            await eventually(lambda id_=draft.id: not family(id_))
    finally:
        house.stop()


@pytest.mark.parametrize("careful", [True, False])
async def test_p16_canary_a_planner_that_does_not_die_with_its_mother_stays(tmp_path: Path, careful: bool) -> None:
    posed = tmp_path / "problem.json"
    posed.write_bytes(problem.write(week("M", 7)))
    code = CARELESS if not careful else CARELESS.replace("w.die_with_parent = lambda parent: None", "pass")
    words = [sys.executable, "-c", code, str(posed)]
    mother = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - killed below
    assert mother.stdout is not None
    orphan = int(await asyncio.to_thread(mother.stdout.readline))
    try:
        await eventually(lambda: bool(planners(orphan)) or not running(orphan))
        mother.kill()
        mother.wait()
        mother.stdout.close()
        if careful:
            await gone(orphan)
        else:
            await asyncio.sleep(1)
            assert running(orphan)
    finally:
        if running(orphan):
            os.kill(orphan, signal.SIGKILL)
