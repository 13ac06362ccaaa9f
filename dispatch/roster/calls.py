"""A need's call: opened when people are to be asked, looked at again when something happened. Rows and entries only.

Whoever changes a call holds its need.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from dispatch import lifecycle
from dispatch.lifecycle import CALL
from dispatch.models import Assignment, Call
from volunteer.act import fresh_id
from volunteer.journal import Writing, topics_of

# A seat came free: the call opens anew, unless a person has closed it.
_VACATED: Final = """INSERT INTO call (id, need_id, state, cause, due_at, opened_at)
VALUES ($1, $2, 'running', 'dropout', $3, $3) ON CONFLICT (need_id) DO UPDATE SET state = 'running', reason = '',
  cause = CASE WHEN call.state = 'resting' THEN 'dropout' ELSE call.cause END,
  number = CASE WHEN call.state = 'resting' THEN 0 ELSE call.number END,
  asked = CASE WHEN call.state = 'resting' THEN 0 ELSE call.asked END,
  opened_at = CASE WHEN call.state = 'resting' THEN excluded.opened_at ELSE call.opened_at END,
  suggested = 0, due_at = least(coalesce(call.due_at, excluded.due_at), excluded.due_at), version = call.version + 1
WHERE call.reason <> 'person'"""
# An offer came to nothing: a running call is looked at now; a need without one gets it.
_LOST: Final = """INSERT INTO call (id, need_id, state, cause, due_at, opened_at)
VALUES ($1, $2, 'running', 'dropout', $3, $3) ON CONFLICT (need_id) DO UPDATE
SET due_at = least(call.due_at, excluded.due_at), version = call.version + 1 WHERE call.state = 'running'"""

# What a plan's publication asks is the first wave. A need where the first yes wins may be asked more widely at once.
_PUBLISHED: Final = """INSERT INTO call (id, need_id, state, cause, number, asked, due_at, opened_at, sent_at, by_id)
SELECT p.id, p.need, 'running', 'publish', p.number, p.asked, p.due, $6, $6, $7
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::timestamptz[]) AS p(id, need, number, asked, due)
ON CONFLICT (need_id) DO UPDATE SET state = 'running', cause = 'publish', reason = '', number = excluded.number,
  asked = excluded.asked, suggested = 0, due_at = excluded.due_at, opened_at = excluded.opened_at,
  sent_at = excluded.sent_at, by_id = excluded.by_id, version = call.version + 1"""
# How often each was asked in the seven days before; one publication counts once.
_CONTACTS: Final = """SELECT volunteer_id, count(DISTINCT coalesce(draft_id, id))::int AS times FROM assignment
WHERE volunteer_id = ANY($1) AND source <> 'self' AND offered_at > $2::timestamptz - interval '7 days'
GROUP BY volunteer_id"""

_STIRS: Final = {
    "cancelled": _VACATED, "missed": _VACATED, "released": _VACATED, "declined": _LOST, "expired": _LOST,
}  # fmt: skip


async def stir(w: Writing, kind: str, need_ids: Collection[UUID]) -> None:
    """What happened to lines on these needs (the ``kind`` of their entry) may call for people."""
    sql = _STIRS.get(kind)
    if sql is not None:
        at = await w.clock()
        for need_id in sorted(set(need_ids)):
            await w.db.execute_query(sql, [fresh_id(w.act.at), need_id, at])


async def contacts(db: BaseDBAsyncClient, people: Collection[UUID], at: datetime) -> dict[UUID, int]:
    """How often these people were asked in the seven days before ``at``. Exact for those whom the caller holds."""
    rows = await db.execute_query_dict(_CONTACTS, [list(people), at])
    return {row["volunteer_id"]: row["times"] for row in rows}


async def published(w: Writing, lines: Sequence[Assignment], races: Collection[UUID], at: datetime) -> None:
    """Open the calls of these needs: a plan has just asked the people of these lines. ``races``: the needs where the
    first yes wins."""
    needs: dict[UUID, list[datetime]] = defaultdict(list)
    for line in lines:
        needs[line.need_id].append(line.expires_at or at)
    rows = sorted(needs.items())
    if rows:
        ids = [fresh_id(w.act.at) for _ in rows]
        number = [int(need not in races) for need, _ in rows]
        due = [at if need in races else at + (min(until) - at) / 2 for need, until in rows]
        asked = [len(until) for _, until in rows]
        values = [ids, [need for need, _ in rows], number, asked, due, at, w.act.actor.id]
        await w.db.execute_query(_PUBLISHED, values)


async def opened(w: Writing, need_id: UUID, cause: str, due: datetime, *, number: int = 0, asked: int = 0) -> Call:
    """The need's call, opened anew. A suggested wave counts as agreed to."""
    call = await Call.filter(need_id=need_id).select_for_update().first()
    if call is None:
        call = Call(id=fresh_id(w.act.at), need_id=need_id, state="running", cause=cause, due_at=due, opened_at=due)
        call.number, call.asked, call.by_id = number, asked, w.act.actor.id
        await call.save(force_create=True)
        await call.refresh_from_db()
        return call
    if call.state == "suggested":
        return await store(call, "open", due_at=due, by_id=w.act.actor.id, reason="")
    fresh = {"cause": cause, "reason": "", "number": number, "asked": asked, "suggested": 0, "opened_at": due}
    return await store(call, "open", due_at=due, by_id=w.act.actor.id, **fresh)


async def store(call: Call, move: str | None, **fields: Any) -> Call:
    """Step the call by ``move`` (none: it stays) and set these columns, one version on."""
    state = call.state if move is None else lifecycle.step(CALL, call.state, move)
    for name, value in {"state": state, "version": call.version + 1, **fields}.items():
        setattr(call, name, value)
    await call.save(update_fields=["state", "version", *fields])
    return call


def tell(w: Writing, kind: str, call: Call, event_id: UUID, region: str) -> None:
    """One entry ``call.<kind>`` to the event and the boards of its region."""
    w.entry(f"call.{kind}", topics=(f"event:{event_id}", *topics_of(region)), ref=call.id, body={"call": row(call)})


def row(call: Call) -> dict[str, Any]:
    """The call as boards show it."""
    names = ("id", "need_id", "state", "cause", "reason", "number", "asked", "suggested", "filled", "due_at", "version")
    return {name: getattr(call, name) for name in names}
