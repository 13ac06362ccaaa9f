"""``citong bench sockets``: what idle sockets cost, and how soon a board entry is with all of them.

One server process; taps (yeses over HTTP) at a steady rate first beside a single socket, then beside all, in the same
run: an *event* every five seconds, which every socket must be told, while the taps happen in another county; at last
taps which are, each of them, an entry that every socket must be told. ``entry``: from the tap to each socket;
``answer``: from the tap to its answer. Sockets live in a process of their own on the same machine, so both times hold
its work too; its own and the server's are told apart in processor time, which a busy machine does not blur.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from dispatch import queue
from dispatch.bench import lines, offers, phones, servers
from dispatch.bench.offers import Tap
from dispatch.bench.push import Figures, Say, machine, spread
from dispatch.bench.servers import Server
from volunteer import database, embedded

EVENT_SECONDS: Final = 5


def measure(*, count: int, taps: int, rate: float, opening: int, hold: float, say: Say) -> Figures:
    """All figures: ``count`` sockets opened at ``opening`` a second, ``taps`` in each phase at ``rate`` a second, idle
    for ``hold`` seconds between. Raises :class:`servers.NoAnswerError` when anything is lost or not answered."""
    with tempfile.TemporaryDirectory(prefix="citong-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's PostgreSQL runs as another account, which must pass through
        with embedded.ensure(folder / "postgres") as database_server:
            work = _measured(database_server.url(), folder, count, taps, rate, opening, hold, say)
            return asyncio.run(work)


async def _measured(
    url: str, folder: Path, count: int, taps: int, rate: float, opening: int, hold: float, say: Say
) -> Figures:
    say("making people and offers")
    await database.migrate(url)
    await queue.install(url)
    asked = {"sockets": count, "taps": taps, "rate": rate, "opening": opening, "hold": hold}
    found: Figures = {"machine": machine(), "asked": asked}
    async with database.opened(url, pool=4):
        place, away = await offers.county(), await offers.elsewhere()
        few, many, other = [await offers.crowd(where, taps) for where in (place, place, away)]
        some = await offers.crowd(place, max(1, round(taps / rate / EVENT_SECONDS)))
        given = await lines.tokens(count)
        with servers.served(url, folder, "server") as server:
            async with lines.holding() as holders:
                run = _Run(server, holders, rate)
                await holders.open(server, given[:1], opening)
                say(f"{taps} taps beside one socket")
                found["one"] = await run.phase(few)
                before = server.memory_kb
                say(f"opening {count:,} sockets")
                found["open"] = await holders.open(server, given[1:], opening)
                await asyncio.sleep(2)
                found["kb_each"] = round((server.memory_kb - before) / max(1, count - 1), 1)
                say(f"idle for {hold:.0f} s")
                found["idle_core"] = await _idle(server, hold)
                say(f"an event every {EVENT_SECONDS} s, and {taps} taps elsewhere, beside {count:,} sockets")
                found["event"] = await run.phase(some, other)
                say(f"{taps} taps that all of {count:,} sockets are told of")
                found["all"] = await run.phase(many)
                found["kb_each_after"] = round((server.memory_kb - before) / max(1, count - 1), 1)
    more = found["all"]["entry"]["count"] - found["event"]["entry"]["count"]
    found["us_each"] = {
        whose: round((found["all"][whose] - found["event"][whose]) * 1e6 / max(1, more), 1)
        for whose in ("server_seconds", "holders_seconds")
    }
    found["ratios"] = {
        span: {share: round(found["all"][span][share] / found["one"][span][share], 2) for share in ("p50", "p99")}
        for span in ("answer", "entry")
    }
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    server: Server
    holders: lines.Holders
    rate: float

    async def phase(self, told: list[Tap], besides: list[Tap] | None = None) -> Figures:
        """Taps that every socket is told of, at the rate of all taps; at that of events when others are tapped
        besides, whose answers count too."""
        before = self.server.processor_seconds, await self._held()
        async with (
            phones.phones(self.server.port, told) as ready,
            phones.phones(self.server.port, besides or []) as rest,
        ):
            rate = 1 / EVENT_SECONDS if rest else self.rate
            said, more = await asyncio.gather(lines.steadily(ready, rate), lines.steadily(rest, self.rate))
        entry = await self.holders.arrived(said)
        return {
            "answer": spread(one.answered - one.tapped for one in said + more),
            "entry": entry,
            "server_seconds": round(self.server.processor_seconds - before[0], 2),
            "holders_seconds": round(await self._held() - before[1], 2),
        }

    async def _held(self) -> float:
        return float((await self.holders.ask("used"))["seconds"])


async def _idle(server: Server, hold: float) -> float:
    """The share of one core that the server takes while nothing happens but pings."""
    used, began = server.processor_seconds, time.monotonic()
    await asyncio.sleep(hold)
    return round((server.processor_seconds - used) / (time.monotonic() - began), 4)


# What people read


_PHASES: Final = (("one", "one socket"), ("event", "all, one each 5 s"), ("all", "all, each tap"))


def show(found: Figures, console: Console) -> None:
    asked, us = found["asked"], found["us_each"]
    table = Table(title=f"Beside {asked['sockets']:,} sockets, and beside one", title_justify="left")
    for heading in ("", "p50 ms", "p99 ms", "max ms", "× one p99"):
        table.add_column(heading, justify="left" if not heading else "right")
    for span, title in (("answer", "tap → answer"), ("entry", "tap → entry at every socket")):
        for phase, whose in _PHASES:
            one = found[phase][span]
            ratio = f"{one['p99'] / found['one'][span]['p99']:.1f}" if phase != "one" else ""
            table.add_row(f"{title}, {whose}", *(f"{one[share]:,.1f}" for share in ("p50", "p99", "max")), ratio)
    console.print(table)
    console.print(
        f"{found['kb_each']:,.1f} KB a socket ({found['kb_each_after']:,.1f} after the taps); idle "
        f"{found['idle_core']:.1%} of a core; all open after {found['open']['seconds']:,.1f} s; an entry told to "
        f"one socket takes {us['server_seconds']:,.0f} µs of a core, and {us['holders_seconds']:,.0f} µs to hear it"
    )


def main(count: int, taps: int, rate: float, opening: int, hold: float, *, as_json: bool = False) -> None:
    """Measure and print."""
    with Console(stderr=True).status("") as status:
        found = measure(count=count, taps=taps, rate=rate, opening=opening, hold=hold, say=status.update)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        show(found, Console())
