"""The pool: volunteers as the planner sees them. Reads, never writes.

What is known of them comes as one JSON in one round trip, for one person as for all: an accept asks for it while it
holds a need, and a plan asks it of everybody.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.connection import get_connection

from dispatch.lifecycle import SEATED
from dispatch.planner import problem as p
from dispatch.settings import policy
from volunteer import availability, days
from volunteer.models import Volunteer
from volunteer.spans import Span

# Ways in which a line ended that nobody is asked again after, unless by hand.
GONE = ("declined", "cancelled", "released", "no_show")
HISTORY = timedelta(days=90)
# Weekly patterns are in the local time of the network.
ZONE = ZoneInfo("Asia/Shanghai")
RELIABILITY_PER_NO_SHOW = 100
# Promises this far from the window can still share its month.
MONTH = timedelta(days=38)
# Above this many people a query for everybody is cheaper than a list of ids.
MANY = 2000


def minute(at: datetime) -> int:
    """Whole minutes since the epoch, rounded down."""
    return math.floor(at.timestamp() / 60)


def point(lat: float | None, lon: float | None) -> p.Point | None:
    return None if lat is None or lon is None else p.Point(lat, lon)


_INCLUDES: Final = "SELECT skill_id, included_id FROM inclusion"

# Rows of what is known, each an array that begins with the person. $1: people; $2, $3: frame; $4: seated; $5: needs of
# the problem itself; $6, $7: how far promises and history reach; $8: statuses that say whether a no still stands.
_KNOWN: Final = {
    "holds": """SELECT volunteer_id, skill_id, level, extract(epoch FROM valid_until) AS ends
        FROM qualification WHERE {only} ORDER BY id""",
    "includes": _INCLUDES,
    "weekly": 'SELECT volunteer_id, weekday, start, "end", kind FROM weekly WHERE {only} ORDER BY id',
    "overrides": """SELECT volunteer_id, extract(epoch FROM starts_at) AS starts, extract(epoch FROM ends_at) AS ends,
        kind FROM availability_override WHERE {only} AND starts_at < $3::timestamptz + interval '1 day'
        AND ends_at > $2::timestamptz - interval '1 day' ORDER BY created_at, id""",
    "busy": """SELECT a.volunteer_id, extract(epoch FROM a.occupies_from) AS since,
        extract(epoch FROM a.occupies_until) AS until, extract(epoch FROM s.starts_at) AS starts,
        extract(epoch FROM s.ends_at) AS ends, v.id AS venue, v.lat, v.lon, v.zone
        FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN venue v
        ON v.id = s.venue_id WHERE a.{only} AND a.status = ANY($4) AND a.occupies_from >= $2::timestamptz - $6::interval
        AND a.occupies_from < $3::timestamptz + $6::interval AND a.need_id <> ALL($5) ORDER BY a.occupies_from, a.id""",
    "knows": """SELECT DISTINCT a.volunteer_id, s.venue_id, e.series_id FROM assignment a
        JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
        WHERE a.{only} AND a.status = ANY($4) AND a.occupies_from >= $2::timestamptz - $7::interval
        AND a.occupies_from < $2::timestamptz""",
    "declined": """SELECT volunteer_id, need_id, status FROM assignment
        WHERE {only} AND need_id = ANY($5) AND status = ANY($8)""",
    "blocked": "SELECT volunteer_id, coalesce(other_id, unit_id) AS other FROM block WHERE {only}",
    # A guardian's consent without an end is good for a year (domain 4.1).
    "guardians": """SELECT volunteer_id,
        max(extract(epoch FROM coalesce(valid_until, given_at + interval '365 days'))) AS until
        FROM consent WHERE {only} AND purpose = 'guardian' AND withdrawn_at IS NULL GROUP BY volunteer_id""",
}
# How another person bears on a pair: whom they are kept apart from.
_APART: Final = "SELECT volunteer_id, coalesce(other_id, unit_id) AS other FROM block WHERE volunteer_id = ANY($1)"


def _statement(only: str) -> str:
    parts = []
    for name, rows in _KNOWN.items():
        sql = rows.replace("a.{only}", only.replace("volunteer_id", "a.volunteer_id")).replace("{only}", only)
        parts.append(f"'{name}', (SELECT coalesce(json_agg(to_json(r)), '[]') FROM ({sql}) r)")  # noqa: S608  no values in it
    return f"SELECT json_build_object({', '.join(parts)}) AS known"


_OF_THESE: Final = _statement("volunteer_id = ANY($1::uuid[])")
_OF_ALL: Final = _statement("$1::uuid[] IS NULL")

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(slots=True)
class Pattern:
    """A line of somebody's week, as :mod:`volunteer.availability` reads it."""

    weekday: int
    start: int
    end: int
    kind: str


