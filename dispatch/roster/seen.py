"""The roster as people see it: a volunteer's offers and week, a region's board. Views only; nothing is written here.

Every function runs inside one read transaction (``journal.reading``), so that what it returns and the numbers of the
topics belong together.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from dispatch import bars, words
from dispatch.lifecycle import LOCKED, OPEN, SEATED
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.models.stored import made
from dispatch.planner.desk import km as distance
from dispatch.planner.goals import PERCENT
from dispatch.planner.problem import Point
from dispatch.pool import point
from dispatch.roster import seats, undoing
from dispatch.settings import policy
from volunteer.act import Language, now
from volunteer.models import Region
from volunteer.spans import Span

SHIFTS_A_PAGE = 500
View = dict[str, Any]

# Lines with all that they hang from, where the person of each lives, how many others are on the shift. What is found by
# its key alone stands by itself: the order of such joins is not worth planning; nor are other ids, once it is planned.
_LINES = """SELECT to_json(a) AS line, to_json(n) AS need, to_json(s) AS shift,
  (SELECT to_json(e) FROM event e WHERE e.id = s.event_id) AS event,
  (SELECT to_json(v) FROM venue v WHERE v.id = s.venue_id) AS venue,
  (SELECT to_json(r) FROM venue v JOIN region r ON r.code = v.region_id WHERE v.id = s.venue_id) AS region,
  (SELECT json_build_array(p.lat, p.lon) FROM volunteer p WHERE p.id = a.volunteer_id) AS home,
  (SELECT count(*) FROM assignment o WHERE o.need_id = ANY(ARRAY(SELECT m.id FROM need m WHERE m.shift_id = s.id))
    AND o.status = ANY($2) AND o.volunteer_id <> a.volunteer_id)::int AS company
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
WHERE a.id = ANY(ARRAY(SELECT unnest($1::uuid[])))"""
_OFFERS = """SELECT id FROM assignment WHERE volunteer_id = $1 AND status = 'offered' ORDER BY expires_at, id"""
_MINE = """SELECT id FROM assignment WHERE volunteer_id = $1 AND occupies_from < $2 AND occupies_until > $3
  AND status = ANY($4) AND decline_reason <> $5 ORDER BY occupies_from, id"""

_BOARD = """SELECT s.id, s.venue_id, v.name AS venue_name, v.region_id, r.name AS region_name
FROM shift s JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id JOIN region r ON r.code = v.region_id
WHERE e.region_id LIKE $1 AND e.state NOT IN ('draft', 'cancelled') AND s.starts_at >= $2 AND s.starts_at < $3
ORDER BY v.region_id, v.name, v.id, s.starts_at, s.id OFFSET $4 LIMIT $5"""

_TOTALS = """WITH n AS (
  SELECT n.id, n.min, n.desired, n.taken, s.id AS shift_id, s.event_id,
    (SELECT count(*) FROM assignment a WHERE a.need_id = n.id AND a.status = 'offered') AS offered
  FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
  WHERE e.region_id LIKE $1 AND e.state NOT IN ('draft', 'cancelled') AND s.starts_at >= $2 AND s.starts_at < $3)
SELECT count(DISTINCT event_id)::int AS events, count(DISTINCT shift_id)::int AS shifts,
  coalesce(sum(desired), 0)::int AS seats, coalesce(sum(min), 0)::int AS mandatory,
  coalesce(sum(taken), 0)::int AS filled, coalesce(sum(offered), 0)::int AS offered,
  coalesce(sum(greatest(min - taken, 0)), 0)::int AS holes FROM n"""

_HOLES = """SELECT n.id AS need_id, n.shift_id, n.role, n.min - n.taken AS missing, s.starts_at, e.priority,
  (SELECT count(*) FROM assignment a WHERE a.need_id = n.id AND a.status = 'offered')::int AS offered,
  (SELECT min(a.expires_at) FROM assignment a WHERE a.need_id = n.id AND a.status = 'offered') AS lapses_at,
  (SELECT max(a.answered_at) FROM assignment a
    WHERE a.need_id = n.id AND a.status IN ('cancelled', 'no_show')) AS left_at
FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
WHERE e.region_id LIKE $1 AND e.state = ANY($5) AND n.taken < n.min
  AND s.starts_at >= greatest($2::timestamptz, $4::timestamptz) AND s.starts_at < $3"""

# What the newest plan that looked at a need said of it.
_UNMET = """SELECT DISTINCT ON (h.need_id) h.need_id, h.found FROM draft_hole h JOIN draft d ON d.id = h.draft_id
WHERE h.need_id = ANY($1) AND d.state IN ('ready', 'published') AND NOT d.hypothetical
ORDER BY h.need_id, d.ended_at DESC"""


async def offers(volunteer_id: UUID, language: Language) -> list[View]:
    """The person's open offers, soonest deadline first."""
    return await shown(await _ids(_OFFERS, [volunteer_id]), language)


