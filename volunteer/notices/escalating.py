"""What presses and stays unread goes on to the next channel, one step a time, as long as it is of use.

``escalate_at`` is the due column: set when the notice is owed, moved on with each step, emptied when it was read, when
nothing is left to try, or when nobody need act on it any more.
"""

from datetime import datetime
from uuid import UUID

from volunteer import journal
from volunteer.act import Act, fresh_id
from volunteer.journal import Writing
from volunteer.models import Notice
from volunteer.notices import letters
from volunteer.notices.kinds import KINDS
from volunteer.notices.owing import reached
from volunteer.notices.ways import UNREAD, ladder
from volunteer.quiet import waking

AT_ONCE = 200

_DUE = """SELECT id FROM notice WHERE escalate_at <= clock_timestamp() AND read_at IS NULL AND channel = 'app'
AND state = 'sent' AND kind = ANY($2) ORDER BY escalate_at, id LIMIT $1 FOR UPDATE SKIP LOCKED"""
_SETTLED = """UPDATE notice SET escalate_at = NULL WHERE escalate_at <= clock_timestamp()
AND (read_at IS NOT NULL OR state <> 'sent' OR until <= clock_timestamp())"""
_USED = "SELECT channel, state FROM notice WHERE kind = $1 AND ref IS NOT DISTINCT FROM $2 AND volunteer_id = $3"
_NEXT = """INSERT INTO notice (id, volunteer_id, kind, ref, channel, data, message_id, state, due_at, until, created_at)
SELECT $1::uuid, volunteer_id, kind, ref, $2, data, $3, 'due', $4, until, $5 FROM notice WHERE id = $6
ON CONFLICT (kind, ref, volunteer_id, channel) DO NOTHING"""


async def climb(act: Act) -> int:
    """One step for everything that is due; how many went on to another channel."""

    async def verb(w: Writing) -> int:
        await w.db.execute_query(_SETTLED)
        found = await w.db.execute_query_dict(_DUE, [AT_ONCE, list(KINDS)])
        rows = await Notice.filter(id__in=[row["id"] for row in found])
        facts = await letters.told(rows)
        return sum([await _step(w, row, letters.moot(row, facts.get(row.id))) for row in rows])

    return await journal.writing(act, verb)


async def _step(w: Writing, row: Notice, moot: bool) -> int:
    if moot:
        await _again(w, row.id, None)
        return 0
    at, reach = await w.clock(), await reached(w, row.volunteer_id)
    used = await w.db.execute_query_dict(_USED, [row.kind, row.ref, row.volunteer_id])
    if any(one["state"] == "due" for one in used):  # the step before has not left yet
        await _again(w, row.id, at + UNREAD)
        return 0
    channel = ladder(reach, [one["channel"] for one in used])
    if channel is None:
        await _again(w, row.id, None)
        return 0
    new, due = fresh_id(at), waking(at, row.until, reach.quiet)
    await w.db.execute_query(_NEXT, [new, channel, f"<{new}@citong>", due, at, row.id])
    await _again(w, row.id, due + UNREAD)
    return 1


async def _again(w: Writing, row: UUID, at: datetime | None) -> None:
    await w.db.execute_query("UPDATE notice SET escalate_at = $2 WHERE id = $1", [row, at])