@dataclass(slots=True)
class _Exempt:
    starts_at: datetime
    ends_at: datetime
    kind: str


async def people(volunteers: Sequence[Volunteer], frame: Span, inside: Collection[UUID]) -> tuple[p.Person, ...]:
    """These volunteers with all that rules and goals ask of them. ``inside``: the needs of the problem itself, whose
    lines are its roster; every other live promise is a busy span."""
    ids = [v.id for v in volunteers]
    few = ids if len(ids) <= MANY else None
    values = [few, frame.start, frame.end, list(SEATED), list(inside), MONTH, HISTORY]
    values.append([*GONE, *SEATED, "offered", "standby"])
    rows = await get_connection("default").execute_query_dict(_OF_ALL if few is None else _OF_THESE, values)
    known: Rows = json.loads(rows[0]["known"])
    holds, free, busy = _holds(known), _free(volunteers, known, frame), _busy(known)
    knows, blocked = _knows(known), _blocked(known)
    guardians = {UUID(row["volunteer_id"]): math.floor(row["until"] / 60) for row in known["guardians"]}
    declined = _declined(known)
    speeds, rolling = policy().speeds.model_dump(), policy().rolling_percent
    return tuple(
        p.Person(
            id=str(v.id),
            at=point(v.lat, v.lon),
            born=v.birth_date.toordinal() if v.birth_date else None,
            holds=holds.get(v.id, ()),
            languages=tuple(v.languages),
            free=free[v.id][0],
            preferred=free[v.id][1],
            busy=busy.get(v.id, ()),
            likes=tuple(cast("list[p.Mode]", v.likes)),
            knows=tuple(sorted(knows.get(v.id, ()))),
            limitations=tuple(v.limitations),
            blocked=tuple(sorted(blocked.get(v.id, ()))),
            declined=tuple(sorted(declined.get(v.id, ()))),
            max_day=v.max_day,
            max_week=v.max_week,
            max_month=v.max_month,
            max_rolling=v.max_week * rolling // 100 if rolling else p.UNLIMITED,
            max_events=v.max_events,
            rest=v.rest,
            max_km=v.max_km,
            speed=speeds[v.travel_mode],
            checked_until=_midnight(v.checked_until),
            guardian_until=guardians.get(v.id),
            automated=v.automated,
            load=v.load,
            reliability=max(0, 1000 - RELIABILITY_PER_NO_SHOW * v.no_shows),
            region=v.region_id,
        )
        for v in volunteers
    )


async def others(ids: Collection[UUID]) -> tuple[p.Person, ...]:
    """People who only matter by whom they are kept apart from, and by the lines they hold: nothing else is known."""
    if not ids:
        return ()
    rows = await get_connection("default").execute_query_dict(_APART, [list(ids)])
    apart: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        apart[row["volunteer_id"]].append(str(row["other"]))
    return tuple(p.Person(str(id_), blocked=tuple(sorted(apart[id_]))) for id_ in sorted(ids))


def _midnight(day: date | None) -> int | None:
    """A date that is still valid all day ends at the next midnight of the network."""
    return None if day is None else minute(datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1))