async def mine(volunteer_id: UUID, span: Span, statuses: Sequence[str], language: Language) -> list[View]:
    """The person's lines that occupy a part of ``span``, in order of time."""
    values = [volunteer_id, span.end, span.start, list(statuses), undoing.MISTAKEN]
    return await shown(await _ids(_MINE, values), language)


async def _ids(sql: str, values: list[Any]) -> list[UUID]:
    return [row["id"] for row in await get_connection("default").execute_query_dict(sql, values)]


async def shown(ids: Sequence[UUID], language: Language) -> list[View]:
    """These lines, in this order, as the person of each sees it."""
    if not ids:
        return []
    rows = await get_connection("default").execute_query_dict(_LINES, [list(ids), list(SEATED)])
    lines = made(Assignment, [json.loads(row["line"]) for row in rows])
    given_up = await _given_up([line.replaces_id for line in lines if line.replaces_id])
    at, views = now(), {}
    for line, row in zip(lines, rows, strict=True):
        line.need, home = whole(row), point(*json.loads(row["home"]))
        views[line.id] = _line(line, home, row["company"], language, at) | {"replaces": given_up.get(line.replaces_id)}
    return [views[id_] for id_ in ids]


def whole(row: Mapping[str, Any]) -> Need:
    """The need with all that it hangs from, each as JSON in a column of its own name. To be read only: who is shown the
    same, as a crowd is, shares it."""
    return _whole(row["need"], row["shift"], row["event"], row["venue"], row["region"])


@lru_cache(maxsize=256)
def _whole(*rows: str) -> Need:
    read = [json.loads(row) for row in rows]
    (need,), (shift,), (event,) = made(Need, read[:1]), made(Shift, read[1:2]), made(Event, read[2:3])
    (venue,), (region,) = made(Venue, read[3:4]), made(Region, read[4:])
    need.shift, shift.event, shift.venue, venue.region = shift, event, venue, region
    return need


async def _given_up(ids: Sequence[UUID]) -> dict[UUID | None, View]:
    """The seats that a yes gives up, by their lines, as long as they are held."""
    if not ids:
        return {}
    lines = await Assignment.filter(id__in=ids, status="accepted").prefetch_related("need__shift__event")
    return {
        line.id: {
            "title": line.need.shift.event.title,
            "title_en": line.need.shift.event.title_en,
            "starts_at": line.need.shift.starts_at,
        }
        for line in lines
    }


def _line(line: Assignment, home: Point | None, company: int, language: Language, at: datetime) -> View:
    where = facts(line.need, home)
    told = words.why(line.why, language, km=where["km"])
    return {
        "id": line.id,
        "status": line.status,
        "version": line.version,
        "need_id": line.need_id,
        **where,
        "with_count": company,
        "why": told,
        "why_text": words.why_text(told, language),
        "source": line.source,
        "offered_at": line.offered_at,
        "expires_at": line.expires_at,
        "answered_at": line.answered_at,
        "late": line.late,
        "checked_in_at": line.checked_in_at,
        "checked_out_at": line.checked_out_at,
        "free_until": seats.free_until(line),
        "sign_in": _sign_in(line),
        "team_offer": line.team_offer_id,
        "can": {
            "accept": line.status == "offered" and line.team_offer_id is None,
            "decline": line.status == "offered",
            "cancel": line.status in ("accepted", "standby"),
            "again": line.status == "declined",
            "check_out": line.status == "checked_in" and line.checked_out_at is None,
            "undo": undoing.may(line, line.volunteer_id),
            "swap": _passable(line, at),
        },
    }


def _passable(line: Assignment, at: datetime) -> bool:
    """Whether the seat may be given to somebody else, by the clock and the roster's lock."""
    terms, state = policy().swaps, line.need.shift.event.state
    open_ = state in OPEN and (terms.locked != "closed" or state not in LOCKED)
    return line.status == "accepted" and open_ and at < line.occupies_from - timedelta(hours=terms.close_hours)


def _sign_in(line: Assignment) -> View | None:
    """Between when the person may sign in by the venue's code."""
    terms = policy()
    if line.status != "accepted":
        return None
    return {
        "opens_at": line.occupies_from - timedelta(minutes=terms.signin_opens),
        "closes_at": line.need.shift.starts_at + timedelta(minutes=terms.signin_closes),
    }


