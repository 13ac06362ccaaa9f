"""The bell between processes: one connection that only listens and notifies, outside every transaction.

A lost ring costs at most a second: the hub polls anyway. Transactions that notify would take one lock for all commits
of the server, so nothing rings inside them.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from volunteer import database, journal

log = logging.getLogger(__name__)

CHANNEL = "citong_live"
LOOK = "*"
PAYLOAD_BYTES = 7_000
RINGS_PER_SECOND = 50
PROBE_SECONDS = 10.0
ANSWER_SECONDS = 5.0
LONGEST_PAUSE = 10.0

Rung = Callable[[Mapping[str, int]], None]


class Bell:
    """``ring`` tells the other processes; ``rung`` hears them: topics and numbers, or nothing at all when it is time to
    look for oneself (too many to name, or the line was down)."""

    def __init__(self, url: str, rung: Rung) -> None:
        self._url = database.dsn(url)
        self._rung = rung
        self._waiting: dict[str, int] = {}
        self._stirred = asyncio.Event()
        self.connected = False
        self._own = 0  # the process that serves our line: what we rang ourselves is no news

    def ring(self, heads: Mapping[str, int]) -> None:
        """Queue a ring; many within a fiftieth of a second leave as one."""
        if not heads:
            return
        for topic, seq in heads.items():
            self._waiting[topic] = max(seq, self._waiting.get(topic, 0))
        self._stirred.set()

    async def run(self) -> None:
        """Hold the line for ever; after each loss again, with growing pauses."""
        failures = 0
        while True:
            try:
                failures = await self._held(failures)
            except (*database.GONE, OSError) as error:
                failures += 1
                log.warning("the live line is down", extra={"error": type(error).__name__, "failures": failures})
            await asyncio.sleep(random.uniform(0.05, min(LONGEST_PAUSE, 0.1 * 2 ** min(failures, 10))))

    async def _held(self, failures: int) -> int:
        connection: Any = await asyncpg.connect(  # type: ignore[no-untyped-call]
            self._url,
            timeout=ANSWER_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings={"application_name": "citong live"},
        )
        over = asyncio.Event()

        def lost(_: Any) -> None:
            over.set()
            self._stirred.set()

        try:
            connection.add_termination_listener(lost)
            self._own = connection.get_server_pid()
            await connection.add_listener(CHANNEL, self._notified)
            self.connected = True
            if failures:
                log.info("the live line is back")
            self._rung({})
            await self._serve(connection, over)
        finally:
            self.connected = False
            connection.terminate()
        return 1

    async def _serve(self, connection: Any, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    await self._stirred.wait()
            except TimeoutError:
                await connection.execute("SELECT 1")
                continue
            self._stirred.clear()
            if self._waiting and not over.is_set():
                waiting, self._waiting = self._waiting, {}
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, written(waiting))
                await asyncio.sleep(1 / RINGS_PER_SECOND)

    def _notified(self, _: Any, pid: int, __: str, payload: str) -> None:
        if pid != self._own:  # asked of the connection it would fail: bells still ring a moment after its end
            self._rung(read(payload))


@asynccontextmanager
async def ringing(url: str) -> AsyncIterator[Bell]:
    """For a program that writes and has no hub: what it commits is rung out to the others at once."""
    bell = Bell(url, lambda _: None)
    stop = journal.on_commit(bell.ring)
    task = asyncio.create_task(bell.run(), name="live bell")
    try:
        yield bell
    finally:
        stop()
        task.cancel()
        await asyncio.wait({task})


def written(heads: Mapping[str, int]) -> str:
    """``topic=number`` lines; a star when they are too many for one notification."""
    text = "\n".join(f"{topic}={seq}" for topic, seq in heads.items())
    return text if len(text) <= PAYLOAD_BYTES else LOOK


def read(payload: str) -> dict[str, int]:
    """The opposite of :func:`written`; empty for the star and for what another release may have written."""
    heads: dict[str, int] = {}
    for line in payload.split("\n"):
        topic, _, seq = line.rpartition("=")
        if not topic or not seq.isdecimal():
            return {}
        heads[topic] = int(seq)
    return heads
