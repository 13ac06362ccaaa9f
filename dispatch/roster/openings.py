"""Open seats as one person may look for them: what fits, how far, how many are free, and why not. Reads, never writes.

The verdict on each is the registry's, as for an offer; what the roster says comes first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch import snapshot
from dispatch.lifecycle import CLAIMS, SEATED
from dispatch.models import Need
from dispatch.models.stored import made
from dispatch.planner import rules
from dispatch.planner.desk import open_desk
from dispatch.pool import ZONE, Pattern, point
from dispatch.roster import seen
from dispatch.settings import policy
from volunteer import availability, days, skills
from volunteer import words as said
from volunteer.act import Language
from volunteer.errors import Missing, Reason
from volunteer.models import Override, Volunteer
from volunteer.spans import Span

View = dict[str, Any]

A_LOOK: Final = 60  # needs judged at once
A_GLANCE: Final = 1  # at first, when one will do: three in four of those that the query leaves in do fit
MOST: Final = 300  # looked at in all for one page
LOOKS: Final = 4  # times so many, for one seat
SOON: Final = timedelta(days=4)
AHEAD: Final = timedelta(days=28)

# Who looks, when they are free, and which offer of theirs ends first (found among theirs: an array, not a LIMIT, for
# which everybody's offers might be walked through by their ends).
_SEEKER: Final = """SELECT to_json(p) AS person,
  (SELECT json_agg(json_build_array(w.weekday, w.start, w."end", w.kind)) FROM weekly w
    WHERE w.volunteer_id = p.id) AS weekly,
  (SELECT (array_agg(o.id ORDER BY o.expires_at, o.id))[1] FROM assignment o
    WHERE o.volunteer_id = p.id AND o.status = 'offered') AS offer,
  (SELECT json_agg(o ORDER BY o.created_at, o.id) FROM availability_override o
    WHERE o.volunteer_id = p.id AND o.starts_at < $3 AND o.ends_at > $2) AS overrides
FROM volunteer p WHERE p.id = $1"""

# Needs of events that anybody may join, in the person's city, that the person has no claim on, by start. What certainly
# does not fit is left out first ($13: unless that is wished for): hours that are not theirs ($14, $15), a promise at
# the same time ($16), an ability they lack. Shifts are taken one after the other, and the rest is looked at only until
# there are enough: OFFSET 0 keeps the planner, which cannot know how many will do, from reading a city for one seat.
_OPEN: Final = """WITH RECURSIVE held(skill_id, level) AS (
  SELECT skill_id, level FROM qualification WHERE volunteer_id = $1
  UNION SELECT i.included_id, h.level FROM held h JOIN inclusion i ON i.skill_id = h.skill_id)
SELECT n.id, n.free, n.waiting, (SELECT to_json(one) FROM need one WHERE one.id = n.id) AS need,
  (SELECT to_json(one) FROM shift one WHERE one.id = s.id) AS shift,
  (SELECT to_json(one) FROM event one WHERE one.id = s.event_id) AS event,
  (SELECT to_json(one) FROM venue one WHERE one.id = s.venue_id) AS venue,
  (SELECT to_json(r) FROM venue one JOIN region r ON r.code = one.region_id WHERE one.id = s.venue_id) AS region
FROM (SELECT id, event_id, venue_id, starts_at, starts_at - make_interval(mins => call) AS since,
    ends_at + make_interval(mins => "out") AS until FROM shift
  WHERE starts_at >= greatest($2::timestamptz, statement_timestamp()) AND starts_at < $3
  ORDER BY starts_at, id OFFSET 0) s
CROSS JOIN LATERAL (SELECT FROM event WHERE id = s.event_id AND state = 'published' AND region_id LIKE $4
  AND ($5 = '' OR mode = $5) OFFSET 0) e
CROSS JOIN LATERAL (SELECT FROM venue v WHERE v.id = s.venue_id
  AND ($6::float8 IS NULL OR v.lat IS NULL OR $7::float8 IS NULL OR 12742 * asin(sqrt(least(1,
    power(sin(radians(v.lat - $7) / 2), 2) + cos(radians($7)) * cos(radians(v.lat))
    * power(sin(radians(v.lon - $8) / 2), 2)))) <= $6) OFFSET 0) v
CROSS JOIN LATERAL (SELECT n.id, c.free, c.waiting FROM need n CROSS JOIN LATERAL (SELECT (n.max - n.taken
      - CASE WHEN n.mode = 'race' THEN 0 ELSE count(*) FILTER (WHERE o.status = 'offered') END)::int AS free,
      (count(*) FILTER (WHERE o.status = 'standby'))::int AS waiting
    FROM assignment o WHERE o.need_id = n.id AND o.status IN ('offered', 'standby')) c
  WHERE n.shift_id = s.id AND n.team_id IS NULL AND ($12 OR (n.taken < n.max AND c.free > c.waiting))
    AND n.id <> ALL(ARRAY(SELECT a.need_id FROM assignment a WHERE a.volunteer_id = $1 AND a.status = ANY($9)))
    AND ($13 OR NOT EXISTS (SELECT FROM jsonb_array_elements(n.asks) q WHERE NOT EXISTS (SELECT FROM held h
      WHERE h.skill_id = q.value->>'skill' AND h.level >= (q.value->>'level')::int)))
  ORDER BY n.id OFFSET 0) n
WHERE $13 OR (
  EXISTS (SELECT FROM unnest($14::text[]::timestamptz[], $15::text[]::timestamptz[]) f(since, until)
    WHERE f.since <= s.since AND f.until >= s.until)
  AND NOT EXISTS (SELECT FROM assignment b WHERE b.volunteer_id = $1 AND b.status = ANY($16)
    AND b.occupies_from < s.until AND b.occupies_until > s.since))
