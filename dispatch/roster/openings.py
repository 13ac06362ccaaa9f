"""Open seats as one person may look for them: what fits, how far, how many are free, and why not. Reads, never writes.

The verdict on each is the registry's, as for an offer; what the roster says comes first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tortoise.connection import get_connection

from dispatch import snapshot
from dispatch.lifecycle import CLAIMS
from dispatch.models import Event, Need, Shift, Venue
from dispatch.models.stored import made
from dispatch.planner import rules
from dispatch.planner.desk import open_desk
from dispatch.roster import seen
from dispatch.settings import policy
from volunteer import skills
from volunteer import words as said
from volunteer.act import Language
from volunteer.errors import Reason
from volunteer.models import Region, Volunteer
from volunteer.spans import Span

View = dict[str, Any]

A_LOOK: Final = 60  # needs judged at once
A_GLANCE: Final = 8  # when one will do
MOST: Final = 300  # looked at in all for one page

# Needs of events that anybody may join, in the person's city, that the person has no claim on, by start.
_OPEN: Final = """SELECT n.id, c.free, c.waiting, to_json(n) AS need, to_json(s) AS shift, to_json(e) AS event,
  to_json(v) AS venue, to_json(r) AS region
FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id
  JOIN region r ON r.code = v.region_id CROSS JOIN LATERAL (SELECT
    (n.max - n.taken - CASE WHEN n.mode = 'race' THEN 0 ELSE (SELECT count(*) FROM assignment o
      WHERE o.need_id = n.id AND o.status = 'offered') END)::int AS free,
    (SELECT count(*) FROM assignment w WHERE w.need_id = n.id AND w.status = 'standby')::int AS waiting) c
WHERE e.state = 'published' AND s.starts_at >= greatest($2::timestamptz, clock_timestamp()) AND s.starts_at < $3
  AND e.region_id LIKE $4 AND ($5 = '' OR e.mode = $5) AND n.team_id IS NULL
  AND ($6::float8 IS NULL OR v.lat IS NULL OR $7::float8 IS NULL OR 12742 * asin(sqrt(least(1,
    power(sin(radians(v.lat - $7) / 2), 2) + cos(radians($7)) * cos(radians(v.lat))
    * power(sin(radians(v.lon - $8) / 2), 2)))) <= $6)
  AND NOT EXISTS (SELECT FROM assignment a WHERE a.need_id = n.id AND a.volunteer_id = $1 AND a.status = ANY($9))
  AND ($12 OR (n.taken < n.max AND c.free > c.waiting))
ORDER BY s.starts_at, n.id OFFSET $10 LIMIT $11"""


@dataclass(frozen=True, slots=True)
class Wish:
    """``km``: no farther than this; ``full``: those without a free seat too, to wait for one; ``unfit``: those too
    that a rule speaks against, with every reason."""

    window: Span
    mode: str = ""
    km: float | None = None
    full: bool = False
    unfit: bool = False


async def listed(
    me: Volunteer, wish: Wish, language: Language, *, skip: int, limit: int, look: int = A_LOOK, most: int = MOST
) -> tuple[list[View], int | None]:
    """The next seats that match, by start; and how many needs were looked at in all, if there may be more."""
    found: list[View] = []
    end = skip + most
    while len(found) < limit and skip < end:
        rows = await _rows(me, wish, skip, min(look, end - skip))
        for _, view in await _judged(me, rows, language):
            skip += 1
            if wish.unfit or not view["reasons"]:
                found.append(view)
            if len(found) == limit:
                return found, skip
        if len(rows) < look:
            return found, None
    return found, skip


async def _rows(me: Volunteer, wish: Wish, skip: int, limit: int) -> list[dict[str, Any]]:
    values = [
        me.id, wish.window.start, wish.window.end, f"{me.region_id[:4]}%", wish.mode, wish.km, me.lat, me.lon,
        list(CLAIMS), skip, limit, wish.full,
    ]  # fmt: skip
    return await get_connection("default").execute_query_dict(_OPEN, values)


async def _judged(
    me: Volunteer, rows: Sequence[dict[str, Any]], language: Language
) -> list[tuple[dict[str, Any], View]]:
    if not rows:
        return []
    await skills.learned()
    needs = {row["id"]: _need(row) for row in rows}
    desk = open_desk((await snapshot.among(me.id, list(needs), policy().weights)).problem)
    judged = []
    for row in rows:
        need = needs[row["id"]]
        broken = rules.why_not(desk, str(me.id), str(need.id), by_hand=True)
        reasons = [Reason(one.rule, dict(one.data)) for one in broken]
        judged.append((row, _view(need, row, me, reasons, language)))
    return judged


def _need(row: dict[str, Any]) -> Need:
    """The need with all that it hangs from."""
    (need,), (shift,) = made(Need, [json.loads(row["need"])]), made(Shift, [json.loads(row["shift"])])
    (event,), (venue,) = made(Event, [json.loads(row["event"])]), made(Venue, [json.loads(row["venue"])])
    (region,) = made(Region, [json.loads(row["region"])])
    need.shift, shift.event, shift.venue, venue.region = shift, event, venue, region
    return need


def _view(need: Need, row: dict[str, Any], me: Volunteer, reasons: Sequence[Reason], language: Language) -> View:
    told = []
    for reason in reasons:
        text, remedy = said.reason(reason.rule, reason.data, language)
        told.append({"rule": reason.rule, "data": reason.data, "text": text, "remedy": remedy})
    free = max(0, row["free"] - row["waiting"])
    fits = not reasons
    return {
        "need_id": need.id,
        **seen.facts(need, me),
        "min": need.min,
        "max": need.max,
        "taken": need.taken,
        "free": free,
        "waiting": row["waiting"],
        "reasons": told,
        "can": {"take": fits and free > 0, "stand_by": fits and free == 0},
    }


async def next_for(me: Volunteer, at: datetime, language: Language) -> View | None:
    """The soonest seat of the next four weeks that is free and fits: what the loser of a race is shown."""
    items, _ = await listed(
        me, Wish(Span(at, at + timedelta(days=28)), km=me.max_km), language, skip=0, limit=1, look=A_GLANCE
    )
    return items[0] if items else None
