"""``citong bench push``: how soon a yes on a phone stands on a board that another server process serves.

Two server processes on one embedded PostgreSQL in a passing folder; phones say yes over HTTP to one, a board listens on
the socket of the other. First one at a time, then many at once; then entries as a yes writes them at a steady rate from
a process that serves nobody, for what a push takes when more people say yes than two cores can hear. Beside it, in the
same run, the floor that no push over PostgreSQL can beat: a bare NOTIFY → LISTEN round trip between two connections.
Times in milliseconds, of one clock.

``answer``: from the tap to the answer at the phone. ``entry``: from the tap to the entry at the board. ``lag``: from
the answer to the entry; below zero when the board knew before the phone.
"""

import asyncio
import contextlib
import json
import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from dispatch import queue
from dispatch.bench import offers, phones, servers
from dispatch.bench.offers import Tap
from dispatch.bench.phones import Board, Phone, Said
from volunteer import database, embedded, journal, live
from volunteer.act import system

Figures = dict[str, Any]
Say = Callable[[str], None]

CHANNEL: Final = "citong_bench"
TOPIC: Final = f"region:{offers.COUNTY}"


@dataclass(frozen=True, slots=True)
class Asked:
    """``single`` accepts one after the other, then ``crowd`` of them, ``at_once`` under way at any time; ``entries``
    at ``rate`` a second; ``taps`` in a real browser."""

    single: int
    crowd: int
    at_once: int
    entries: int
    rate: int
    taps: int = 0


def measure(asked: Asked, say: Say) -> Figures:
    """All figures. Raises :class:`servers.NoAnswerError` when anything is lost or no answer came."""
    with tempfile.TemporaryDirectory(prefix="citong-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's PostgreSQL runs as another account, which must pass through
        with embedded.ensure(folder / "postgres") as server:
            return asyncio.run(_measured(server.url(), folder, asked, say))


async def _measured(url: str, folder: Path, asked: Asked, say: Say) -> Figures:
    say("making people and offers")
    await database.migrate(url)
    await queue.install(url)
    found: Figures = {"machine": machine(), "asked": {name: getattr(asked, name) for name in Asked.__slots__}}
    async with database.opened(url, pool=4):
        place = await offers.county()
        head, token = await offers.coordinator()
        lone, many = await offers.crowd(place, asked.single), await offers.crowd(place, asked.crowd)
        person, shifts = await offers.evenings(place, asked.taps) if asked.taps else (None, [])
        say("starting two servers")
        with servers.serving(url, folder, "a") as near, servers.serving(url, folder, "b") as far:
            async with phones.board(far, token, TOPIC) as board:
                say(f"{asked.single} accepts, one at a time")
                found["single"] = await _phase(near, lone, board, 1)
                say(f"{asked.crowd} accepts, {asked.at_once} at once")
                found["crowd"] = await _phase(near, many, board, asked.at_once)
                say(f"{asked.entries} entries, {asked.rate} a second")
                found["steady"] = await _steady(url, board, asked)
            found["ledger"] = {"heard": len(board.arrived), "gaps": board.gaps, "again": board.again}
            found["ledger"]["resets"] = board.resets
            say("bare NOTIFY and LISTEN")
            found["bare"] = {"round_trip": spread(await _bare(url, asked.single))}
            if person is not None:
                from dispatch.bench import taps as browser

                say(f"{asked.taps} taps in a browser")
                found["browser"] = {"bar": spread(await browser.measured(near, far, head, person, place, shifts))}
    found["ratios"] = ratios(found)
    return found


async def _phase(port: int, taps: list[Tap], board: Board, at_once: int) -> Figures:
    """Say yes to all, so many under way at any time, and wait until the board knows."""
    async with phones.phones(port, taps) as ready:
        began = time.perf_counter()
        said = await _all(ready, board, at_once)
        ended = max(one.answered for one in said)
        await board.heard(said)
    return {
        "answer": spread(one.answered - one.tapped for one in said),
        "entry": spread(board.arrived[one.assignment] - one.tapped for one in said),
        "lag": spread(board.arrived[one.assignment] - one.answered for one in said),
        "accepts_per_second": round(len(said) / (ended - began), 1),
    }


async def _steady(url: str, board: Board, asked: Asked) -> Figures:
    """From a commit to the board, at this rate whether or not the ones before are committed."""
    loop = asyncio.get_running_loop()

    async def one() -> Said:
        id_, began = uuid4(), time.perf_counter()
        topics = (f"volunteer:{id_}", f"event:{id_}", f"region:{offers.TOWN}", TOPIC)
        body = {"assignment": {"id": id_, "status": "accepted"}, "bar": {"title": "南音进校园" * 60}}

        async def verb(w: journal.Writing) -> None:
            w.entry("assignment.accepted", topics=topics, ref=id_, body=body)

        await journal.writing(system(), verb)
        return Said(id_, began, time.perf_counter())

    async with live.ringing(url) as bell:
        while not bell.connected:  # noqa: ASYNC110 - once, at the start
            await asyncio.sleep(0.01)
        began, told = loop.time(), []
        for number in range(asked.entries):
            await asyncio.sleep(max(0.0, began + number / asked.rate - loop.time()))
            told.append(loop.create_task(one()))
        said = await asyncio.gather(*told)
        seconds = loop.time() - began
        await board.heard(said)
    return {
        "lag": spread(board.arrived[one.assignment] - one.answered for one in said),
        "entry": spread(board.arrived[one.assignment] - one.tapped for one in said),
        "entries_per_second": round(len(said) / seconds, 1),
    }


async def _all(ready: list[Phone], board: Board, at_once: int) -> list[Said]:
    if at_once == 1:  # each only after the board knows of the one before: nothing waits for anything
        said = []
        for phone in ready:
            said.append(await phone.accept())
            await board.heard(said[-1:])
        return said
    free = asyncio.Semaphore(at_once)

    async def one(phone: Phone) -> Said:
        async with free:
            return await phone.accept()

    return await asyncio.gather(*map(one, ready))


async def _bare(url: str, count: int) -> list[float]:
    """Seconds from sending NOTIFY on one connection to hearing it on another, one at a time."""
    heard: asyncio.Queue[float] = asyncio.Queue()
    listener, teller = await _connected(url), await _connected(url)
    with contextlib.ExitStack() as stack:
        stack.callback(listener.terminate)
        stack.callback(teller.terminate)
        await listener.add_listener(CHANNEL, lambda *_: heard.put_nowait(time.perf_counter()))
        found = []
        for number in range(count + 5):
            sent = time.perf_counter()
            await teller.execute(f"NOTIFY {CHANNEL}, '{number}'")
            found.append(await heard.get() - sent)
    return found[5:]  # the first few warm it up


async def _connected(url: str) -> Any:
    return await asyncpg.connect(url)  # type: ignore[no-untyped-call]


def spread(seconds: Iterable[float]) -> Figures:
    """Median and 99th percentile (nearest rank) in milliseconds, and of how many."""
    ranked = sorted(seconds)

    def rank(share: float) -> float:
        return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)] * 1000, 2)

    return {"p50": rank(0.5), "p99": rank(0.99), "max": rank(1.0), "count": len(ranked)}


