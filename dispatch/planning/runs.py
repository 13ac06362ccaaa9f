"""One run of the planner: a process of its own, watched, limited, killed when told to. Nothing here touches rows."""

import asyncio
import base64
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from dispatch.planner import check, plan, problem

log = logging.getLogger(__name__)

Progress = dict[str, Any]
Watcher = Callable[[Progress], Awaitable[None]]

# What the process may take beyond its own limit (loading, writing) before it is killed.
GRACE = 2.0
LONGEST_LINE = 1 << 20
LOADING = 15.0
# How the planner's process ends when it has no plan.
ENDS = {2: "malformed", 3: "memory", 4: "time"}
FARMED = ("--farm",)
T = TypeVar("T")


class Farm(Protocol):
    """Whoever solves the parts of a large plan elsewhere."""

    async def give(self, number: int, data: bytes) -> None:
        """Take a part."""

    def answers(self) -> AsyncIterator[tuple[int, list[int]]]:
        """The parts' answers as they come, until there are no more."""

    async def clear(self) -> None:
        """The plan is there, or given up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``plan`` is set when the run ended well and ``check`` found nothing against it; else ``error`` says why not in
    one word (``cancelled``, ``killed``, ``violations``, ``malformed``, ``memory``, ``time``, ``broken``) and ``faults``
    the details, the planner's own words first."""

    plan: plan.Plan | None
    error: str = ""
    faults: tuple[str, ...] = ()
    last: Progress = field(default_factory=dict)


async def solve(
    posed: problem.Problem,
    *,
    seconds: float,
    seed: int,
    gap: float,
    memory_mb: int,
    watch: Watcher,
    stop: asyncio.Event,
    farm: Farm | None = None,
) -> Outcome:
    """Plan ``posed`` in a child process. ``watch`` gets every progress line; setting ``stop`` ends the child. It dies
    with this process too, and at ``seconds`` plus loading and grace at the latest. ``farm`` may solve the parts."""
    data = await asyncio.to_thread(problem.write, posed)
    if len(data) > problem.MAX_BYTES:
        return Outcome(None, "malformed", (f"the problem has {len(data)} bytes, above {problem.MAX_BYTES}",))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "dispatch.planner", "--seconds", str(seconds), "--seed", str(seed), "--gap", str(gap)),
        *("--memory", str(memory_mb), "--parent", str(os.getpid())),
        *(() if farm is None else FARMED),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    watching = asyncio.create_task(_follow(child.stderr, watch))
    stopping = asyncio.create_task(_terminate(child, stop))
    try:
        async with asyncio.timeout(seconds + LOADING + GRACE):
            answer = await _answer(child.stdin, child.stdout, data, farm)
            code = await child.wait()
    except TimeoutError:
        child.kill()
        return Outcome(None, "killed", last=(await watching).last)
    finally:
        stopping.cancel()
        await _end(child)
    told = await watching
    if stop.is_set():
        return Outcome(None, "cancelled", last=told.last)
    if code != 0:
        return told.failed(code)
    judged = await unless(stop, asyncio.to_thread(_judge, posed, answer, told.last))
    return judged or Outcome(None, "cancelled", last=told.last)


async def _answer(into: asyncio.StreamWriter, out: asyncio.StreamReader, data: bytes, farm: Farm | None) -> bytes:
    """The child's plan."""
    if farm is not None:
        return await _farmed(into, out, data, farm)
    feeding = asyncio.create_task(_feed(into, data))
    answer = await out.read()
    await feeding
    return answer


async def _farmed(into: asyncio.StreamWriter, out: asyncio.StreamReader, data: bytes, farm: Farm) -> bytes:
    """The plan of a child whose parts the farm may solve."""
    answering: asyncio.Task[None] | None = None
    answer = b""
    asking = asyncio.create_task(_put(into, data + b"\n"))
    try:
        async for line in _lines(out):
            if not line.startswith(b'{"part"'):
                answer = line
                break
            said = json.loads(line)
            await farm.give(said["part"], base64.b64decode(said["data"]))
            if said["part"] + 1 == said["of"]:
                answering = asyncio.create_task(_answered(into, farm))
        await asking
    finally:
        if answering is not None:
            answering.cancel()
            await asyncio.wait({answering})
        await farm.clear()
    return answer


