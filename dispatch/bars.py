"""The bar: one shift as the boards draw it, its staffing in counts. The row that entries carry; never a name in it."""

import json
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from dispatch.turns import AT, TO

Bar = dict[str, Any]

_BARS: Final = f"""SELECT s.id, s.event_id, e.title, e.title_en, e.mode, e.state, e.priority, s.starts_at, s.ends_at,
  e.version, e.region_id, s.venue_id, e.phase, {TO} AS turns_to, {AT} AS turns_at,
  coalesce((SELECT json_agg(json_build_object('id', n.id, 'role', n.role, 'leader', n.leader,
    'min', n.min, 'desired', n.desired, 'max', n.max, 'filled', n.taken, 'version', n.version, 'offered',
    (SELECT count(*) FROM assignment a WHERE a.need_id = n.id AND a.status = 'offered'))
    ORDER BY n.leader DESC, n.role, n.id) FROM need n WHERE n.shift_id = s.id), '[]') AS needs
FROM shift s JOIN event e ON e.id = s.event_id WHERE s.id = ANY({{shifts}})"""  # noqa: S608
_OF: Final = _BARS.format(shifts="$1")
# The array read apart: a plan for one that is not known serves for good, one for each would be made anew each time.
_AROUND: Final = _BARS.format(
    shifts="ARRAY(SELECT shift_id FROM need WHERE id = ANY(ARRAY(SELECT unnest($1::uuid[]))))"
)

COUNTS = ("min", "desired", "max", "filled", "offered")


async def of(db: BaseDBAsyncClient, shift_ids: list[UUID]) -> dict[UUID, Bar]:
    """The bars of these shifts, by shift id. Counts are over the shift's needs; ``needs`` lists them, leader first."""
    return {row["id"]: _drawn(row) for row in await db.execute_query_dict(_OF, [shift_ids])}


async def around(db: BaseDBAsyncClient, need_ids: list[UUID]) -> dict[UUID, Bar]:
    """The bars of the shifts of these needs, by the id of each need on them."""
    rows = await db.execute_query_dict(_AROUND, [need_ids])
    return {need["id"]: bar for bar in map(_drawn, rows) for need in bar["needs"]}


def _drawn(row: dict[str, Any]) -> Bar:
    needs = json.loads(row["needs"])
    for need in needs:
        need["id"] = UUID(need["id"])
    return {**row, "needs": needs, **{count: sum(need[count] for need in needs) for count in COUNTS}}


def holes(bar: Bar) -> int:
    """Mandatory seats that nobody has accepted yet."""
    return sum(max(0, need["min"] - need["filled"]) for need in bar["needs"])
