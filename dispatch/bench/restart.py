"""``citong bench restart``: a server is killed under its sockets; how soon is everybody back and current, and how do
taps fare meanwhile?

One server process, killed as by ``kill -9`` and started again on the same port. While it is down entries are written
that every socket has to be told when it is back; sockets come back as every client of ours does, with full jitter
within half a minute. Taps go to the server from the moment that it says it is ready. Their measure is the same kill
with a single socket, since a server that has just begun is slower by itself, and the taps before the kill.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from dispatch import queue
from dispatch.bench import lines, offers, phones, servers
from dispatch.bench.offers import Tap
from dispatch.bench.push import Figures, Say, machine, spread
from dispatch.bench.servers import NoAnswerError, Server
from volunteer import database, embedded, journal
from volunteer.act import system

MISSED: Final = 20  # entries that everybody has to be told on coming back


def measure(*, count: int, taps: int, rate: float, opening: int, jitter: float, say: Say) -> Figures:
    """All figures. Raises :class:`servers.NoAnswerError` when a socket never comes back or has lost an entry."""
    with tempfile.TemporaryDirectory(prefix="citong-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's PostgreSQL runs as another account, which must pass through
        with embedded.ensure(folder / "postgres") as server:
            return asyncio.run(_measured(server.url(), folder, count, taps, rate, opening, jitter, say))


async def _measured(
    url: str, folder: Path, count: int, taps: int, rate: float, opening: int, jitter: float, say: Say
) -> Figures:
    say("making people and offers")
    await database.migrate(url)
    await queue.install(url)
    asked = {"sockets": count, "taps": taps, "rate": rate, "opening": opening, "missed": MISSED}
    found: Figures = {"machine": machine(), "asked": asked, "jitter_seconds": jitter}
    async with database.opened(url, pool=4):
        place = await offers.county()
        cold, warm, many = [await offers.crowd(place, taps) for _ in range(3)]
        given = await lines.tokens(count)
        with servers.served(url, folder, "server") as server:
            async with lines.holding(jitter) as holders:
                await holders.open(server, given[:1], opening)
                say("killed with one socket")
                found["alone"] = await _killed(server, holders, cold, rate)
                say(f"opening {count:,} sockets")
                found["open"] = await holders.open(server, given[1:], opening)
                say(f"{taps} taps before")
                found["before"] = await _tapped(server, warm, rate)
                say("killed; everybody comes back")
                found["all"] = await _killed(server, holders, many, rate)
    if gaps := found["all"]["gaps"] + found["alone"]["gaps"]:
        raise NoAnswerError(f"sockets lost {gaps} entries")
    found["ratios"] = {
        share: round(found["all"]["answer"][share] / found["alone"]["answer"][share], 2) for share in ("p50", "p99")
    }
    return found


async def _tapped(server: Server, taps: list[Tap], rate: float) -> Figures:
    async with phones.phones(server.port, taps) as ready:
        return spread(one.answered - one.tapped for one in await lines.steadily(ready, rate))


async def _killed(server: Server, holders: lines.Holders, taps: list[Tap], rate: float) -> Figures:
    """Killed, missed, started again; taps from when it is ready, until everybody is back and current."""
    killed = time.perf_counter()
    server.kill()

    async def verb(w: journal.Writing) -> None:
        w.entry("thing.done", topics=[lines.TOPIC], body={})

    for _ in range(MISSED):
        await journal.writing(system(), verb)
    server.begin()
    await asyncio.to_thread(server.wait)
    back = time.perf_counter()
    head = (await journal.heads([lines.TOPIC]))[lines.TOPIC]
    waiting = asyncio.create_task(holders.ask("current", seq=head, since=back))
    answer = await _tapped(server, taps, rate)
    return {"down_seconds": round(back - killed, 2), "answer": answer} | await waiting


# What people read


def show(found: Figures, console: Console) -> None:
    asked, back = found["asked"], found["all"]
    table = Table(title=f"Taps beside {asked['sockets']:,} sockets", title_justify="left")
    for heading in ("", "p50 ms", "p99 ms", "max ms"):
        table.add_column(heading, justify="left" if not heading else "right")
    phases = {
        "before the kill": found["before"],
        "after a kill, one socket comes back": found["alone"]["answer"],
        "after a kill, all come back": back["answer"],
    }
    for title, one in phases.items():
        table.add_row(title, *(f"{one[share]:,.1f}" for share in ("p50", "p99", "max")))
    console.print(table)
    console.print(
        f"ready {back['down_seconds']:.1f} s after the kill; everybody current {back['last_seconds']:.1f} s later "
        f"(half of them after {back['median_seconds']:.1f} s; jitter up to {found['jitter_seconds']:.0f} s), "
        f"{back['gaps']} entries lost, {back['refused']} times told to come later"
    )


def main(count: int, taps: int, rate: float, opening: int, jitter: float, *, as_json: bool = False) -> None:
    """Measure and print."""
    with Console(stderr=True).status("") as status:
        found = measure(count=count, taps=taps, rate=rate, opening=opening, jitter=jitter, say=status.update)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        show(found, Console())