ORDER BY s.starts_at, s.id, n.id OFFSET $10 LIMIT $11"""


@dataclass(frozen=True, slots=True)
class Wish:
    """``km``: no farther than this; ``full``: those without a free seat too, to wait for one; ``unfit``: those too
    that a rule speaks against, with every reason."""

    window: Span
    mode: str = ""
    km: float | None = None
    full: bool = False
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks, and the hours that are theirs in the days that they look at. ``offer``: of their open ones, the line
    that ends first."""

    me: Volunteer
    free: tuple[Span, ...]
    offer: UUID | None


async def seeker(volunteer_id: UUID, window: Span) -> Seeker:
    """The person as they look for a seat that begins in ``window``. Raises :class:`Missing`."""
    since = window.start.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    wide = Span(since, since + timedelta(days=(window.end - since).days + 3))  # whole days: worked out once a day
    rows = await get_connection("default").execute_query_dict(_SEEKER, [volunteer_id, wide.start, wide.end])
    if not rows:
        raise Missing("volunteer")
    (row,) = rows
    weekly = [Pattern(*line) for line in json.loads(row["weekly"] or "[]")]
    overrides = made(Override, json.loads(row["overrides"] or "[]"))
    free, _ = availability.spans(weekly, overrides, wide, ZONE, days.calendar(wide, ZONE))
    return Seeker(made(Volunteer, [json.loads(row["person"])])[0], tuple(free), row["offer"])


async def listed(
    seeker: Seeker, wish: Wish, language: Language, *, skip: int, limit: int, look: int = A_LOOK, most: int = MOST
) -> tuple[list[View], int | None]:
    """The next seats that match, by start; and how many needs were looked at in all, if there may be more. ``look``:
    how many are judged at once at first, and twice as many each time."""
    found: list[View] = []
    end = skip + most
    while len(found) < limit and skip < end:
        asked = min(look, end - skip)
        rows = await _rows(seeker, wish, skip, asked)
        for view in await _judged(seeker.me, rows, language):
            skip += 1
            if wish.unfit or not view["reasons"]:
                found.append(view)
            if len(found) == limit:
                return found, skip
        if len(rows) < asked:
            return found, None
        look = min(2 * look, A_LOOK)
    return found, skip


async def _rows(seeker: Seeker, wish: Wish, skip: int, limit: int) -> list[dict[str, Any]]:
    me = seeker.me
    # The rules count in whole minutes: a span is theirs to the end of its last one. As texts: the driver would ask what
    # an array of instants is, on each new connection.
    since = [span.start.replace(second=0, microsecond=0).isoformat() for span in seeker.free]
    until = [(span.end + timedelta(minutes=1)).isoformat() for span in seeker.free]
    values = [
        me.id, wish.window.start, wish.window.end, f"{me.region_id[:4]}%", wish.mode, wish.km, me.lat, me.lon,
        list(CLAIMS), skip, limit, wish.full, wish.unfit, since, until, list(SEATED),
    ]  # fmt: skip
    return await get_connection("default").execute_query_dict(_OPEN, values)


async def _judged(me: Volunteer, rows: Sequence[dict[str, Any]], language: Language) -> list[View]:
    if not rows:
        return []
    await skills.learned()
    desk = open_desk((await snapshot.among(me.id, [row["id"] for row in rows], policy().weights)).problem)
    judged = []
    for row in rows:
        broken = rules.why_not(desk, str(me.id), str(row["id"]), by_hand=True)
        judged.append(_view(seen.whole(row), row, me, [Reason(one.rule, dict(one.data)) for one in broken], language))
    return judged


def _view(need: Need, row: dict[str, Any], me: Volunteer, reasons: Sequence[Reason], language: Language) -> View:
    told = []
    for reason in reasons:
        text, remedy = said.reason(reason.rule, reason.data, language)
        told.append({"rule": reason.rule, "data": reason.data, "text": text, "remedy": remedy})
    free = max(0, row["free"] - row["waiting"])
    fits = not reasons
    return {
        "need_id": need.id,
        **seen.facts(need, point(me.lat, me.lon)),
        "min": need.min,
        "max": need.max,
        "taken": need.taken,
        "free": free,
        "waiting": row["waiting"],
        "reasons": told,
        "can": {"take": fits and free > 0, "stand_by": fits and free == 0},
    }


async def instead(volunteer_id: UUID, at: datetime, language: Language) -> View | None:
    """What the loser of a race is shown: the ``offer`` of theirs that ends first; without one the ``opening`` of
    :func:`next_for`. None when there is neither."""
    who = await seeker(volunteer_id, Span(at, at + AHEAD))
    if who.offer is not None:
        return {"offer": (await seen.shown([who.offer], language))[0]}
    opening = await next_for(who, at, language)
    return opening and {"opening": opening}


async def next_for(who: Seeker, at: datetime, language: Language, *, most: int = MOST) -> View | None:
    """The soonest seat of the next four weeks that is free and fits, among the first of each part: whom nothing fits,
    because they are busy all week, say, do not have a whole city looked through. ``most``: looked at in one go."""
    near = Span(at, at + SOON)  # as a rule there is one, and the rest need not be looked through
    for part in (near, Span(near.end, at + AHEAD)):
        skip: int | None = 0
        for look in (A_GLANCE, *(LOOKS - 1) * (A_LOOK,)):
            items, skip = await listed(
                who, Wish(part, km=who.me.max_km), language, skip=skip or 0, limit=1, look=look, most=most
            )
            if items:
                return items[0]
            if skip is None:
                break
    return None
