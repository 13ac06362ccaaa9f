"""``citong bench accept``: what a yes costs beyond its own statements, and how 200 phones fare on the last seats.

The verb in this process against a bare asyncpg transaction that sends the very same statements, recorded from the verb
itself and made out to other people: over many needs, then on one that everybody wants. The two take turns, so that a
busy machine is as unkind to one as to the other. Then, over HTTP and two server processes, phones on the last seats.
"""

import asyncio
import itertools
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table
from tortoise.connection import get_connection

from dispatch import queue
from dispatch.bench import offers, phones, servers
from dispatch.bench.offers import County, Tap
from dispatch.bench.push import Figures, Say, machine, spread
from dispatch.models import Assignment, Need, Shift
from dispatch.roster import assignments
from volunteer import database, embedded
from volunteer.act import Act, Actor, now

POOL: Final = 10
SEATS: Final = (1, 2, 7)
Statement = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """``rounds`` of each kind, ``size`` accepts in each, ``at_once`` under way; ``rivals`` phones on the last seats,
    beside ``openings`` other needs of the city, among which whoever loses is shown the next."""

    rounds: int
    size: int
    at_once: int
    rivals: int
    openings: int


# ---- the same statements ----


class _Recorder(logging.Handler):
    """What the ORM's connection is sent: its own debug line, taken apart."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[Statement] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 2:
            sql, values = record.args
            self.heard.append((str(sql), list(values) if isinstance(values, (list, tuple)) else []))


async def statements(line: Assignment) -> list[Statement]:
    """What saying yes to this offer sends between BEGIN and COMMIT. The offer is accepted by it."""
    log, recorder = logging.getLogger("tortoise.db_client"), _Recorder()
    before = log.level
    log.addHandler(recorder)
    log.setLevel(logging.DEBUG)
    try:
        await _verb(line)
    finally:
        log.setLevel(before)
        log.removeHandler(recorder)
    return recorder.heard


async def ids(line: Assignment) -> list[UUID]:
    need = await Need.get(id=line.need_id)
    shift = await Shift.get(id=need.shift_id)
    return [line.id, line.volunteer_id, need.id, shift.id, shift.event_id]


def made_out(script: Sequence[Statement], before: Sequence[UUID], after: Sequence[UUID]) -> list[Statement]:
    """The same statements about another line."""
    names = dict(zip(before, after, strict=True))
    texts = {str(old): str(new) for old, new in names.items()}

    def turned(value: Any) -> Any:
        if isinstance(value, UUID):
            return names.get(value, value)
        if isinstance(value, (list, tuple)):
            return [turned(one) for one in value]
        if isinstance(value, str):
            for old, new in texts.items():
                value = value.replace(old, new)
        return value

    return [(sql, [turned(value) for value in values]) for sql, values in script]


async def _bare(pool: Any, script: Sequence[Statement]) -> None:
    async with pool.acquire() as connection, connection.transaction():
        for sql, values in script:
            await connection.fetch(sql, *values)


async def _verb(line: Assignment) -> None:
    await assignments.accept(Act(Actor(line.volunteer_id), now()), line.id)


# ---- measuring ----


def measure(asked: Asked, say: Say) -> Figures:
    """All figures. Raises :class:`servers.NoAnswerError` when a race has other winners than seats."""
    with tempfile.TemporaryDirectory(prefix="citong-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's PostgreSQL runs as another account, which must pass through
        with embedded.ensure(folder / "postgres") as server:
            return asyncio.run(_measured(server.url(), folder, asked, say))


async def _measured(url: str, folder: Path, asked: Asked, say: Say) -> Figures:
    await database.migrate(url)
    await queue.install(url)
    found: Figures = {"machine": machine(), "asked": {name: getattr(asked, name) for name in Asked.__slots__}}
    async with database.opened(url, pool=POOL):
        place = await offers.county()
        for name, each in (("many", offers.SEATS), ("hot", 2 * asked.rounds * asked.size + 2)):
            found[name] = await _turns(url, place, asked, each, name, say)
        if asked.rivals:
            await offers.openings(place, asked.openings)
            await get_connection("default").execute_script("ANALYZE")  # as a city has been long before
            found["last_seats"] = await _races(url, folder, place, asked.rivals, say)
    return found


async def _turns(url: str, place: County, asked: Asked, each: int, name: str, say: Say) -> Figures:
    """The verb and the bare transaction by turns; accepts a second and CPU of this process, medians over the rounds."""
    say(f"{name}: making offers")
    lines = await offers.lines(place, 2 * asked.rounds * asked.size + 2, each=each)
    first = lines.pop()
    known = await ids(first)
    script = await statements(first)
    scripts = [made_out(script, known, await ids(line)) for line in lines[: asked.rounds * asked.size]]
    rest = iter(lines[asked.rounds * asked.size :])
    make: Any = asyncpg.create_pool
    pool = await make(database.dsn(url), min_size=1, max_size=POOL)
    turns: dict[str, list[tuple[float, float]]] = {"verb": [], "bare": []}
    bare = iter(scripts)

    async def plain(one: Sequence[Statement]) -> None:
        await _bare(pool, one)

    for number in range(asked.rounds):
        say(f"{name}: round {number + 1} of {asked.rounds}")
        turns["bare"].append(await _pace(plain, itertools.islice(bare, asked.size), asked.at_once))
        turns["verb"].append(await _pace(_verb, itertools.islice(rest, asked.size), asked.at_once))
    await pool.close()
    paces = {kind: statistics.median(pace for pace, _ in found) for kind, found in turns.items()}
    cpu = {kind: statistics.median(spent for _, spent in found) for kind, found in turns.items()}
    ratios = [verb / bare_ for (verb, _), (bare_, _) in zip(turns["verb"], turns["bare"], strict=True)]
    return {
        "statements": len(script),
        "per_second": {kind: round(pace, 1) for kind, pace in paces.items()},
        "cpu_ms": {kind: round(spent * 1000, 2) for kind, spent in cpu.items()},
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(one, 2) for one in ratios],
    }


async def _pace(do: Callable[[Any], Awaitable[None]], what: Iterable[Any], at_once: int) -> tuple[float, float]:
    """How many a second, so many under way at any time; and the CPU time of this process for each."""
    free, todo = asyncio.Semaphore(at_once), list(what)

    async def one(item: Any) -> None:
        async with free:
            await do(item)

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(item) for item in todo))
    return len(todo) / (time.perf_counter() - began), (time.process_time() - spent) / len(todo)


async def _races(url: str, folder: Path, place: County, count: int, say: Say) -> Figures:
    """Phones on the last 1, 2 and 7 seats of a need, half on either of two server processes. The first race is the
    first thing that these are asked."""
    seconds: list[float] = []
    each: list[Figures] = []
    shown = 0
    statuses: dict[int, int] = {}
    spent = 0.0
    with servers.served(url, folder, "a") as near, servers.served(url, folder, "b") as far:
        for seats in SEATS:
            say(f"{count} phones on the last {seats}")
            need, taps = await offers.rivals(place, count, seats)
            spent -= near.processor_seconds + far.processor_seconds
            said = await _tapped((near.port, far.port), taps)
            spent += near.processor_seconds + far.processor_seconds
            won = sum(status == 200 for status, _, _ in said)
            taken = (await Need.get(id=need)).taken
            if not won == taken == seats or any(status not in (200, 409, 410) for status, _, _ in said):
                raise servers.NoAnswerError(f"{won} phones won {seats} seats, {taken} are taken")
            for status, body, one in said:
                statuses[status] = statuses.get(status, 0) + 1
                shown += status != 200 and json.loads(body).get("next") is not None
                seconds.append(one.answered - one.tapped)
            each.append(spread(seconds[-count:]))
    cpu = round(spent * 1000 / len(seconds), 2)
    found = {"answer": spread(seconds), "each": each, "statuses": statuses, "seats": list(SEATS)}
    return found | {"shown_next": shown, "cpu_ms": cpu}


async def _tapped(ports: tuple[int, int], taps: Sequence[Tap]) -> list[tuple[int, bytes, phones.Said]]:
    half = len(taps) // 2
    async with phones.phones(ports[0], list(taps[:half])) as one, phones.phones(ports[1], list(taps[half:])) as other:
        await asyncio.gather(*(phone.open() for phone in (*one, *other)))
        return await asyncio.gather(*(phone.tap() for phone in (*one, *other)))


# ---- what people read ----


def show(found: Figures, console: Console) -> None:
    table = Table(title="A yes, and its bare statements", title_justify="left")
    for heading in ("", "statements", "verb /s", "bare /s", "ratio", "verb CPU ms", "bare CPU ms"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, title in (("many", "over many needs"), ("hot", "on one need")):
        one = found[name]
        pace, cpu = one["per_second"], one["cpu_ms"]
        figures = [f"{pace['verb']:,.1f}", f"{pace['bare']:,.1f}", f"{one['ratio']:.2f}"]
        table.add_row(title, str(one["statements"]), *figures, f"{cpu['verb']}", f"{cpu['bare']}")
    console.print(table)
    if "last_seats" in found:
        answer = found["last_seats"]["answer"]
        seats = found["last_seats"]["seats"]
        each = ", ".join(f"{one['p99']:,.0f}" for one in found["last_seats"]["each"])
        console.print(
            f"{found['asked']['rivals']} phones on the last {seats} seats, two processes: winners = seats each time; "
            f"answer p50 {answer['p50']:,.0f} ms, p99 {answer['p99']:,.0f} ms "
            f"({each}, one race after the other); "
            f"{found['last_seats']['cpu_ms']} ms of processor in the servers for each tap"
        )


def main(asked: Asked, *, as_json: bool = False) -> None:
    """Measure and print."""
    with Console(stderr=True).status("") as status:
        found = measure(asked, status.update)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        show(found, Console())
