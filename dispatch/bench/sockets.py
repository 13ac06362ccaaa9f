"""``citong bench sockets``: what idle sockets cost, and how soon a board entry is with all of them.

One server process; taps (yeses over HTTP) at a steady rate first beside a single socket, then beside all, in the same
run: each tap is an entry that every socket must be told. ``entry``: from the tap to each socket; ``answer``: from the
tap to its answer. Sockets live in a process of their own on the same machine, so both times hold its work too.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dispatch import queue
from dispatch.bench import lines, offers, phones, servers
from dispatch.bench.push import Figures, Say, machine, spread
from dispatch.bench.servers import Server
from volunteer import database, embedded


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
        place = await offers.county()
        few, many = await offers.crowd(place, taps), await offers.crowd(place, taps)
        given = await lines.tokens(count)
        with servers.served(url, folder, "server") as server:
            async with lines.holding() as holders, phones.phones(server.port, few) as first:
                await holders.open(server, given[:1], opening)
                say(f"{taps} taps beside one socket")
                found["one"] = await _phase(holders, first, rate)
                before = server.memory_kb
                say(f"opening {count:,} sockets")
                found["open"] = await holders.open(server, given[1:], opening)
                await asyncio.sleep(2)
                found["kb_each"] = round((server.memory_kb - before) / max(1, count - 1), 1)
                say(f"idle for {hold:.0f} s")
                found["idle_core"] = await _idle(server, hold)
                say(f"{taps} taps beside {count:,} sockets")
                async with phones.phones(server.port, many) as second:
                    found["all"] = await _phase(holders, second, rate)
                found["kb_each_after"] = round((server.memory_kb - before) / max(1, count - 1), 1)
    found["ratios"] = {
        span: {share: round(found["all"][span][share] / found["one"][span][share], 2) for share in ("p50", "p99")}
        for span in ("answer", "entry")
    }
    return found


async def _phase(holders: lines.Holders, ready: list[phones.Phone], rate: float) -> Figures:
    said = await lines.steadily(ready, rate)
    return {"answer": spread(one.answered - one.tapped for one in said), "entry": await holders.arrived(said)}


async def _idle(server: Server, hold: float) -> float:
    """The share of one core that the server takes while nothing happens but pings."""
    used, began = server.processor_seconds, time.monotonic()
    await asyncio.sleep(hold)
    return round((server.processor_seconds - used) / (time.monotonic() - began), 4)


# What people read


def show(found: Figures, console: Console) -> None:
    asked = found["asked"]
    table = Table(title=f"Beside {asked['sockets']:,} sockets, and beside one", title_justify="left")
    for heading in ("", "p50 ms", "p99 ms", "max ms", "× one p99"):
        table.add_column(heading, justify="left" if not heading else "right")
    for span, title in (("answer", "tap → answer"), ("entry", "tap → entry at every socket")):
        for phase, whose in (("one", "one socket"), ("all", "all sockets")):
            one = found[phase][span]
            ratio = f"{found['ratios'][span]['p99']:.1f}" if phase == "all" else ""
            table.add_row(f"{title}, {whose}", *(f"{one[share]:,.1f}" for share in ("p50", "p99", "max")), ratio)
    console.print(table)
    console.print(
        f"{found['kb_each']:,.1f} KB a socket ({found['kb_each_after']:,.1f} after the taps); idle "
        f"{found['idle_core']:.1%} of a core; all open after {found['open']['seconds']:,.1f} s"
    )


def main(count: int, taps: int, rate: float, opening: int, hold: float, *, as_json: bool = False) -> None:
    """Measure and print."""
    with Console(stderr=True).status("") as status:
        found = measure(count=count, taps=taps, rate=rate, opening=opening, hold=hold, say=status.update)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        show(found, Console())