async def _answered(into: asyncio.StreamWriter, farm: Farm) -> None:
    """Pass the answers on; the end of the input says that no more will come."""
    async for number, rows in farm.answers():
        await _put(into, json.dumps({"part": number, "rows": rows}).encode() + b"\n")
    into.close()


async def _put(pipe: asyncio.StreamWriter, data: bytes) -> None:
    """A child that is gone tells why by its exit code, not by this pipe."""
    try:
        pipe.write(data)
        await pipe.drain()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _lines(out: asyncio.StreamReader, most: int | None = None) -> AsyncIterator[bytes]:
    """Lines of any length; of each no more is kept than ``most`` and one read."""
    held: list[bytes] = []
    while chunk := await out.read(LONGEST_LINE):
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*held, line])
            held = []
        if most is None or sum(map(len, held)) < most:
            held.append(rest)
    if any(held):
        yield b"".join(held)


async def part(
    data: bytes, *, seconds: float, seed: int, gap: float, memory_mb: int, stop: asyncio.Event
) -> list[int] | None:
    """What one part of a plan chooses, from a child process; none when it was stopped or found nothing in time."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dispatch.planner", "part", "--seconds", str(seconds), "--seed", str(seed)),
        *("--gap", str(gap), "--memory", str(memory_mb), "--parent", str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    stopping = asyncio.create_task(_terminate(child, stop))
    try:
        async with asyncio.timeout(seconds + LOADING + GRACE):
            answer, _ = await child.communicate(data)
    except TimeoutError:
        return None
    finally:
        stopping.cancel()
        await _end(child)
    if child.returncode != 0:
        log.warning("a part of a plan was not solved", extra={"code": child.returncode, "stopped": stop.is_set()})
        return None
    rows: list[int] = json.loads(answer)["rows"]
    return rows


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What comes of ``work``, or none as soon as ``stop`` is set. A thread cannot be ended: it is left to itself."""
    doing, told = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, told}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        told.cancel()
        doing.cancel()


def _judge(posed: problem.Problem, answer: bytes, last: Progress) -> Outcome:
    made = plan.read(answer)
    found = check.violations(posed, made)
    if found:
        return Outcome(None, "violations", tuple(str(v) for v in found[:20]), last)
    return Outcome(made, last=last)


@dataclass(slots=True)
class _Told:
    """What the child said on its error line."""

    last: Progress = field(default_factory=dict)
    error: str = ""
    faults: tuple[str, ...] = ()

    def failed(self, code: int) -> Outcome:
        """How a run without a plan ended."""
        words = self.error or f"the planner ended with code {code}"
        return Outcome(None, ENDS.get(code, "broken"), (words, *self.faults), self.last)


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    """A child that dies early closes its end: its exit code tells why, not this pipe."""
    try:
        pipe.write(data)
        await pipe.drain()
        pipe.close()
        await pipe.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _follow(pipe: asyncio.StreamReader, watch: Watcher) -> _Told:
    told = _Told()
    async for line in _lines(pipe, LONGEST_LINE):
        said = _said(line)
        if said is None:
            # Chatter of native libraries, or a traceback: the last line of it is what a person wants to read.
            told.error = line.decode(errors="replace").strip()[:200]
            continue
        if "error" in said:
            told.error, told.faults = str(said["error"]), tuple(map(str, said.get("faults", ())))
            continue
        told.last = said
        try:
            await watch(said)
        except Exception as error:  # noqa: BLE001 - a line that nobody heard is no reason to lose the plan
            log.warning("progress was not told", extra={"why": type(error).__name__})
    return told


def _said(line: bytes) -> Progress | None:
    """What the planner says in a line, if it is one of its own."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kill it if it still runs, and return when it is gone: ``wait`` alone would wait for whoever reads the rest."""
    assert child.stdout is not None
    if child.returncode is None:
        child.kill()
    await child.stdout.read()
    await child.wait()


async def _terminate(child: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    await stop.wait()
    if child.returncode is None:
        child.terminate()
