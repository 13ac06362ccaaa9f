"""Many rows at once: reference facts, chunks, and one statement for thousands of rows."""

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from dispatch.imports.report import Report, failed
from volunteer import access, journal
from volunteer.act import Act
from volunteer.errors import Fault, Forbidden
from volunteer.models import Region

T = TypeVar("T")
CHUNK = 2000
PATIENCE_SECONDS = 120
# One number that only importers ask for: two imports at once wait for each other.
_LOCK = 0x696D706F7274


def chunks(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


async def alone(db: BaseDBAsyncClient) -> None:
    """Hold off every other import until this transaction ends."""
    await db.execute_query(f"SET LOCAL lock_timeout = {PATIENCE_SECONDS * 1000}")
    await db.execute_query("SELECT pg_advisory_xact_lock($1)", [_LOCK])


async def upsert(
    db: BaseDBAsyncClient,
    table: str,
    types: Mapping[str, str],
    key: Collection[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    change: Collection[str] = (),
    made: Mapping[str, str] | None = None,
    bump: str | None = None,
    tell: Callable[[int], None] | None = None,
) -> None:
    """Insert ``rows`` into ``table``; where ``key`` is taken, set the columns ``change`` (none = leave the row alone;
    no key = every row is new).
    ``types``: every column written → its PostgreSQL type; a row says them all. ``made``: further columns → the
    expression that makes them. ``bump``: a number that grows by one when a row is set. ``tell`` hears how many rows are
    done."""
    made = made or {}
    columns = ", ".join(f'"{name}"' for name in (*made, *types))
    values = ", ".join((*made.values(), *(f'"{name}"' for name in types)))
    shape = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in change)
    sets += f', "{bump}" = {table}."{bump}" + 1' if bump else ""
    keys = ", ".join(f'"{name}"' for name in key)
    statement = (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM json_to_recordset($1::json) AS r({shape}) "  # noqa: S608
        + (f"ON CONFLICT ({keys}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}" if key else "")
    )
    # The next chunk is put into words while the database works on this one.
    loop = asyncio.get_running_loop()
    parts = [*chunks(rows), ()]
    ready = loop.run_in_executor(None, _dumped, parts[0])
    for number, following in enumerate(parts[1:], 1):
        body = await ready
        ready = loop.run_in_executor(None, _dumped, following)
        await db.execute_query(statement, [body])
        if tell is not None:
            tell(min(len(rows), number * CHUNK))
    await ready


async def weighed(db: BaseDBAsyncClient, tables: Collection[str], rows: int) -> None:
    """Let PostgreSQL look at tables that just grew by many rows: plans made while they were small are very slow."""
    if rows >= CHUNK:
        await db.execute_query(f"ANALYZE {', '.join(sorted(tables))}")


def _dumped(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, default=str)


def from_json(value: Any) -> Any:
    """A JSON column as the driver gives it (text) or as a codec already read it."""
    return json.loads(value) if isinstance(value, str) else value


async def settled(act: Act, verb: journal.Verb[Report], noun: str, rows: int) -> Report:
    """Run ``verb`` in one patient transaction. What somebody else wrote in the same moment is a fault to import again
    for, not an error of the program."""
    try:
        return await journal.writing(act, verb, patience=PATIENCE_SECONDS)
    except IntegrityError:
        fault = Fault(
            "file",
            "写入时与刚刚的其他改动相撞，没有写入任何内容；请再导入一次",
            "met another change made just now, nothing was written; import again",
        )
        return failed(noun, rows, [fault])


def may_somewhere(act: Act) -> None:
    """Pass, or raise :class:`Forbidden`, when the actor may import into no region at all."""
    scope = access.scopes(act.actor, "import.write")
    if scope is not None and not scope[0]:
        raise Forbidden("import.write", anonymous=act.actor.id is None)


async def may_everywhere(act: Act, noun: str) -> None:
    """Pass, or raise, when the actor may import what concerns the whole city."""
    roots = [region.code for region in await Region.filter(parent_id__isnull=True)]
    for root in roots or [""]:
        access.require(act.actor, "import.write", access.Thing(noun, region=root))