def ratios(found: Figures) -> Figures:
    """How many bare round trips it takes from the tap, and from the answer, to the board; p50 to p50, p99 to p99."""
    bare = found["bare"]["round_trip"]
    return {
        phase: {
            span: {share: round(found[phase][span][share] / bare[share], 1) for share in ("p50", "p99")}
            for span in ("entry", "lag")
        }
        for phase in ("single", "crowd")
    }


def machine() -> Figures:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


# What people read


def show(found: Figures, console: Console) -> None:
    """A row for each measure, the ratio to the bare round trip at its end."""
    asked = found["asked"]
    table = Table(title="From a tap on one server to the board on another", title_justify="left")
    for heading in ("", "p50 ms", "p99 ms", "max ms", "× bare p50"):
        table.add_column(heading, justify="left" if not heading else "right")
    bare = found["bare"]["round_trip"]
    rows = [("bare NOTIFY → LISTEN", bare)]
    for phase, title in (("single", "one at a time"), ("crowd", f"{asked['at_once']} at once")):
        rows += [
            (f"{title}: tap → answer", found[phase]["answer"]),
            (f"{title}: tap → board", found[phase]["entry"]),
            (f"{title}: answer → board", found[phase]["lag"]),
        ]
    rows += [
        (f"{asked['rate']} entries/s: commit → board", found["steady"]["lag"]),
        (f"{asked['rate']} entries/s: began → board", found["steady"]["entry"]),
    ]
    if "browser" in found:
        rows.append(("in a browser: tap → bar moves", found["browser"]["bar"]))
    for title, one in rows:
        cells = [f"{one[share]:,.2f}" for share in ("p50", "p99", "max")]
        table.add_row(title, *cells, f"{one['p50'] / bare['p50']:.1f}")
    console.print(table)
    ledger = found["ledger"]
    console.print(
        f"{found['crowd']['accepts_per_second']:,.1f} accepts/s ({asked['crowd']:,} at {asked['at_once']} at once), "
        f"{found['steady']['entries_per_second']:,.1f} entries/s; "
        f"the board heard {ledger['heard']:,}, {ledger['gaps']} gaps, {ledger['again']} told twice"
    )


def main(asked: Asked, *, as_json: bool = False) -> None:
    """Measure and print."""
    with Console(stderr=True).status("") as status:
        found = measure(asked, status.update)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        show(found, Console())
