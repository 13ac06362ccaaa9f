"""When an event's phase turns by itself, in the words of the database: the due columns are its own.

An event that is open locks before its first call (``locks_at``), runs from that call, is finished with its last shift,
and is closed ``CLOSE_HOURS`` later, or as soon as it is settled who came.
"""

from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

CLOSE_HOURS: Final = 48  # after the end, who calls the roll may still note what was

# The verb of each turn, by the state that it leaves, and the entry that tells of it.
TURNS: Final = {
    "published": ("lock", "locked"),
    "locked": ("start", "started"),
    "running": ("finish", "finished"),
    "finished": ("close", "closed"),
}

# Of the event ``e``: when people first arrive; which state comes next, and when; whether it is settled who came.
FIRST_CALL: Final = "(SELECT min(f.starts_at - make_interval(mins => f.call)) FROM shift f WHERE f.event_id = e.id)"
TO: Final = (
    "CASE e.state WHEN 'published' THEN 'locked' WHEN 'locked' THEN 'running' WHEN 'running' THEN 'finished' "
    "WHEN 'finished' THEN 'closed' END"
)
AT: Final = (
    f"CASE e.state WHEN 'published' THEN coalesce(e.locks_at, {FIRST_CALL}) WHEN 'locked' THEN {FIRST_CALL} "
    f"WHEN 'running' THEN e.ends_at WHEN 'finished' THEN e.ends_at + interval '{CLOSE_HOURS} hours' END"
)
SETTLED: Final = (
    "NOT EXISTS (SELECT 1 FROM assignment l JOIN need m ON m.id = l.need_id JOIN shift f ON f.id = m.shift_id "
    "WHERE f.event_id = e.id AND l.status IN ('accepted', 'checked_in'))"
)
DUE: Final = f"coalesce({AT} <= clock_timestamp(), false) OR (e.state = 'finished' AND {SETTLED})"

_NEXT: Final = f"SELECT e.phase, {TO} AS turns_to, {AT} AS turns_at FROM event e WHERE e.id = $1"  # noqa: S608


async def next_of(db: BaseDBAsyncClient, event_id: UUID) -> dict[str, Any]:
    """``phase``, ``turns_to``, ``turns_at``: how the event stands and which state comes next by itself, and when."""
    return dict((await db.execute_query_dict(_NEXT, [event_id]))[0])
