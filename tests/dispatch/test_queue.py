"""Jobs run when, and only when, what queued them was committed; at least once, and never for ever."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dispatch import queue
from dispatch.queue import Handler, Worker
from tests.waiting import PATIENCE, eventually
from volunteer import journal
from volunteer.act import system
from volunteer.errors import Missing
from volunteer.journal import Writing


async def put(job: str, n: int = 0, *, fail: bool = False, once: str | None = None) -> None:
    async def verb(w: Writing) -> None:
        await queue.put(w, job, {"n": n}, once=once)
        if fail:
            raise LookupError

    await journal.writing(system(), verb)


@asynccontextmanager
async def working(url: str, **handlers: Handler) -> AsyncIterator[Worker]:
    stop = asyncio.Event()
    worker = Worker(url, handlers)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


async def test_a_job_runs_when_its_transaction_commits_and_only_then(db: str) -> None:
    done: list[int] = []

    async def handle(payload: Mapping[str, Any]) -> None:
        done.append(payload["n"])

    async with working(db, thing=handle):
        with pytest.raises(LookupError):
            await put("thing", 1, fail=True)
        for n in range(2, 12):
            await put("thing", n)
        await eventually(lambda: sorted(done) == list(range(2, 12)))
    state = await queue.state()
    assert (state["queued"], state["picked"], state["parked"]) == (0, 0, 0)


async def test_installing_again_changes_nothing_also_at_once(db: str) -> None:
    await put("thing")
    await asyncio.gather(*(queue.install(db) for _ in range(3)))
    assert (await queue.state())["queued"] == 1


async def test_once_waits_once(db: str) -> None:
    for _ in range(3):
        await put("thing", once="a")
    await put("thing", once="b")
    await put("other", once="a")
    assert (await queue.state())["queued"] == 3


async def test_two_workers_share_the_jobs_and_each_runs_once(db: str) -> None:
    done: list[int] = []

    async def handle(payload: Mapping[str, Any]) -> None:
        await asyncio.sleep(0.01)
        done.append(payload["n"])

    async with working(db, thing=handle), working(db, thing=handle):
        for n in range(30):
            await put("thing", n)
        await eventually(lambda: len(done) >= 30)
    assert sorted(done) == list(range(30))


async def test_p24_a_job_that_fails_is_tried_three_times_then_parked(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "AGAIN_AFTER", (queue.timedelta(0), queue.timedelta(0)))
    tries: list[int] = []
    done: list[int] = []

    async def bad(payload: Mapping[str, Any]) -> None:
        tries.append(payload["n"])
        raise RuntimeError("陈小美 13800000000")

    async def good(payload: Mapping[str, Any]) -> None:
        done.append(payload["n"])

    async def gone(payload: Mapping[str, Any]) -> None:
        tries.append(payload["n"])
        raise Missing("draft")

    async with working(db, bad=bad, good=good, gone=gone):
        await put("bad", 1)
        await put("gone", 5)
        await put("good", 2)
        await eventually(lambda: _parked(2))
    assert sorted(tries) == [1, 1, 1, 5]
    assert done == [2]
    kept = await _everything()
    assert "RuntimeError" in kept
    assert "陈小美" not in kept
    assert "13800000000" not in kept


async def _parked(count: int) -> bool:
    return (await queue.state())["parked"] == count


async def _everything() -> str:
    rows = await queue.connections.get("default").execute_query_dict("SELECT l::text AS line FROM pgqueuer_log AS l")
    return "\n".join(row["line"] for row in rows)


async def test_p24_a_job_that_killed_its_workers_is_parked(db: str) -> None:
    ran: list[int] = []

    async def handle(payload: Mapping[str, Any]) -> None:
        ran.append(payload["n"])

    await put("thing", 1)
    # What three workers that died in it leave behind: three starts and no end.
    await queue.connections.get("default").execute_query(
        "INSERT INTO job_start (job) SELECT id FROM pgqueuer, generate_series(1, 3)"
    )
    async with working(db, thing=handle):
        await eventually(lambda: _parked(1))
    assert ran == []


async def test_p16_a_job_whose_worker_died_is_taken_by_another(db: str) -> None:
    done: list[int] = []

    async def handle(payload: Mapping[str, Any]) -> None:
        done.append(payload["n"])

    await put("thing", 1)
    await queue.connections.get("default").execute_query(
        "UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(), heartbeat = now() - $1::interval",
        [queue.HEARTBEAT * 2],
    )
    async with working(db, thing=handle):
        await eventually(lambda: done == [1])


async def test_a_worker_that_stops_gives_its_jobs_back(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "STOP_SECONDS", 0.1)
    began = asyncio.Event()
    done = asyncio.Event()

    async def endless(payload: Mapping[str, Any]) -> None:
        began.set()
        await asyncio.sleep(600)

    async def quick(payload: Mapping[str, Any]) -> None:
        done.set()

    await put("thing", 1)
    async with working(db, thing=endless):
        await asyncio.wait_for(began.wait(), PATIENCE)
    assert (await queue.state())["queued"] == 1
    async with working(db, thing=quick):
        await asyncio.wait_for(done.wait(), PATIENCE)


async def test_p19_a_worker_comes_back_after_its_line_was_cut(db: str) -> None:
    done: list[int] = []

    async def handle(payload: Mapping[str, Any]) -> None:
        done.append(payload["n"])

    async with working(db, thing=handle) as worker:
        await put("thing", 1)
        await eventually(lambda: done == [1])
        await queue.connections.get("default").execute_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'citong queue' AND datname = current_database()"
        )
        await put("thing", 2)
        await eventually(lambda: done == [1, 2] and worker.connected)


async def test_p24_a_job_that_may_be_poison_runs_alone(db: str) -> None:
    """Tried once without an end: nobody else is to be taken down with it."""
    together: list[int] = []
    running = 0

    async def handle(payload: Mapping[str, Any]) -> None:
        nonlocal running
        running += 1
        await asyncio.sleep(0.2)
        together.append(running)
        running -= 1

    for n in range(4):
        await put("thing", n)
    await queue.connections.get("default").execute_query("INSERT INTO job_start (job) SELECT id FROM pgqueuer")
    async with working(db, thing=handle):
        await eventually(lambda: len(together) == 4)
    assert together == [1, 1, 1, 1]
