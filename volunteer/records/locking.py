"""The end of a record: when its public notice is over and nobody objects any more it is locked, and credited in the
ledger; one that takes another's place takes that one's credit back with a contra entry, in the same transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from volunteer import journal, notices
from volunteer.act import Act, fresh_id
from volunteer.journal import Writing
from volunteer.models import Credit, ServiceRecord
from volunteer.records import hours
from volunteer.records.proposing import move, tell

AT_ONCE: Final = 200

# Its notice is over by the clock in $1, and nobody's objection is open.
_OVER: Final = """state = 'under_notice' AND notice_until <= $1
AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.record_id = r.id AND o.upheld IS NULL)"""
_DUE: Final = f"SELECT id FROM service_record r WHERE {_OVER} ORDER BY id LIMIT $2"  # noqa: S608
# What somebody else holds waits for the next sweep.
_HELD: Final = f"SELECT id FROM service_record r WHERE id = $2 AND {_OVER} FOR UPDATE SKIP LOCKED"  # noqa: S608


async def lock_due(act: Act) -> int:
    """Lock the records whose notice is over, each by itself; how many were."""
    rows = await get_connection("default").execute_query_dict(_DUE, [act.at, AT_ONCE])
    return await journal.each(act, [(row["id"], _turn(row["id"])) for row in rows])


def _turn(record_id: UUID) -> Callable[[Writing], Awaitable[int]]:
    async def verb(w: Writing) -> int:
        at = await w.clock()
        if not await w.db.execute_query_dict(_HELD, [at, record_id]):
            return 0
        row = await ServiceRecord.get(id=record_id)
        await _lock(w, row, at)
        tell(w, "locked", [row])
        return 1

    return verb


async def _lock(w: Writing, row: ServiceRecord, at: datetime) -> None:
    """The older one first: of the records of one service one at most is locked, says the database."""
    await _take_back(w, row, at)
    await move(row, "lock", locked_at=at)
    await _credit(row, "credit", row.minutes, at)
    about = {"hours": hours.spoken(row.minutes)}
    await notices.owe(w, "record.locked", row.volunteer_id, ref=row.id, data=about)


async def _take_back(w: Writing, row: ServiceRecord, at: datetime) -> None:
    """What this one takes the place of may itself have been corrected before it was locked: the one that counts so far
    is looked for among all of the service."""
    if row.supersedes_id is None:
        return
    older = await ServiceRecord.get_or_none(cause=row.cause, state="locked")
    if older is not None:
        await w.db.execute_query("SELECT id FROM service_record WHERE id = $1 FOR UPDATE", [older.id])
        await move(older, "correct")
        await _credit(older, "contra", -older.minutes, at)
        tell(w, "corrected", [older])


async def _credit(row: ServiceRecord, kind: str, minutes: int, at: datetime) -> None:
    await Credit.create(
        id=fresh_id(at), record_id=row.id, volunteer_id=row.volunteer_id, kind=kind, minutes=minutes, at=at
    )
