"""P-24: a job that takes its workers down is tried three times and parked, and the others go on. P-34: problems that no
planner can like end in a plan or a plain reason, while people tap as ever.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from tortoise import connections

from dispatch import queue
from dispatch.bench.weeks import week
from dispatch.planning import runs
from tests.dispatch import world
from tests.dispatch.planner import tiny as small
from tests.e2e.house import ROOT, housed
from tests.faults.taps import Taps, broken, offers
from tests.waiting import eventually
from volunteer import journal
from volunteer.act import system

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
GOOD: Final = 6

# A worker in a process of its own. Whoever takes the poison is gone at once; who does good work writes it down.
WORKER: Final = """
import asyncio, os, sys
from dispatch import queue
from volunteer import database, journal
from volunteer.act import system
if sys.argv[2] == "careless":
    queue.TRIES = 1000
async def poison(payload):
    os._exit(7)
async def good(payload):
    await asyncio.sleep(0.3)
    async def verb(w):
        await w.db.execute_query("INSERT INTO done (n) VALUES ($1) ON CONFLICT DO NOTHING", [payload["n"]])
    await journal.writing(system(), verb)
async def main():
    async with database.opened(sys.argv[1], pool=2):
        await queue.Worker(sys.argv[1], {"poison": poison, "good": good}).run(asyncio.Event())
asyncio.run(main())
"""


def worker(url: str, way: str) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-c", WORKER, url, way]
    return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)})


async def work(url: str, way: str, most: int) -> int:
    """Workers are started one after the other; how many fell before one went on (at ``most``: all of them)."""
    db = connections.get("default")
    for fallen in range(most):
        process = worker(url, way)
        try:

            async def settled(process: Any = process) -> bool:
                return process.poll() is not None or (await queue.state())["parked"] == 1

            await eventually(settled)
            if process.poll() is None:
                await eventually(_all_done)
                return fallen
            assert process.returncode == 7
        finally:
            process.kill()
            process.wait()
        # The queue misses a worker after half a minute.
        await db.execute_query("UPDATE pgqueuer SET heartbeat = now() - $1::interval", [queue.HEARTBEAT * 2])
    return most


async def _all_done() -> bool:
    rows = await connections.get("default").execute_query_dict("SELECT n FROM done")
    return {row["n"] for row in rows} == set(range(GOOD))


async def poisoned() -> None:
    async def verb(w: journal.Writing) -> None:
        await queue.put(w, "poison", {})
        for n in range(GOOD):
            await queue.put(w, "good", {"n": n})

    await connections.get("default").execute_script("CREATE TABLE done (n int PRIMARY KEY)")
    await journal.writing(system(), verb)


async def test_p24_a_job_that_kills_its_workers_is_parked_and_the_others_go_on(db: str) -> None:
    await poisoned()
    assert await work(db, "careful", 5) == queue.TRIES
    assert (await queue.state())["parked"] == 1


async def test_p24_canary_without_a_limit_every_worker_falls(db: str) -> None:
    await poisoned()
    assert await work(db, "careless", queue.TRIES + 1) == queue.TRIES + 1


# ---- P-34 ----

PROBLEMS: Final[dict[str, Any]] = {
    "a skill that nobody has": lambda: small.problem(
        needs=(small.Need("n", "s", "r", asks=(small.Asks("no such skill", 5),)),)
    ),
    "pins that cannot stand together": lambda: small.problem(
        people=(small.person("p"), small.person("q")),
        needs=(small.Need("n", "s", "r"), small.Need("m", "s", "r")),
        roster=(small.Held("p", "n"), small.Held("p", "m"), small.Held("q", "m")),
    ),
    "all are equal": lambda: alike(60 if not LONG else 400),
    "too large for its memory": lambda: week("M", 7),
}


def alike(count: int) -> Any:
    """As many people as seats, and nothing tells one from another."""
    return small.problem(
        people=tuple(small.person(f"p{n}") for n in range(count)),
        needs=(small.Need("n", "s", "r", min=count // 2, desired=count // 2, max=count // 2),),
    )


# A planner that takes as much memory as it likes.
GREEDY: Final = """#!{python}
import runpy, sys
from dispatch.planner import watch
watch.limit_memory = lambda megabytes: None
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


async def test_p34_poison_problems_end_in_a_plan_or_a_plain_reason_while_people_tap(db: str, run_folder: Path) -> None:
    tiny = await world.make()
    made = await offers(tiny, 60)
    async with housed(db, run_folder / f"poison-{uuid4().hex}.log", pool=8) as house:
        async with Taps(house, made, pause=0.2).running() as ledger:
            for name in PROBLEMS:
                assert await unlike(name) == []
            await eventually(lambda: len(ledger.told) == len(made))
        assert set(ledger.told.values()) == {200}
        assert await broken(ledger) == []


async def test_p34_canary_a_planner_without_a_limit_takes_what_it_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(GREEDY.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert await unlike("too large for its memory") == ["has a plan"]


async def unlike(name: str) -> list[str]:
    """In what this problem ends otherwise than it must: in a plan, or, too large for its memory, in the reason."""
    large = "memory" in name
    outcome = await solved(PROBLEMS[name](), memory_mb=256 if large else 4096)
    if outcome.plan is not None:
        return ["has a plan"] if large else []
    plain = outcome.error == "memory" and outcome.faults
    return [] if large and plain else [f"has no plan: {outcome.error} {outcome.faults}"]


async def solved(posed: Any, *, memory_mb: int) -> runs.Outcome:
    async def watch(_: dict[str, Any]) -> None:
        return None

    return await runs.solve(posed, seconds=10, seed=1, gap=0.01, memory_mb=memory_mb, watch=watch, stop=asyncio.Event())
