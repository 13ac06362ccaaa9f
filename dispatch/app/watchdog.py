"""Whether every part works: told to probes, to figures and, within a minute, to the people at desks and boards.

Each process beats for those of its parts that make headway, and reads which parts beat anywhere. Clock, queue and mail
work for everybody when they work in one process; the database and the live line are each process's own.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dispatch import queue
from dispatch.jobs import Clock
from dispatch.queue import Worker
from volunteer import beats, database, journal
from volunteer.api.lines import Lines
from volunteer.live import Hub
from volunteer.notices.flow import flow
from volunteer.settings import Settings

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0
LATE_SECONDS = 20.0  # a watchdog that has not looked for so long is ill itself
STARVED_SECONDS = 45.0
REFUSED_SECONDS = 8.0  # the sweeps try to write more often than that

PARTS = ("database", "clock", "queue", "mail", "live")
# What a request needs here, whatever else is ill.
HERE = ("database", "live")
UNWRITABLE = "takes no writes"
WELL = ("ok", "elsewhere", "off", "held")

Found = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Watched:
    """What runs in this process; ``clock``, ``hub`` and ``lines`` are none where nothing is served."""

    settings: Settings
    worker: Worker | None
    clock: Clock | None = None
    hub: Hub | None = None
    lines: Lines | None = None


class Watchdog:
    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._looked_at = self._wrote_at = self._now()
        self._before: frozenset[str] = frozenset()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Watchdog"]:
        """Beat and tell until the way out; then nobody waits for this process any more."""
        task = asyncio.create_task(self._run(), name="watchdog")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await beats.leave()
            except (*database.GONE, OSError) as error:
                log.warning("the last beats stay", extra={"error": type(error).__name__})

    async def found(self) -> dict[str, str]:
        """Each part in a word, asked now: ``ok``, ``elsewhere`` (only other processes do it), or what is wrong."""
        own = self._own()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                others, mail = await beats.elsewhere(), await flow(self._watched.settings)
                starved = (await queue.state())["oldest"] > STARVED_SECONDS
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not do what it must
            log.warning("the database does not answer the watchdog", extra={"error": type(error).__name__})
            return dict.fromkeys(PARTS, "unknown") | {"database": "away", "live": "ok" if own["live"] else "late"}
        writes = self._now() - self._wrote_at < LATE_SECONDS and not journal.unwritable(REFUSED_SECONDS)
        words = {"database": "ok" if writes else UNWRITABLE, "mail": mail}
        for part in ("clock", "queue"):
            words[part] = "ok" if own[part] else "elsewhere" if part in others else "late"
        if starved and self._idle():
            words["queue"] = "stuck"
        words["live"] = "ok" if own["live"] else "late"
        if self._now() - self._looked_at > LATE_SECONDS:
            words["watchdog"] = "late"
        return {part: words[part] for part in (*PARTS, "watchdog") if part in words}

    def _own(self) -> dict[str, bool]:
        """Which parts of this process make headway."""
        w = self._watched
        return {
            "clock": w.clock is not None and w.clock.alive,
            "queue": w.worker is not None and w.worker.connected,
            "live": w.hub is None or w.hub.alive,
        }

    def _idle(self) -> bool:
        """Hands are free here, and yet jobs wait."""
        return self._watched.worker is None or self._watched.worker.free

    async def _run(self) -> None:
        while True:
            try:
                await self._beat()
                self._tell(await self.found())
            except Exception:
                log.exception("the watchdog stumbled")  # who stumbles for long is late, and said to be
            else:
                self._looked_at = self._now()
            await asyncio.sleep(EVERY_SECONDS)

    async def _beat(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await beats.beat([part for part, works in self._own().items() if works])
        except Exception as error:  # noqa: BLE001 - full, read-only or gone: `found` says which, once this lasts
            log.warning("no beat was written", extra={"error": type(error).__name__})
        else:
            self._wrote_at = self._now()

    def _tell(self, found: Found) -> None:
        """What was ill twice in a row is told, and that it is well again at once: a blink is no news."""
        now = ill(found)
        if self._watched.lines is not None:
            said = [part for part, word in found.items() if word == "held"]
            self._watched.lines.tell_health([*(part for part in now if part in self._before), *map(_held, said)])
        self._before = frozenset(now)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def ill(found: Found) -> list[str]:
    """The parts that do not work. Of those that nobody could ask about while the database is away nothing is said."""
    return [part for part, word in found.items() if word not in (*WELL, "unknown")]


def _held(part: str) -> str:
    return f"{part}.held"
