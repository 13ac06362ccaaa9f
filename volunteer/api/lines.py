"""All sockets of this process: how many may be, their heartbeat, their rights, and how they are sent home."""

import asyncio
import ipaddress
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from heapq import heappop, heappush

from volunteer import database, people
from volunteer.act import Actor, now
from volunteer.api.line import Line
from volunteer.live import Gathered, Hub

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
RECHECK_SECONDS = 60.0
LATER_SECONDS = 5.0
RECHECKS = 100  # lines whose rights one query reads; whose rights just changed are first in the next
# A restart brings everybody back within this: four milliseconds a line, twenty seconds at most.
SPREAD_EACH, SPREAD_MOST = 4, 20_000
FAREWELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """In one process. ``per_address``: schools and offices share an address; IPv6 is counted by /64, and the machine
    itself (where a proxy stands that hides the callers) is not counted. ``knocks``: how many may stand at the door."""

    lines: int = 10_000
    knocks: int = 500
    per_person: int = 5
    per_address: int = 200


class Lines:
    """Nobody is looked at before it is time: thousands of silent lines cost little more than their pings."""

    def __init__(self, hub: Hub, limits: Limits | None = None) -> None:
        self.hub = hub
        self.limits = limits or Limits()
        self._lines: set[Line] = set()
        self._numbered: dict[int, Line] = {}
        self._beats: list[tuple[float, int]] = []  # heaps: when to look at whom; numbers of lines that are gone
        self._checks: list[tuple[float, int]] = []  # stay until then
        self._asking: set[Line] = set()
        self._held: Counter[tuple[str, object]] = Counter()
        self._knocking = 0
        self._known = Gathered(self._who)
        self._ill: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def full(self) -> bool:
        """No line more: too many, too many at the door, or this process is about to end."""
        crowded = self._knocking >= self.limits.knocks
        return crowded or self.hub.closing or len(self._lines) >= self.limits.lines

    async def who(self, secret: str) -> Actor | None:
        """Who knocks. However many come back at once, the database is asked for all of them: taps go first."""
        self._knocking += 1
        try:
            return (await self._known([secret])).get(secret)
        finally:
            self._knocking -= 1

    async def _who(self, secrets: list[str]) -> dict[str, Actor]:
        async with self.hub.admission:
            return await people.actors(secrets, now())

    async def carry(self, line: Line, address: str | None) -> bool:
        """Run the line to its end; ``False`` at once when this person or address has too many."""
        counted: dict[tuple[str, object], int] = {("person", line.actor.id): self.limits.per_person}
        if group := grouped(address):
            counted["address", group] = self.limits.per_address
        if any(self._held[key] >= most for key, most in counted.items()):
            return False
        self._lines.add(line)
        self._numbered[line.number] = line
        heappush(self._beats, (0.0, line.number))
        line.ill, line.asks = self._ill, self._asking.add
        self._recheck_at(line, self._clock() + RECHECK_SECONDS)
        self._held.update(counted.keys())
        try:
            await line.run()
        finally:
            self._lines.discard(line)
            self._asking.discard(line)
            del self._numbered[line.number]
            self._held.subtract(counted.keys())
            for key in counted:
                if not self._held[key]:
                    del self._held[key]
        return True

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Lines"]:
        """Beat and recheck until the way out."""
        tasks = [
            asyncio.create_task(self._beat(), name="live beat"),
            asyncio.create_task(self._guard(), name="live guard"),
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def tell_health(self, ill: Sequence[str]) -> None:
        """Which parts of the house do not work; said when it changes, to those who hold a role."""
        if self._ill == tuple(ill):
            return
        self._ill = tuple(ill)
        for line in tuple(self._lines):
            line.health(self._ill)

    def ill(self, actor: Actor) -> tuple[str, ...]:
        """What of the house does not work, for whoever looks after others."""
        return self._ill if actor.grants else ()

    async def farewell(self) -> None:
        """Tell everybody to come back later; the server closes the sockets after this."""
        self.hub.release()
        spread = min(SPREAD_MOST, SPREAD_EACH * len(self._lines))
        for line in tuple(self._lines):
            line.farewell(spread)
        if flushing := [asyncio.create_task(line.backlog.empty()) for line in self._lines]:
            _, late = await asyncio.wait(flushing, timeout=FAREWELL_SECONDS)
            for task in late:
                task.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            at = self._clock()
            while self._beats and self._beats[0][0] <= at:
                _, number = heappop(self._beats)
                if (line := self._numbered.get(number)) is not None:
                    heappush(self._beats, (max(line.beat(at), at + BEAT_SECONDS), number))

    async def _guard(self) -> None:
        """Ask for each line's session and roles again: when its person's own topic says so, and once a minute."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            while due := self._due():
                await self._recheck(due)

    def _due(self) -> list[Line]:
        due = [self._asking.pop() for _ in range(min(len(self._asking), RECHECKS))]
        while self._checks and self._checks[0][0] <= self._clock() and len(due) < RECHECKS:
            at, number = heappop(self._checks)
            line = self._numbered.get(number)
            if line is not None and line.recheck_at == at and line not in due:  # else it was looked at meanwhile
                due.append(line)
        return due

    def _recheck_at(self, line: Line, at: float) -> None:
        line.recheck_at = at
        heappush(self._checks, (at, line.number))

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    async def _recheck(self, lines: Sequence[Line]) -> None:
        for line in lines:  # before anything is read: what changes meanwhile asks for the next read
            self._recheck_at(line, self._clock() + RECHECK_SECONDS * random.uniform(0.8, 1.0))
        try:
            found = await people.actors({line.secret for line in lines}, now())
            for line in lines:
                await line.recheck(found.get(line.secret))
        except Exception as error:
            for line in lines:
                self._recheck_at(line, self._clock() + LATER_SECONDS)
            if not isinstance(error, database.GONE):
                log.exception("the rights of live lines could not be read")
                return
            log.warning("the rights of live lines wait for the database", extra={"error": type(error).__name__})


def grouped(address: str | None) -> str | None:
    """What an address is counted by; ``None`` when it is not counted."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if parsed.is_loopback:
        return None
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
