"""Rosters kept warm in this process, so that a hole is looked at in milliseconds: one for each county (or city) where
somebody asked or stepped back.

A roster is read once, made into arrays on a thread, and from then on follows the journal: each entry about an
assignment names a line, whose row is read again. What entries do not tell (a new event, other hours of a person) makes
the roster stale: it is read anew beside the old one, which answers meanwhile. Nothing here is the truth: whoever acts
on an answer judges it again on today's rows.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.connection import get_connection

from dispatch import pool, snapshot
from dispatch.lifecycle import LIVE, LOCKED, SEATED
from dispatch.planner.mending.warm import Hold, Line, Warm, warmed
from dispatch.planner.problem import Busy, Problem
from dispatch.settings import Repairing, policy
from volunteer import journal
from volunteer.act import now
from volunteer.live import Hub
from volunteer.live.backlog import Frame
from volunteer.live.window import Heard
from volunteer.models import Region
from volunteer.spans import Span

log = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds that a question waits for a roster that is being read
PAUSE: Final = 20.0  # seconds between two readings of the same roster at least
MOST: Final = 16  # rosters; the one not asked for longest gives way

_ROWS: Final = """SELECT a.id, a.volunteer_id, a.need_id, a.status, a.pinned, a.source, a.occupies_from,
  a.occupies_until, s.starts_at, s.ends_at, v.id AS venue_id, v.zone, v.lat, v.lon,
  e.state
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id
WHERE %s ORDER BY a.id"""
# All rows of the pairs that these lines belong to: a person may have left a need and come back.
_OF_LINES: Final = _ROWS % (
    "(a.volunteer_id, a.need_id) IN (SELECT volunteer_id, need_id FROM assignment WHERE id = ANY($1))"
)
# All rows that touch a window's months, or its needs.
_OF_WINDOW: Final = _ROWS % (
    "a.status = ANY($1) AND a.occupies_from >= $2 AND a.occupies_from < $3 OR a.need_id = ANY($4)"
)


@dataclass(slots=True)
class Kept:
    """``read_at`` by the monotonic clock; ``stale``: something changed that entries do not tell."""

    warm: Warm
    read_at: float
    asked_at: float
    stale: bool = False


@dataclass
class Keeper:
    """One a process. :meth:`warm` gives the roster of a place, as fresh as the journal."""

    hub: Hub
    terms: Repairing
    _kept: dict[str, Kept] = field(default_factory=dict)
    _reading: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _changed: set[UUID] = field(default_factory=set)
    _since: dict[str, set[UUID]] = field(default_factory=dict)
    _catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    _one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _topics: set[str] = field(default_factory=set)
    _context: Context = field(default_factory=copy_context)  # a question's own may hold an open transaction

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Keeper"]:
        """Follow what happens until the way out; the process's own keeper meanwhile."""
        _own.append(self)
        try:
            yield self
        finally:
            _own.remove(self)
            for topic in self._topics:
                self.hub.leave(topic, self)
            for task in self._reading.values():
                task.cancel()
            await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def warm(self, region: str, need: str = "", *, patience: float = PATIENCE) -> Warm | None:
        """The roster that holds this place (and knows this need); none when it is not read within ``patience``."""
        scope = self.scope(region)
        known = self._kept.get(scope)
        if known is None or (need and need not in known.warm.tables.need_number):
            task = self._read(scope, anew=known is not None)
            await asyncio.wait({task}, timeout=patience)
            known = self._kept.get(scope)
        if known is None:
            return None
        known.asked_at = time.monotonic()
        if known.stale or known.asked_at - known.read_at > self.terms.refresh_minutes * 60:
            self._read(scope, anew=True)
        await self._task(self._catch_up())
        return known.warm

    def known(self, region: str) -> Warm | None:
        found = self._kept.get(self.scope(region))
        return None if found is None else found.warm

    def scope(self, region: str) -> str:
        return region[: 6 if self.terms.scope == "county" else 4]

    # ---- what is heard ----

    def hear(self, heard: Heard, _: Frame) -> None:
        if heard.kind.startswith("assignment."):
            if heard.ref is not None:
                self._changed.add(heard.ref)
                for since in self._since.values():
                    since.add(heard.ref)
        elif heard.kind.startswith(("event.", "need.", "volunteer.")):
            for scope, known in self._kept.items():
                known.stale |= scope.startswith(heard.topic.removeprefix("region:")[: len(scope)])

    def stir(self) -> None:
        """Who looks at a board moves no roster."""

    def start_over(self) -> None:
        """The database is another one now."""
        for known in self._kept.values():
            known.stale = True
            known.read_at = -math.inf

    async def _catch_up(self) -> None:
        """Read the rows of all lines that entries named, and put them in their places."""
        async with self._catching_up:
            while self._changed:
                named, self._changed = list(self._changed), set()
                try:
                    rows = await get_connection("default").execute_query_dict(_OF_LINES, [named])
                except BaseException:
                    self._changed |= set(named)
                    raise
                for known in self._kept.values():
                    placed(known.warm, rows)

    # ---- reading ----

    def _read(self, scope: str, *, anew: bool) -> "asyncio.Task[None]":
        """The task that reads this roster; one at a time, and not twice within a moment."""
        task = self._reading.get(scope)
        if task is None:
            known = self._kept.get(scope)
            wait = max(0.0, PAUSE - (time.monotonic() - known.read_at)) if anew and known else 0.0
            task = self._task(self._reads(scope, wait))
            self._reading[scope] = task
            task.add_done_callback(lambda _: self._reading.pop(scope, None))
        return task

    async def _reads(self, scope: str, wait: float) -> None:
        await asyncio.sleep(wait)
        async with self._one:
            try:
                await self._follow(scope)
                self._since[scope] = set()
                made = await read(scope, self.terms)
                missed = list(self._since.pop(scope))
                placed(made, await get_connection("default").execute_query_dict(_OF_LINES, [missed]))
            except Exception:
                self._since.pop(scope, None)
                log.exception("a roster could not be read", extra={"scope": scope})
                return
        self._kept[scope] = Kept(made, time.monotonic(), time.monotonic())
        if len(self._kept) > MOST:
            del self._kept[min(self._kept, key=lambda one: self._kept[one].asked_at)]

    async def _follow(self, scope: str) -> None:
        """Hear the whole city: who serves in one county is not free in the next."""
        counties = await Region.filter(parent_id=scope[:4]).order_by("code")
        topics = {f"region:{code}" for code in (scope[:4], *(county.code for county in counties))} - self._topics
        if topics:
            await self.hub.join(dict.fromkeys(topics, self))
            self._topics |= topics

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(work, context=self._context.copy())

    def __hash__(self) -> int:
        return id(self)


