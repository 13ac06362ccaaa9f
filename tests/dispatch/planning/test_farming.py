"""Parts of a plan on the queue: each is solved once, by whoever is free, for the run that asked and no other."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest

from dispatch.bench.weeks import week
from dispatch.models import Draft, DraftPart
from dispatch.planner import model
from dispatch.planner.search import parts
from dispatch.planning import farming, runs
from dispatch.planning.farming import Farm
from tests.dispatch import world
from tests.dispatch.test_queue import working
from tests.dispatch.world import TOWN
from tests.waiting import PATIENCE, eventually
from volunteer import journal
from volunteer.act import now, system


@cache
def made() -> tuple[bytes, ...]:
    """The parts of a small week that is taken for a large one."""
    seen: list[parts.Part] = []

    def farm(several: list[parts.Part], seconds: float) -> dict[int, Any]:
        seen.extend(several)
        return {}

    with patch.object(model, "WHOLE", 0), patch.object(parts, "EVENTS", 10):
        model.solve(week("S", 3), seconds=60, gap=0.01, farm=farm)
    return tuple(map(parts.written, seen))


def answer(data: bytes) -> list[int]:
    rows = parts.solved(parts.read(data), gap=0.0001, seconds=60, seed=0)
    assert rows is not None
    return rows.tolist()


async def running(fence: int = 1) -> Draft:
    await world.make()
    at = now()
    return await Draft.create(
        id=uuid4(), region_id=TOWN, window_from=at, window_until=at + timedelta(days=7), seconds=60, fence=fence,
        created_at=at,
    )  # fmt: skip


async def handed_out(draft: Draft, fence: int = 1) -> Farm:
    farm = Farm(draft.id, fence)
    for number, data in enumerate(made()):
        await farm.give(number, data)
    return farm


async def solve(payload: Mapping[str, Any]) -> None:
    await farming.solve(UUID(payload["part"]))


async def taken(farm: Farm) -> dict[int, list[int]]:
    return {number: rows async for number, rows in farm.answers()}


async def test_workers_solve_the_parts_and_the_run_takes_each_answer_once(db: str) -> None:
    draft = await running()
    farm = await handed_out(draft)
    async with working(db, part=solve), asyncio.timeout(PATIENCE):
        told = await taken(farm)
    assert told == {number: answer(data) for number, data in enumerate(made())}
    await farm.clear()
    assert await DraftPart.all().count() == 0


async def test_where_nobody_works_the_run_does_not_wait(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(farming, "IDLE", 0.5)
    farm = await handed_out(await running())
    async with asyncio.timeout(PATIENCE):
        assert await taken(farm) == {}


async def test_a_part_whose_worker_died_is_taken_again(db: str) -> None:
    """The first worker falls in the middle; the job goes back to the queue."""
    farm = await handed_out(await running())
    tries: list[str] = []

    async def fall_once(payload: Mapping[str, Any]) -> None:
        tries.append(payload["part"])
        if tries.count(payload["part"]) == 1 and len(set(tries)) == 1:
            raise ConnectionError
        await solve(payload)

    with patch("dispatch.queue.AGAIN_AFTER", (timedelta(0), timedelta(0))):
        async with working(db, part=fall_once), asyncio.timeout(PATIENCE):
            told = await taken(farm)
    assert len(told) == len(made())
    assert len(tries) == len(made()) + 1


@pytest.mark.parametrize("how", ["cancelled", "taken over"])
async def test_of_a_run_that_is_over_no_part_is_solved(db: str, how: str) -> None:
    draft = await running()
    await handed_out(draft)
    change = {"state": "cancelled"} if how == "cancelled" else {"fence": 2}
    await Draft.filter(id=draft.id).update(**change)
    for part in await DraftPart.all():
        await farming.solve(part.id)
    assert await DraftPart.filter(answer__isnull=True).count() == len(made())


async def test_cancelling_ends_the_process_at_work(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = await running()
    farm = Farm(draft.id, 1)
    await farm.give(0, made()[0])
    (part,) = await DraftPart.all()
    stopped = asyncio.Event()

    async def endless(data: bytes, *, stop: asyncio.Event, **_: Any) -> None:
        await stop.wait()
        stopped.set()

    monkeypatch.setattr(runs, "part", endless)
    working_on_it = asyncio.create_task(farming.solve(part.id))

    async def beaten() -> bool:
        return await DraftPart.exists(id=part.id, beat_at__isnull=False)

    await eventually(beaten)
    await Draft.filter(id=draft.id).update(state="cancelled")
    async with asyncio.timeout(PATIENCE):
        await working_on_it
    assert stopped.is_set()
    assert await DraftPart.filter(answer__isnull=True).count() == 1


async def test_parts_of_finished_runs_are_swept(db: str) -> None:
    over, going = await running(), await Draft.create(
        id=uuid4(), region_id="350503", window_from=now(), window_until=now() + timedelta(days=1), fence=1,
        created_at=now(),
    )  # fmt: skip
    for draft in (over, going):
        await Farm(draft.id, 1).give(0, made()[0])
    await Draft.filter(id=over.id).update(state="ready")
    await journal.writing(system(), farming.sweep)
    assert [part.draft_id for part in await DraftPart.all()] == [going.id]


class Here:
    """A farm without a queue: solves each part in a planner process of its own."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.cleared = False

    async def give(self, number: int, data: bytes) -> None:
        self.parts[number] = data

    async def answers(self):
        for number, data in self.parts.items():
            rows = await runs.part(data, seconds=60, seed=1, gap=0.01, memory_mb=2048, stop=asyncio.Event())
            assert rows is not None
            yield number, rows

    async def clear(self) -> None:
        self.cleared = True


@pytest.mark.parametrize("events", [80, 700])
async def test_a_run_hands_its_parts_to_the_farm(events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week that falls into parts, and one that does not."""

    async def quiet(_: runs.Progress) -> None:
        return

    farm = Here()
    monkeypatch.setattr(runs, "FARMED", ("--farm", f"--events={events}"))
    outcome = await runs.solve(
        week("M", 4), seconds=90, seed=1, gap=0.01, memory_mb=4096, watch=quiet, stop=asyncio.Event(), farm=farm
    )
    assert outcome.plan is not None, outcome
    assert outcome.plan.status == "proven"
    assert (len(farm.parts) > 1) == (events == 80)
    assert farm.cleared