def facts(need: Need, home: Point | None) -> View:
    """What, when and where, and how far from ``home``. The need comes with its event, venue and region."""
    venue = need.shift.venue
    there = point(venue.lat, venue.lon)
    found = occasion(need)
    found["venue"] |= {"lat": venue.lat, "lon": venue.lon, "approximate": venue.approximate}
    return {
        **found,
        "leader": need.leader,
        "km": None if home is None or there is None else round(distance(home, there), 1),
    }


def occasion(need: Need) -> View:
    """What, when and where, the same for everybody."""
    shift = need.shift
    event, venue = shift.event, shift.venue
    brief = ("id", "title", "title_en", "mode", "description", "risk_notice", "state")
    return {
        "event": {name: getattr(event, name) for name in brief},
        "shift": {
            "id": shift.id,
            "starts_at": shift.starts_at,
            "ends_at": shift.ends_at,
            "call_at": shift.starts_at - timedelta(minutes=shift.call),
            "out_at": shift.ends_at + timedelta(minutes=shift.out),
            "zone": venue.zone,
        },
        "venue": {
            "id": venue.id,
            "name": venue.name,
            "region": {"code": venue.region_id, "name": venue.region.name},
        },
        "role": need.role,
    }


async def board(region: str, window: Span, skip: int) -> View:
    """Rows by place (region, then venue), each with its bars in order of time; at most ``SHIFTS_A_PAGE`` bars, and
    ``next``: how many were skipped in all when more follow."""
    db = get_connection("default")
    scope = [f"{region}%", window.start, window.end]
    found = await db.execute_query_dict(_BOARD, [*scope, skip, SHIFTS_A_PAGE + 1])
    page = found[:SHIFTS_A_PAGE]
    drawn = await bars.of(db, [row["id"] for row in page])
    places: dict[UUID, View] = {}
    for row in page:
        place = places.setdefault(
            row["venue_id"],
            {
                "venue": {"id": row["venue_id"], "name": row["venue_name"]},
                "region": {"code": row["region_id"], "name": row["region_name"]},
                "shifts": [],
            },
        )
        place["shifts"].append(drawn[row["id"]])
    totals = (await db.execute_query_dict(_TOTALS, scope))[0]
    more = skip + SHIFTS_A_PAGE if len(found) > SHIFTS_A_PAGE else None
    return {"totals": dict(totals), "rows": list(places.values()), "next": more}


async def attention(
    region: str,
    window: Span,
    at: datetime,
    language: Language,
    risks: Mapping[UUID, tuple[float, float]],
    *,
    limit: int = 100,
) -> tuple[list[View], int]:
    """What needs a person now: unfilled mandatory seats, by risk times importance, each with the reasons that the
    newest plan of the region found: how many seats stay empty on average, by the priority's share, more the sooner. The
    first ``limit`` of them, and how many more there are."""
    db = get_connection("default")
    rows = await db.execute_query_dict(_HOLES, [f"{region}%", window.start, window.end, at, list(OPEN)])
    for row in rows:
        hours = max(1.0, (row["starts_at"] - at).total_seconds() / 3600)
        risk, empty = risks.get(row["need_id"], (1.0, float(row["missing"])))
        row["risk"] = round(risk, 3)
        row["weight"] = round(10 * empty * PERCENT[row["priority"] - 1] / math.sqrt(hours))
    rows.sort(key=lambda row: (-row["weight"], row["starts_at"], row["need_id"]))
    more, rows = max(0, len(rows) - limit), rows[:limit]
    drawn = await bars.of(db, [row["shift_id"] for row in rows])
    unmet = await _unmet(db, [row["need_id"] for row in rows])
    return [_hole(row, drawn[row["shift_id"]], unmet.get(row["need_id"]), language) for row in rows], more


async def _unmet(db: BaseDBAsyncClient, need_ids: list[UUID]) -> dict[UUID, View]:
    rows = await db.execute_query_dict(_UNMET, [need_ids])
    return {row["need_id"]: json.loads(row["found"]) for row in rows}


def _hole(row: View, bar: bars.Bar, unmet: View | None, language: Language) -> View:
    blocked = [] if unmet is None else [(b["rule"], b["people"]) for b in unmet["blocked"]]
    return {
        "kind": "lapsing" if row["offered"] >= row["missing"] else "hole",
        "shift": bar,
        "need_id": row["need_id"],
        "role": row["role"],
        "missing": row["missing"],
        "offered": row["offered"],
        "reasons": [
            {"rule": rule, "people": people, "text": words.count(rule, people, language)}
            for rule, people in sorted(blocked, key=lambda found: -found[1])
        ],
        "pool": 0 if unmet is None else unmet["pool"],
        "at": row["lapses_at"] or row["starts_at"],
        "left_at": row["left_at"],
        "risk": row["risk"],
        "weight": row["weight"],
    }
