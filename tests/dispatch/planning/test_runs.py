"""One planner process under its keeper: however it ends, the keeper says how, nothing is left behind, and all else goes
on meanwhile."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.bench.weeks import week
from dispatch.planner import problem
from dispatch.planner.problem import Problem
from dispatch.planning import runs
from tests.dispatch.planner import tiny
from tests.waiting import PATIENCE

# A planner with a part to give away, and more to say than anybody reads meanwhile.
TALKER = """#!{python}
print('{{"part": 0, "of": 2, "data": ""}}', flush=True)
print("x" * 2**23, flush=True)
"""
# A planner whose libraries chatter: a line without end, and a word that is no word of the planner's.
CHATTERER = """#!{python}
import sys
sys.stderr.write("x" * 2**22 + chr(10) + "7" + chr(10))
sys.stderr.write('{{"stage": "model"}}' + chr(10) + '{{"error": "too little memory", "faults": ["256 MB"]}}' + chr(10))
sys.exit(3)
"""


@pytest.fixture(scope="module")
def middling() -> Problem:
    return week("M", 7)


def planners(of: int | None = None) -> list[int]:
    """The planners that a process (this one unless told otherwise) has started and that still run."""
    found, mother = [], os.getpid() if of is None else of
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == mother and state != "Z" and b"dispatch.planner" in words:
            found.append(int(folder.name))
    return found


async def solved(
    posed: Problem, on: Callable[[dict[str, Any]], Awaitable[None]] | None = None, **more: Any
) -> runs.Outcome:
    async def watch(said: dict[str, Any]) -> None:
        if on is not None:
            await on(said)

    given: dict[str, Any] = {"seconds": 60, "seed": 1, "gap": 0.01, "memory_mb": 4096, "stop": asyncio.Event(), **more}
    outcome = await runs.solve(posed, watch=watch, **given)
    assert planners() == []
    return outcome


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(process: int) -> None:
    """The kernel ends a worker with its keeper, a moment later."""
    for _ in range(600):
        if not running(process):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(process)


async def test_a_plan_comes_back_judged() -> None:
    outcome = await solved(tiny.problem())
    assert outcome.plan is not None
    assert outcome.error == ""
    assert [line.person for line in outcome.plan.choices] == ["p"]


async def test_a_planner_killed_in_the_middle_is_told_as_broken(middling: Problem) -> None:
    workers: list[int] = []

    async def kill(said: dict[str, Any]) -> None:
        if said["stage"] == "candidates":
            (keeper,) = planners()
            workers.extend(planners(keeper))
            os.kill(keeper, signal.SIGKILL)

    outcome = await solved(middling, kill)
    assert (outcome.plan, outcome.error) == (None, "broken")
    assert outcome.faults == ("the planner ended with code -9",)
    (worker,) = workers
    await gone(worker)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_worker_that_crashes_is_told_as_out_of_memory(middling: Problem, how: signal.Signals) -> None:
    async def crash(said: dict[str, Any]) -> None:
        if said["stage"] == "candidates":
            (worker,) = planners(planners()[0])
            os.kill(worker, how)

    outcome = await solved(middling, crash)
    assert (outcome.plan, outcome.error) == (None, "memory")
    assert f"signal {how}" in outcome.faults[0]
    assert "4096 MB" in outcome.faults[0]


async def test_a_cancelled_planner_is_gone(middling: Problem) -> None:
    stop, workers = asyncio.Event(), []

    async def cancel(said: dict[str, Any]) -> None:
        workers.extend(planners(planners()[0]))
        stop.set()

    outcome = await solved(middling, cancel, stop=stop)
    assert (outcome.plan, outcome.error) == (None, "cancelled")
    for worker in workers:
        await gone(worker)


async def test_what_does_not_fit_into_memory_is_told(middling: Problem) -> None:
    outcome = await solved(middling, memory_mb=256)
    assert (outcome.plan, outcome.error) == (None, "memory")
    assert "256 MB" in outcome.faults[0]


async def test_a_planner_out_of_time_is_told_or_has_its_best(middling: Problem) -> None:
    outcome = await solved(middling, seconds=0.1)
    assert outcome.error == "time" or (outcome.plan and outcome.plan.status in {"cut_short", "greedy"})


async def test_a_problem_too_large_is_refused_before_a_process_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "MAX_BYTES", 1000)
    outcome = await solved(tiny.problem())
    assert (outcome.plan, outcome.error) == (None, "malformed")
    assert "above 1000" in outcome.faults[0]


async def test_a_malformed_problem_is_told_with_its_faults() -> None:
    outcome = await solved(tiny.problem(needs=(tiny.Need("n", "nowhere", "r"),)))
    assert (outcome.plan, outcome.error) == (None, "malformed")
    assert outcome.faults == ("the problem is malformed", "need n: unknown shift nowhere")


async def test_all_else_goes_on_while_a_plan_is_made(middling: Problem) -> None:
    """Between two lines of the planner the loop has turned many times."""
    turns, seen = 0, []

    async def turning() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    async def note(said: dict[str, Any]) -> None:
        seen.append((said["stage"], turns))

    other = asyncio.create_task(turning())
    outcome = await solved(middling, note)
    other.cancel()
    assert outcome.plan is not None
    assert turns > 20
    assert len({count for _, count in seen}) > 3


def played(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This script stands in for the planner."""
    program = folder / "dispatch.planner"
    program.write_text(script.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


async def test_chatter_of_any_length_hides_nothing_that_the_planner_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(CHATTERER, tmp_path, monkeypatch)
    outcome = await solved(tiny.problem())
    assert (outcome.plan, outcome.error) == (None, "memory")
    assert outcome.faults == ("too little memory", "256 MB")
    assert outcome.last == {"stage": "model"}


class Slow:
    """A farm that takes its time over a part."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def give(self, number: int, data: bytes) -> None:
        self.asked.set()
        await asyncio.Event().wait()

    async def answers(self) -> AsyncIterator[tuple[int, list[int]]]:
        return
        yield 0, []

    async def clear(self) -> None:
        return


async def test_a_run_that_is_called_off_ends_however_much_its_planner_still_has_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm = Slow()
    played(TALKER, tmp_path, monkeypatch)
    run = asyncio.create_task(solved(tiny.problem(), farm=farm))
    await farm.asked.wait()
    await asyncio.sleep(0.5)  # all places where words can wait for a reader are full
    run.cancel()
    await asyncio.wait({run}, timeout=PATIENCE)
    assert run.cancelled()
    assert planners() == []
