"""The one way to write. ``writing(act, verb)`` runs ``verb`` in one transaction and appends its entries last.

One journal, five uses: audit trail, live push, catch-up after a lost connection, source of notices, test oracle.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from volunteer import database
from volunteer.act import Act
from volunteer.errors import Refused
from volunteer.models import Entry, Epoch

log = logging.getLogger(__name__)
T = TypeVar("T")

ATTEMPTS = 3
# Only these leave nothing behind and may succeed when the whole transaction runs again. The last: a migration of the
# next release has changed a table that a statement was prepared for.
_OUTDATED = asyncpg.InvalidCachedStatementError
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, _OUTDATED)

# The counters first, by name, so that two writers never wait for each other crosswise; then the entries, numbered from
# what each counter showed. $1, $2: topics and how many more each; $3 …: one entry an element, its place among those of
# its topic counted from the last.
_APPEND = """WITH grown AS (INSERT INTO topic (name, seq, touched_at)
  SELECT name, more, clock_timestamp() FROM unnest($1::text[], $2::int[]) AS g(name, more)
  ON CONFLICT (name) DO UPDATE SET seq = topic.seq + EXCLUDED.seq, touched_at = EXCLUDED.touched_at
  RETURNING name, seq),
said AS (INSERT INTO entry (topic, seq, at, kind, ref, actor, body)
  SELECT grown.name, grown.seq - l.behind, $8, l.kind, l.ref, $9, l.body::jsonb
  FROM unnest($3::text[], $4::int[], $5::text[], $6::uuid[], $7::text[]) AS l(topic, behind, kind, ref, body)
  JOIN grown ON grown.name = l.topic)
SELECT name, seq FROM grown"""

# In front of a topic, where bells are rung: no entry, only a reason to look.
STIR = "~"

Bell = Callable[[dict[str, int]], None]
_bells: list[Bell] = []


@dataclass(slots=True)
class _Line:
    kind: str
    topics: tuple[str, ...]
    ref: UUID | None
    body: dict[str, Any]


@dataclass(slots=True)
class Writing:
    """An open transaction. Inside it: rows only. No network, no solver, no mail, no new task."""

    act: Act
    db: BaseDBAsyncClient
    lines: list[_Line] = field(default_factory=list)
    stirred: set[str] = field(default_factory=set)

    def entry(self, kind: str, *, topics: Iterable[str], ref: UUID | None = None, body: dict[str, Any]) -> None:
        """Say that something happened (``noun.past``), once to each topic. ``body``: ids, statuses, counts."""
        self.lines.append(_Line(kind, tuple(dict.fromkeys(topics)), ref, body))

    def stir(self, *topics: str) -> None:
        """Let who follows these topics look again, once this is committed: for what is true for a moment only and has
        no place in the journal. It may be lost; whoever needs it asks by themselves now and then."""
        self.stirred.update(topics)

    async def clock(self) -> datetime:
        """The database's clock, now: what deadlines are judged by, after the locks are held."""
        rows = await self.db.execute_query_dict("SELECT clock_timestamp() AS at")
        at: datetime = rows[0]["at"]
        return at


Verb = Callable[[Writing], Awaitable[T]]
First = Callable[[], Awaitable[None]]

# A disk without room and a database that may only be read refuse some writes and not others.
_UNWRITABLE = ("53100", "25006")
_refused_at: list[float] = []


def unwritable(seconds: float) -> bool:
    """Whether the database refused to write, for want of room or leave, in the last so many seconds."""
    return bool(_refused_at) and asyncio.get_running_loop().time() - _refused_at[-1] < seconds


def away(error: Exception) -> bool:
    """Whether a write failed by what the database is like just now, and any other would have failed too."""
    return isinstance(error, (*database.GONE, OSError)) or database.state(error) in _UNWRITABLE


async def writing(act: Act, verb: Verb[T], *, patience: int | None = None, first: First | None = None) -> T:
    """Run ``verb`` in one transaction; commit its rows and entries together or nothing at all.

    Called with an act that is already inside a transaction it joins that one. Otherwise the work runs in a task of its
    own, shielded: a cancelled caller never takes a connection with it, the write ends as if nobody had left.
    ``patience``: seconds that one statement may take (default: the pool's limit). ``first`` is asked on the same
    connection before the transaction is opened, and may raise what makes it needless. Deadlocks, serialisation
    failures and statements outdated by a migration run again, three times at most; all else is raised as it is.
    """
    if act.writing is not None:
        return await verb(act.writing)
    task = asyncio.create_task(_attempts(act, verb, patience, first))
    task.add_done_callback(_heard)
    return await asyncio.shield(task)


async def each(act: Act, verbs: Iterable[tuple[object, Verb[int]]]) -> int:
    """Run these named verbs, each in a transaction of its own, and give the sum of what they gave. One that fails is
    said aloud by its name and keeps no other from its turn; a database that is away or takes no writes ends it."""
    total = 0
    for name, verb in verbs:
        try:
            total += await writing(act, verb)
        except Exception as error:
            if away(error):
                raise
            log.exception("one of many writes failed", extra={"of": str(name)})
    return total


