"""Plans in processes of their own: carried out, cancelled, given back, killed; nothing is left running."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from dispatch.models import Change, Draft
from dispatch.planning import carrying, plans
from tests.dispatch import world
from tests.dispatch.world import World, coordinator
from tests.waiting import eventually
from volunteer.models import Volunteer
from volunteer.settings import Settings
from volunteer.spans import Span

WINDOW = Span(world.START - timedelta(days=1), world.START + timedelta(days=5))


@pytest_asyncio.fixture
async def boss(db: str) -> AsyncIterator[Volunteer]:
    """A coordinator of a town with work for some seconds."""
    tiny: World = await world.make()
    for _ in range(40):
        await tiny.person()
    for number in range(40):
        await tiny.need(after=timedelta(hours=number), seats=3)
    yield await tiny.person(automated=False)


def family(draft_id: UUID) -> list[int]:
    """The processes that carry this draft out, and the planners under them."""
    lines = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(place.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            lines[int(place.name)] = (place.joinpath("cmdline").read_bytes().decode(), parent)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    carriers = [
        pid for pid, (line, _) in lines.items() if "dispatch.planning.carrying" in line and str(draft_id) in line
    ]
    return carriers + [pid for pid, (_, parent) in lines.items() if parent in carriers]


async def begun(db: str, boss: Volunteer) -> tuple[Draft, "asyncio.Task[None]"]:
    """A run whose process has claimed it."""
    draft = await plans.run(coordinator(boss), "350502", WINDOW, seconds=60)
    task = asyncio.create_task(carrying.carry(draft.id, db, Settings()))

    async def claimed() -> bool:
        return task.done() or (await Draft.get(id=draft.id)).beat_at is not None

    await eventually(claimed)
    assert family(draft.id)
    return draft, task


async def nobody(draft_id: UUID) -> bool:
    return not family(draft_id)


async def test_a_plan_is_carried_out_apart_and_its_way_is_kept(db: str, boss: Volunteer) -> None:
    draft, task = await begun(db, boss)
    await task
    done = await Draft.get(id=draft.id)
    assert (done.state, done.filled) == ("ready", 120)
    assert await Change.filter(draft_id=draft.id).count() == 120
    assert done.progress["curve"]
    await eventually(lambda: nobody(draft.id))


async def test_a_cancelled_plan_ends_its_processes(db: str, boss: Volunteer) -> None:
    draft, task = await begun(db, boss)
    await plans.cancel(coordinator(boss), draft.id)
    await task
    assert (await Draft.get(id=draft.id)).state == "cancelled"
    assert await Change.filter(draft_id=draft.id).count() == 0
    await eventually(lambda: nobody(draft.id))


async def test_a_worker_that_stops_gives_its_run_back(db: str, boss: Volunteer) -> None:
    draft, task = await begun(db, boss)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    given_back = await Draft.get(id=draft.id)
    assert (given_back.state, given_back.beat_at) == ("running", None)
    await eventually(lambda: nobody(draft.id))
    await carrying.carry(draft.id, db, Settings())
    assert (await Draft.get(id=draft.id)).state == "ready"


async def test_a_killed_carrier_takes_its_planner_along_and_is_told(db: str, boss: Volunteer) -> None:
    draft, task = await begun(db, boss)
    os.kill(family(draft.id)[0], signal.SIGKILL)
    with pytest.raises(carrying.CarrierFell):
        await task
    assert (await Draft.get(id=draft.id)).state == "running"
    await eventually(lambda: nobody(draft.id))