def _by_person(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[Mapping[str, Any]]]:
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[UUID(row["volunteer_id"])].append(row)
    return found


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _holds(known: Rows) -> dict[UUID, tuple[p.Hold, ...]]:
    """Each person's skills, expanded by inclusion, at the best level and the latest end."""
    closure = _included(known["includes"])
    best: dict[UUID, set[tuple[str, int, float | None]]] = defaultdict(set)
    for row in known["holds"]:
        for code in (row["skill_id"], *closure.get(row["skill_id"], ())):
            best[UUID(row["volunteer_id"])].add((code, row["level"], row["ends"]))
    return {
        who: tuple(
            p.Hold(code, level, None if ends is None else math.floor(ends / 60))
            for code, level, ends in sorted(found, key=lambda h: (h[0], h[1], h[2] is None, h[2] or 0))
        )
        for who, found in best.items()
    }


async def included() -> dict[str, frozenset[str]]:
    """For each skill all skills that it includes, at any depth."""
    return _included(await get_connection("default").execute_query_dict(_INCLUDES))


def _included(rows: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    direct: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        direct[row["skill_id"]].add(row["included_id"])

    def reach(code: str, seen: set[str]) -> set[str]:
        for inner in direct.get(code, set()) - seen:
            seen.add(inner)
            reach(inner, seen)
        return seen

    return {code: frozenset(reach(code, set()) - {code}) for code in direct}


Free = dict[UUID, tuple[tuple[p.Span, ...], tuple[p.Span, ...]]]


def _free(volunteers: Sequence[Volunteer], known: Rows, frame: Span) -> Free:
    weekly, overrides = _by_person(known["weekly"]), _by_person(known["overrides"])
    wide = Span(frame.start - timedelta(days=1), frame.end + timedelta(days=1))
    calendar = days.calendar(wide, ZONE)
    free = {}
    for v in volunteers:
        pattern = [Pattern(row["weekday"], row["start"], row["end"], row["kind"]) for row in weekly.get(v.id, ())]
        exempt = [_Exempt(_at(row["starts"]), _at(row["ends"]), row["kind"]) for row in overrides.get(v.id, ())]
        spans, preferred = availability.spans(pattern, exempt, wide, ZONE, calendar)
        free[v.id] = (_spans(spans), _spans(preferred))
    return free


def _spans(spans: Iterable[Span]) -> tuple[p.Span, ...]:
    return tuple(p.Span(minute(s.start), minute(s.end)) for s in spans)


def _busy(known: Rows) -> dict[UUID, tuple[p.Busy, ...]]:
    """Promises outside this problem that can touch its days, weeks or months."""
    return {who: tuple(map(_promise, rows)) for who, rows in _by_person(known["busy"]).items()}


def _promise(row: Mapping[str, Any]) -> p.Busy:
    return p.Busy(
        start=math.floor(row["since"] / 60),
        end=math.floor(row["until"] / 60),
        day=datetime.fromtimestamp(row["starts"], ZoneInfo(row["zone"])).date().toordinal(),
        minutes=math.floor(row["ends"] / 60) - math.floor(row["starts"] / 60),
        at=point(row["lat"], row["lon"]),
        venue=row["venue"] if policy().roads else None,
    )


def _knows(known: Rows) -> dict[UUID, set[str]]:
    """The series and venues each person served in the last 90 days."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in known["knows"]:
        found[UUID(row["volunteer_id"])] |= {each for each in (row["venue_id"], row["series_id"]) if each is not None}
    return found


def _declined(known: Rows) -> dict[UUID, set[str]]:
    """The needs of the problem that each person said no to, left or was sent away from, and holds no claim on since."""
    gone: dict[UUID, set[str]] = defaultdict(set)
    back: dict[UUID, set[str]] = defaultdict(set)
    for row in known["declined"]:
        (gone if row["status"] in GONE else back)[UUID(row["volunteer_id"])].add(row["need_id"])
    return {who: needs - back[who] for who, needs in gone.items()}


def _blocked(known: Rows) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in known["blocked"]:
        found[UUID(row["volunteer_id"])].add(row["other"])
    return found