async def _attempts(act: Act, verb: Verb[T], patience: int | None, first: First | None) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await _once(act, verb, patience, first)
        except _AGAIN:
            if attempt == ATTEMPTS:
                raise
            log.info("transaction runs again", extra={"attempt": attempt})
            await asyncio.sleep(random.uniform(0, 0.05 * attempt))
        except Exception as error:
            if database.state(error) in _UNWRITABLE:
                _refused_at[:] = [asyncio.get_running_loop().time()]
            raise
    raise AssertionError("unreachable")


async def _once(act: Act, verb: Verb[T], patience: int | None, first: First | None) -> T:
    async with AsyncExitStack() as stack:
        if first is not None:
            await stack.enter_async_context(database.held())
            await first()
        db = await stack.enter_async_context(in_transaction())
        if patience is not None:
            await db.execute_query(f"SET LOCAL statement_timeout = {int(patience * 1000)}")
        open_ = Writing(act, db)
        ended = await _ended(open_, verb)
        heads = await _append(open_)
    heads.update({f"{STIR}{topic}": 0 for topic in open_.stirred})
    for bell in _bells:
        bell(heads)
    if isinstance(ended, Refused):
        raise ended
    return ended


async def _ended(open_: Writing, verb: Verb[T]) -> T | Refused:
    """What the verb gave, or its refusal when what was written before that is to stay."""
    try:
        return await verb(open_)
    except Refused as error:
        if not error.keeps:
            raise
        return error


async def _append(done: Writing) -> dict[str, int]:
    """The last statement of the transaction, topics in order of name: shortest hold, no deadlock among writers."""
    counts: dict[str, int] = {}
    for line in done.lines:
        for topic in line.topics:
            counts[topic] = counts.get(topic, 0) + 1
    if not counts:
        return {}
    names, behind = sorted(counts), dict(counts)
    columns: tuple[list[Any], ...] = ([], [], [], [], [])
    for line in done.lines:
        body = json.dumps(line.body, ensure_ascii=False, separators=(",", ":"), default=_plain)
        for topic in line.topics:
            behind[topic] -= 1
            for column, value in zip(columns, (topic, behind[topic], line.kind, line.ref, body), strict=True):
                column.append(value)
    values = [names, [counts[name] for name in names], *columns, done.act.at, done.act.actor.id]
    rows = await done.db.execute_query_dict(_APPEND, values)
    return {row["name"]: row["seq"] for row in rows}


def _plain(value: object) -> str:
    """Instants as RFC 3339 in UTC with a Z, everything else (ids) by its own words."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _heard(task: "asyncio.Task[Any]") -> None:
    """A write whose caller has left still says how it ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.debug("write ended in %s", type(error).__name__)


def on_commit(bell: Bell) -> Callable[[], None]:
    """Be told (in this process, after commit) which topics grew to which number. Returns the way to stop."""
    _bells.append(bell)
    return lambda: _bells.remove(bell)


async def epoch() -> str:
    return (await Epoch.get(name="live")).value


_HEADS = "SELECT name, seq FROM topic WHERE name = ANY($1::text[])"


async def heads(topics: Iterable[str]) -> dict[str, int]:
    """The newest number of each topic; 0 where nothing was ever said."""
    names = list(dict.fromkeys(topics))
    rows = await connections.get("default").execute_query_dict(_HEADS, [names])
    return dict.fromkeys(names, 0) | {row["name"]: row["seq"] for row in rows}


async def since(topic: str, seq: int, *, limit: int = 200) -> list[Entry]:
    """Entries of ``topic`` with numbers above ``seq``, in order."""
    return await Entry.filter(topic=topic, seq__gt=seq).order_by("seq").limit(limit)


async def reading(query: Callable[[], Awaitable[T]], topics: Iterable[str]) -> tuple[T, dict[str, Any]]:
    """Rows and the numbers they were read at, from one snapshot: ``(rows, {"epoch": …, "topics": {name: seq}})``."""
    try:
        return await _read(query, topics)
    except _OUTDATED:
        return await _read(query, topics)


async def _read(query: Callable[[], Awaitable[T]], topics: Iterable[str]) -> tuple[T, dict[str, Any]]:
    async with in_transaction() as db:
        await db.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        numbers = await heads(topics)
        value = await epoch()
        rows = await query()
    return rows, {"epoch": value, "topics": numbers}


def topics_of(region: str) -> tuple[str, ...]:
    """The regional audiences of something in ``region``: its township and its county; of the city's own, the city."""
    if len(region) < 6:
        return (f"region:{region}",)
    county = (f"region:{region[:6]}",)
    return county if len(region) < 9 else (*county, f"region:{region[:9]}")
