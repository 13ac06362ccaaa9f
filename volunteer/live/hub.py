"""One hub a process: hears which topics grew, reads each new range once, and hands it to everybody who follows.

It hears of growth three ways: from this process's own commits, from the bell, and by looking every second. Each is
enough; all three only raise the number that a topic is known to have reached.

Telling thousands takes long, and everything else in this process has its turn meanwhile: after every few followers, and
as long again when all are told, up to a bound. What a topic grows by in between is told together.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from tortoise import connections

from volunteer import database, journal
from volunteer.live import window
from volunteer.live.bell import Bell
from volunteer.live.channels import Channel, Follower, hearing, wake
from volunteer.live.gathered import Gathered
from volunteer.live.window import Heard

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
LATE_SECONDS = 15.0
PAUSE_SECONDS = 0.1  # between two looks at the most eager
PASTS = 16  # answers to who catches up
SLICE = 100  # followers that are told before others have a turn
REST_FROM, REST_MOST = 0.05, 0.4  # seconds: what telling must take for a rest, and the longest rest
# A commit may become visible this much later than the moment it was stamped with; every tenth look asks for all heads.
OVERLAP = timedelta(seconds=10)
THOROUGH = 10

_LOOK = """SELECT e.value AS epoch, clock_timestamp() AS now, t.name, t.seq, t.touched_at FROM epoch AS e
LEFT JOIN topic AS t ON t.name = ANY($2::text[]) AND t.touched_at > $1 WHERE e.name = 'live'"""
_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Hub:
    """``permits``: how many catch-up reads may run at once, so that a storm of returning phones leaves connections for
    everybody's taps."""

    def __init__(self, url: str, *, permits: int = 5) -> None:
        self.bell = Bell(url, self._rung)
        self.admission = asyncio.Semaphore(permits)
        self.epoch = ""
        self.closing = False
        self._channels: dict[str, Channel] = {}
        self._grown: set[str] = set()
        self._stirred = asyncio.Event()
        self._due = asyncio.Event()
        self._heads = Gathered(journal.heads)
        self._pasts: dict[tuple[str, str, int], list[Heard]] = {}
        self._seen_at = self._read_at = self._rung_at = 0.0

    # ---- life ----

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Hub"]:
        """Hear, read and tell until the way out."""
        self.epoch = await journal.epoch()
        self._seen_at = self._read_at = self._rung_at = self._now()
        stop = journal.on_commit(self._committed)
        works = (self.bell.run, self._read, self._look)
        tasks = [asyncio.create_task(_kept(work), name=f"live {work.__name__}") for work in works]
        try:
            yield self
        finally:
            stop()
            self.release()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def release(self) -> None:
        """Let every long poll answer now, with what it has: this process is about to end."""
        self.closing = True
        for channel in self._channels.values():
            wake(channel)

    @property
    def alive(self) -> bool:
        """It looks, it reads what has grown, and the bell was heard not long ago."""
        now = self._now()
        if self.bell.connected:
            self._rung_at = now
        if not self._grown:
            self._read_at = now
        return now - min(self._seen_at, self._read_at, self._rung_at) < LATE_SECONDS

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    @property
    def topics(self) -> int:
        """How many topics are followed in this process."""
        return len(self._channels)

    # ---- following ----

    async def join(self, followers: Mapping[str, Follower], since: Mapping[str, int] | None = None) -> dict[str, int]:
        """Follow these topics from now on; the newest number of each, or one that is not below ``since``, where that is
        known without asking. What a follower gets next is above it, or at least above what it finds in the log
        afterwards: no entry falls between the two."""
        for topic, follower in followers.items():
            self._channels.setdefault(topic, Channel()).followers[follower] = hearing(follower)
        try:
            return await self._started(followers, since or {})
        except BaseException:
            for topic, follower in followers.items():
                self.leave(topic, follower)
            raise

    def leave(self, topic: str, follower: Follower) -> None:
        channel = self._channels.get(topic)
        if channel is not None:
            channel.followers.pop(follower, None)
            self._tidy(topic, channel)

    def position(self, topic: str) -> int:
        """The last number that followers of ``topic`` are given; the last of them are perhaps not told yet."""
        channel = self._channels.get(topic)
        return channel.position or 0 if channel else 0

    def told(self, topic: str) -> int:
        """The last number that every follower of ``topic`` was told."""
        channel = self._channels.get(topic)
        return channel.told if channel else 0

    def follows(self, topic: str) -> bool:
        """Whether somebody follows ``topic`` in this process."""
        channel = self._channels.get(topic)
        return channel is not None and bool(channel.followers)

    async def past(self, topic: str, seq: int) -> list[Heard]:
        """As :func:`window.past`. Whom the same cut sent home stand at the same number: the last few answers are kept,
        perhaps without what was said since."""
        key = (self.epoch, topic, seq)
        if key not in self._pasts:
            async with self.admission:
                found = self._pasts.get(key) or await window.past(topic, seq)
            if not found:
                return found
            while len(self._pasts) >= PASTS:
                del self._pasts[next(iter(self._pasts))]
            self._pasts[key] = found
        return self._pasts[key]

    async def wait(self, topic: str, seq: int, seconds: float) -> None:
        """Return when ``topic`` has grown above ``seq``, and after ``seconds`` at the latest."""
        if self.closing:
            return
        channel = self._channels.setdefault(topic, Channel())
        waiter = asyncio.get_running_loop().create_future()
        channel.waiters.add(waiter)
        try:
            head = (await self._started([topic], {}))[topic]
            if head <= seq:
                async with asyncio.timeout(seconds):
                    await waiter
        except TimeoutError:
            return
        finally:
            channel.waiters.discard(waiter)
            self._tidy(topic, channel)

    async def _started(self, topics: Collection[str], since: Mapping[str, int]) -> dict[str, int]:
        known: dict[str, int] = {}
        for topic in topics:
            channel = self._channels.get(topic)
            if channel and channel.position is not None and topic in since and since[topic] <= channel.position:
                known[topic] = channel.position
        asked = await self._heads([topic for topic in topics if topic not in known])
        for topic, head in asked.items():
            channel = self._channels.get(topic)
            if channel is None:
                continue
            if channel.position is None:
                channel.position = channel.told = head
            channel.known = max(channel.known, head)  # what is known already wakes nobody when it is seen again
            self._mark(topic, channel)
        return known | asked

    def _tidy(self, topic: str, channel: Channel) -> None:
        if not channel.followers and not channel.waiters and self._channels.get(topic) is channel:
            del self._channels[topic]
            self._grown.discard(topic)

    # ---- hearing ----

    def _committed(self, heads: Mapping[str, int]) -> None:
        if heads:  # nothing said is no reason to look
            self._rung(heads)
            self.bell.ring(heads)

    def _rung(self, heads: Mapping[str, int]) -> None:
        if not heads:
            self._due.set()
        for topic, seq in heads.items():
            if topic.startswith(journal.STIR):
                self._stir(topic.removeprefix(journal.STIR))
            else:
                self._learn(topic, seq)

    def _stir(self, topic: str) -> None:
        channel = self._channels.get(topic)
        for follower in tuple(channel.followers) if channel else ():
            follower.stir()

    def _learn(self, topic: str, seq: int) -> None:
        channel = self._channels.get(topic)
        if channel is None:
            return
        if seq > channel.known:
            channel.known = seq
            wake(channel)
        self._mark(topic, channel)

    def _mark(self, topic: str, channel: Channel) -> None:
        if channel.behind():
            self._grown.add(topic)
            self._stirred.set()

    async def _look(self) -> None:
        """Every second, whatever the bell says: a lost ring costs a second, never an entry."""
        last, rounds = _BEGINNING, 0
        while True:
            thorough = rounds % THOROUGH == 0
            moment = await self._seen(_BEGINNING if thorough else last - OVERLAP)
            last, rounds = moment, rounds + 1
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(PAUSE_SECONDS)
            self._due.clear()
            rounds = 0

    async def _seen(self, after: datetime) -> datetime:
        rows = await connections.get("default").execute_query_dict(_LOOK, [after, list(self._channels)])
        self._seen_at = self._now()
        if rows[0]["epoch"] != self.epoch:
            await self._begin_again(rows[0]["epoch"])
            return after
        for row in rows:
            if row["name"] is not None:
                self._learn(row["name"], row["seq"])
        now: datetime = rows[0]["now"]
        return now

    async def current(self) -> str:
        """The epoch, asked of the database: for whoever brings another one than this process knows."""
        value = await journal.epoch()
        if value != self.epoch:
            await self._begin_again(value)
        return value

    async def _begin_again(self, epoch: str) -> None:
        """A restored database: every number starts over."""
        self.epoch = epoch
        for channel in self._channels.values():
            channel.position, channel.told, channel.known = None, 0, 0
            wake(channel)
        for channel in tuple(self._channels.values()):
            for follower in tuple(channel.followers):
                follower.start_over()
        await self._started(list(self._channels), {})

    # ---- telling ----

    async def _read(self) -> None:
        while True:
            self._stirred.clear()
            now = self._now()
            ready = [topic for topic in self._grown if self._channels[topic].rests <= now]
            if ready:
                await self._told(ready)
                self._read_at = self._now()
                continue
            rest = min((self._channels[topic].rests for topic in self._grown), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(rest):
                    await self._stirred.wait()

    async def _told(self, ready: list[str]) -> None:
        """Read what these topics have new, once, and hand it on; what many follow comes last. A topic stays marked
        until it is all told, so a failing read loses nothing."""
        positions: dict[str, int] = {}
        for topic in sorted(ready, key=lambda topic: len(self._channels[topic].followers)):
            channel = self._channels[topic]
            if not channel.followers:
                channel.position = None
            if not channel.behind():
                self._grown.discard(topic)
            elif channel.position is not None and len(positions) < window.TOPICS:
                positions[topic] = channel.position
        if not positions:
            return
        found: dict[str, list[Heard]] = {topic: [] for topic in positions}
        for heard in await window.since(positions):
            found[heard.topic].append(heard)
        for topic, before in positions.items():
            await self._hand(topic, found[topic])
            left = self._channels.get(topic)
            if left is not None and left.position == before:  # a false ring: the log has no such entry
                left.known = before
        await asyncio.sleep(0)

    async def _hand(self, topic: str, entries: list[Heard]) -> None:
        """Tell everybody who follows now; who comes meanwhile finds in the log what is being told."""
        channel = self._channels.get(topic)
        if channel is None or channel.position is None or not entries or entries[0].seq != channel.position + 1:
            return
        began, last = self._now(), entries[-1].seq
        channel.position = last
        ears = tuple(channel.followers.values())
        parts = tuple(window.together(entries))
        for start in range(0, len(ears), SLICE):
            if start:
                await asyncio.sleep(0)
            for hear in ears[start : start + SLICE]:
                for told in parts:
                    hear(told)
        if channel.position == last:  # no new epoch meanwhile
            channel.told = last
        ended = self._now()
        if ended - began > REST_FROM:
            channel.rests = ended + min(REST_MOST, ended - began)


async def _kept(work: Callable[[], Awaitable[None]]) -> None:
    """Run for ever: a database that is away is waited for, anything else is said aloud, and the work goes on."""
    while True:
        try:
            await work()
        except database.GONE as error:
            log.warning("the live line waits for the database", extra={"error": type(error).__name__})
        except Exception:
            log.exception("the live line stumbled")
        await asyncio.sleep(1)
