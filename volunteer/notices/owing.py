"""Owing a notice: one row a channel, in the transaction of its cause."""

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from volunteer import codes
from volunteer.act import fresh_id
from volunteer.journal import Writing
from volunteer.notices.kinds import KINDS, Kind
from volunteer.notices.ways import UNREAD, Reach, pressing, ways
from volunteer.quiet import Quiet

_ROW = """INSERT INTO notice
(id, volunteer_id, kind, ref, channel, data, message_id, state, due_at, until, created_at, sent_at, escalate_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (kind, ref, volunteer_id, channel) """
_ONCE = _ROW + "DO NOTHING"
# The same reminder of a shift that was moved: it is owed anew, as another letter.
_ANEW = (
    _ROW
    + """DO UPDATE SET id = EXCLUDED.id, data = EXCLUDED.data, message_id = EXCLUDED.message_id, state = EXCLUDED.state,
due_at = EXCLUDED.due_at, until = EXCLUDED.until, created_at = EXCLUDED.created_at, sent_at = EXCLUDED.sent_at,
escalate_at = EXCLUDED.escalate_at, read_at = NULL, lead_id = NULL, tries = 0, error = '', claimed_until = NULL,
fence = notice.fence + 1 WHERE notice.until IS DISTINCT FROM EXCLUDED.until"""
)
_OLDER = """SELECT id, channel, state, read_at, claimed_until > clock_timestamp() AS claimed FROM notice
WHERE kind = $1 AND ref = $2 AND volunteer_id = $3 FOR UPDATE"""
_SILENCE = "UPDATE notice SET state = 'dropped', error = 'overtaken' WHERE id = ANY($1)"
_REACH = """SELECT v.email, v.phone, c.channels, c.quiet_from, c.quiet_until, c.digest, c.refused,
  EXISTS (SELECT 1 FROM subscription s WHERE s.volunteer_id = v.id) AS push
FROM volunteer v LEFT JOIN contact c ON c.volunteer_id = v.id WHERE v.id = $1"""


async def owe(
    w: Writing,
    kind: str,
    volunteer_id: UUID,
    *,
    ref: UUID | None = None,
    until: datetime | None = None,
    data: Mapping[str, Any] | None = None,
    anew: bool = False,
) -> None:
    """Owe this person a notice, at most once per kind and ``ref``: in the inbox at once, through the channels that the
    person wants when their quiet hours allow. ``until``: when it is of no use any more. ``data``: words and ids, no
    secrets. ``anew``: again when ``until`` has changed. :class:`KeyError` for a kind without words."""
    said = KINDS[kind]
    if said.instead_of and await _overtaken(w, said.instead_of, ref, volunteer_id):
        return
    at = await w.clock()
    reach = Reach() if said.opens else await reached(w, volunteer_id)
    rows = [(channel, "due", due) for channel, due in ways(said, reach, at, until)]
    if not said.opens:
        rows.insert(0, ("app", "sent", at))
    for channel, state, due in rows:
        row = fresh_id(w.act.at)
        inbox = channel == "app"
        values = [
            row, volunteer_id, kind, ref, channel, _json(data or {}), f"<{row}@citong>", state, due, until, at,
            at if inbox else None, _escalates(said, reach, at, until) if inbox else None,
        ]  # fmt: skip
        await w.db.execute_query(_ANEW if anew else _ONCE, values)


def _escalates(said: Kind, reach: Reach, at: datetime, until: datetime | None) -> datetime | None:
    return at + UNREAD if pressing(said, at, until, reach.quiet) else None


async def _overtaken(w: Writing, older: str, ref: UUID | None, volunteer_id: UUID) -> bool:
    """Silence what has not been seen of the older notice. Whether nobody saw any of it: then the newer one need not be
    said either."""
    rows = await w.db.execute_query_dict(_OLDER, [older, ref, volunteer_id])
    unseen = [row["id"] for row in rows if _unseen(row)]
    if unseen:
        await w.db.execute_query(_SILENCE, [unseen])
    gone = [row for row in rows if row["id"] not in unseen and row["state"] in ("due", "sent")]
    return bool(rows) and not gone


def _unseen(row: Mapping[str, Any]) -> bool:
    if row["channel"] == "app":
        return row["read_at"] is None
    return row["state"] == "due" and not row["claimed"]


async def reached(w: Writing, volunteer_id: UUID) -> Reach:
    """How this person can be reached, and wants to be."""
    rows = await w.db.execute_query_dict(_REACH, [volunteer_id])
    return Reach() if not rows else reach_of(rows[0])


def reach_of(row: Mapping[str, Any]) -> Reach:
    channels = json.loads(row["channels"]) if isinstance(row["channels"], str) else row["channels"]
    quiet = Quiet() if row["quiet_from"] is None else Quiet(clock(row["quiet_from"]), clock(row["quiet_until"]))
    return Reach(
        mail=bool(row["email"]) and row["refused"] != codes.digest(row["email"]),
        phone=bool(row["phone"]),
        push=row["push"],
        channels=channels or {},
        quiet=quiet,
        digest=None if row["digest"] is None else clock(row["digest"]),
    )


def clock(minutes: int) -> time:
    """A time of day from its minutes."""
    return time(minutes // 60, minutes % 60)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data), ensure_ascii=False, default=str)