_own: list[Keeper] = []


async def warm(region: str, need: str, *, waits: bool = True) -> Warm | None:
    """The roster that holds this place, kept by this process; where none is kept (a worker of the queue, a command) it
    is read for this one question. None: it is being read, ask again soon. ``waits``: not inside a transaction."""
    if _own:
        return await _own[-1].warm(region, need, patience=PATIENCE if waits else 0)
    return await read(region[:6], policy().repair) if waits else None


def kept(region: str) -> Warm | None:
    """The roster that holds this place, if this process has it by now."""
    return _own[-1].known(region) if _own else None


async def read(scope: str, terms: Repairing) -> Warm:
    """The roster of all open events of the next days, from one snapshot. Too large a one is read for fewer days."""
    days = terms.days
    while True:
        began = now()
        window = Span(began - timedelta(days=1), began + timedelta(days=days))

        async def query(window: Span = window) -> tuple[Problem, list[Mapping[str, Any]]]:
            posed = await snapshot.take(f"repair {scope}", scope, window, policy().weights)
            values = [list(SEATED), window.start - pool.MONTH, window.end + pool.MONTH, [n.id for n in posed.needs]]
            return posed, list(await get_connection("default").execute_query_dict(_OF_WINDOW, values))

        (posed, rows), _ = await journal.reading(query, [])
        made = await asyncio.to_thread(_made, posed, rows)
        if len(made.pool.person) <= terms.pairs or days == 1:
            return made
        log.warning("a roster is too large and covers fewer days", extra={"scope": scope, "days": days})
        days //= 2


def _made(posed: Problem, rows: Iterable[Mapping[str, Any]]) -> Warm:
    bare = replace(posed, people=tuple(replace(person, busy=(), declined=()) for person in posed.people))
    made = warmed(bare, ())
    placed(made, rows)
    return made


def placed(warm: Warm, rows: Iterable[Mapping[str, Any]]) -> None:
    """What these rows (in order of their ids; all of each pair) say, put in its place. Doing it twice changes
    nothing."""
    pairs: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        pairs.setdefault((str(row["volunteer_id"]), str(row["need_id"])), []).append(row)
    for (person, need), mine in pairs.items():
        if person not in warm.tables.person_number:
            continue
        if need not in warm.tables.need_number:
            for row in mine:
                warm.elsewhere(person, str(row["id"]), _promise(row) if row["status"] in SEATED else None)
            continue
        live = [row for row in mine if row["status"] in (*LIVE, "completed")]
        if live:
            warm.take(Line(person, need, _hold(live[-1])))
        else:
            warm.give_up(person, need, barred=any(row["status"] in pool.GONE for row in mine))


def _hold(row: Mapping[str, Any]) -> Hold:
    if row["pinned"] or row["status"] not in ("offered", "accepted"):
        return "fixed"
    if row["status"] == "accepted":
        return "accepted"
    return "fixed" if row["source"] == "hand" or row["state"] in LOCKED else "open"


def _promise(row: Mapping[str, Any]) -> Busy:
    starts: datetime = row["starts_at"]
    return Busy(
        pool.minute(row["occupies_from"]),
        pool.minute(row["occupies_until"]),
        starts.astimezone(ZoneInfo(row["zone"])).date().toordinal(),
        pool.minute(row["ends_at"]) - pool.minute(starts),
        pool.point(row["lat"], row["lon"]),
        str(row["venue_id"]) if policy().roads else None,
    )
