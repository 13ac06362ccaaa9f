"""Rows to problem: the only bridge to the planner. Reads, never writes."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet

from dispatch import pool, roads
from dispatch.lifecycle import LIVE, LOCKED, OPEN, SEATED
from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.models.stored import made
from dispatch.planner import problem as p
from dispatch.pool import minute, point
from volunteer.errors import Missing
from volunteer.models import Membership, Team, Volunteer
from volunteer.spans import Span

PART = 500  # people are read so many at a time


@dataclass(slots=True)
class Rows:
    """Everything read for one problem, before it is turned into one."""

    volunteers: Sequence[Volunteer]
    events: Sequence[Event]
    shifts: Sequence[Shift]
    needs: Sequence[Need]
    venues: dict[UUID, Venue]
    zones: dict[UUID, ZoneInfo]


@dataclass(frozen=True, slots=True)
class Line:
    """What a problem wants to know of an assignment."""

    volunteer_id: UUID
    need_id: UUID
    status: str
    pinned: bool
    source: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The problem of one person on one need; ``active``: whether the person takes part at all."""

    problem: p.Problem
    active: bool


async def take(
    id_: str,
    region: str,
    window: Span,
    weights: p.Weights,
    *,
    only: Collection[UUID] | None = None,
    between: Callable[[], None] | None = None,
) -> p.Problem:
    """The problem of all open events that start in ``window`` inside ``region``, with every active volunteer of the
    city; or with ``only`` these and whoever holds a seat there, which is enough to judge them. ``between`` is called
    between its parts, and may raise to end it. Call it inside one read transaction."""
    events = await Event.filter(
        region_id__startswith=region, state__in=OPEN, starts_at__gte=window.start, starts_at__lt=window.end
    ).order_by("id")
    everybody = Volunteer.filter(region_id__startswith=region[:4], state="active")
    if only is not None:
        held = Assignment.filter(need__shift__event_id__in=[e.id for e in events], status__in=SEATED)
        everybody = everybody.filter(id__in={*only, *await held.values_list("volunteer_id", flat=True)})
    posed = await _problem(id_, window, await _all(everybody), events, weights, planning=True, between=between)
    return replace(posed, tutors=await _tutors(events))


# Who is seated ($2) on the one seat of a need, at open ($3) sessions of these series ($1) that are none of these ($4).
_TUTORS: Final = """SELECT DISTINCT e.series_id, n.role, a.volunteer_id
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
WHERE e.series_id = ANY($1) AND e.state = ANY($3) AND e.id <> ALL($4) AND n.max = 1 AND a.status = ANY($2)
ORDER BY 1, 2, 3"""


async def _tutors(events: Sequence[Event]) -> tuple[p.Tutor, ...]:
    """Who tutors what is open of these events' series beyond them: whoever is asked here must be able to say yes."""
    series = list({e.series_id for e in events if e.series_id is not None})
    if not series:
        return ()
    values = [series, list(SEATED), list(OPEN), [e.id for e in events]]
    rows = await get_connection("default").execute_query_dict(_TUTORS, values)
    return tuple(p.Tutor(str(row["series_id"]), row["role"], str(row["volunteer_id"])) for row in rows)


async def _all(found: QuerySet[Volunteer]) -> list[Volunteer]:
    """By id, page by page: a city's rows made at once would keep everything else waiting."""
    rows: list[Volunteer] = []
    while True:
        page = await (found.filter(id__gt=rows[-1].id) if rows else found).order_by("id").limit(PART)
        rows += page
        if len(page) < PART:
            return rows


# All rows that bear on one person ($1) and these needs ($2): their events and what is still open ($6) of their series,
# the events where the person is seated ($3) within $5 of them, the person, and of the lines on them ($4) those that a
# rule for a pair can ask about: the person's own, a tutor's (the one seat of a need of what is open: whoever served in
# sessions that are over binds nobody), and those of people whom the person is kept apart from. What was found is an
# array for what comes next: a few keys are looked up, where a set of unknown size would be joined with whole tables.
_PAIR: Final = """WITH here AS MATERIALIZED (SELECT DISTINCT e.id, e.series_id, e.starts_at, e.ends_at
  FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id WHERE n.id = ANY($2)),
promised AS (SELECT s.event_id FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
  WHERE a.volunteer_id = $1 AND a.status = ANY($3)
  AND a.occupies_from >= (SELECT min(starts_at) FROM here) - $5::interval
  AND a.occupies_from < (SELECT max(ends_at) FROM here) + $5::interval),
events AS MATERIALIZED (SELECT e.* FROM event e WHERE e.id = ANY(ARRAY(SELECT id FROM here))
  OR e.series_id = ANY(ARRAY(SELECT series_id FROM here)) AND e.state = ANY($6)
  OR e.id = ANY(ARRAY(SELECT event_id FROM promised))),
shifts AS MATERIALIZED (SELECT * FROM shift WHERE event_id = ANY(ARRAY(SELECT id FROM events))),
needs AS MATERIALIZED (SELECT * FROM need WHERE shift_id = ANY(ARRAY(SELECT id FROM shifts))),
lines AS (SELECT id, volunteer_id, need_id, status, pinned, source FROM assignment
  WHERE need_id = ANY(ARRAY(SELECT id FROM needs)) AND status = ANY($4) AND (volunteer_id = $1
    OR need_id IN (SELECT n.id FROM needs n JOIN shifts s ON s.id = n.shift_id JOIN events e ON e.id = s.event_id
      WHERE n.max = 1 AND e.state = ANY($6)) OR volunteer_id IN (SELECT other_id FROM block
      WHERE volunteer_id = $1 UNION SELECT volunteer_id FROM block WHERE other_id = $1)))
SELECT (SELECT to_json(v) FROM volunteer v WHERE v.id = $1) AS volunteer,
  (SELECT json_agg(e ORDER BY e.id) FROM events e) AS events,
  (SELECT json_agg(s ORDER BY s.starts_at, s.id) FROM shifts s) AS shifts,
  (SELECT json_agg(n ORDER BY n.id) FROM needs n) AS needs,
  (SELECT json_agg(v ORDER BY v.id) FROM venue v WHERE v.id = ANY(ARRAY(SELECT venue_id FROM shifts))) AS venues,
  (SELECT json_agg(json_build_array(volunteer_id, need_id, status, pinned, source) ORDER BY id) FROM lines) AS lines
"""


async def pair(volunteer_id: UUID, need_id: UUID, weights: p.Weights) -> Pair:
    """The smallest problem that can answer for this one person and need: the event, its open series, and whoever is
    firmly bound to them, and the events the person is promised to (their lines count as lines, so that two on one event
    are one event, as in a plan). With it, whether the person is active. Raises :class:`Missing`."""
    return await among(volunteer_id, [need_id], weights)


async def among(volunteer_id: UUID, need_ids: Collection[UUID], weights: p.Weights) -> Pair:
    """The same for several needs at once. Raises :class:`Missing` when there is none of them."""
    values = [volunteer_id, list(need_ids), list(SEATED), [*LIVE, "completed"], pool.MONTH, list(OPEN)]
    rows = (await get_connection("default").execute_query_dict(_PAIR, values))[0]
    if not rows["events"] or not rows["volunteer"]:
        raise Missing("need" if not rows["events"] else "volunteer")
    person = made(Volunteer, [json.loads(rows["volunteer"])])[0]
    events, shifts, needs, venues = _read(rows["events"], rows["shifts"], rows["needs"], rows["venues"])
    where = {s.id: s.event_id for s in shifts}
    wanted = {where[n.shift_id] for n in needs if n.id in need_ids}
    here = [e for e in events if e.id in wanted]
    window = Span(min(e.starts_at for e in here), max(e.ends_at for e in here))
    known = await pool.people([person], _frame(shifts, window), {n.id for n in needs})
    lines = [Line(UUID(who), UUID(where), *more) for who, where, *more in json.loads(rows["lines"] or "[]")]
    bound = {line.volunteer_id for line in lines if line.status in SEATED} - {person.id}
    around = _rows([person], events, shifts, needs, venues)
    people = (*known, *await pool.others(bound))
    posed = await _posed(str(volunteer_id), window, around, people, lines, weights, waits=False)
    return Pair(posed, person.state == "active")


@lru_cache(maxsize=32)
def _read(
    events: str, shifts: str, needs: str, venues: str
) -> tuple[Sequence[Event], Sequence[Shift], Sequence[Need], Sequence[Venue]]:
    """Rows that were written out as JSON. A crowd that is judged for the same seat shares them: to be read only."""
    return (
        made(Event, json.loads(events)), made(Shift, json.loads(shifts)), made(Need, json.loads(needs)),
        made(Venue, json.loads(venues)),
    )  # fmt: skip


async def of_event(event_id: UUID, weights: p.Weights) -> p.Problem:
    """The problem of one event (and what is open of its series) with every active volunteer of the city. Raises
    :class:`Missing`."""
    event = await Event.get_or_none(id=event_id)
    if event is None:
        raise Missing("event")
    events = [event]
    if event.series_id is not None:
        others = Event.filter(series_id=event.series_id, state__in=OPEN).exclude(id=event_id)
        events = sorted([event, *await others], key=lambda one: one.id)
    volunteers = await Volunteer.filter(region_id__startswith=event.region_id[:4], state="active").order_by("id")
    window = Span(min(e.starts_at for e in events), max(e.ends_at for e in events))
    return await _problem(str(event_id), window, volunteers, events, weights)


async def _problem(
    id_: str,
    window: Span,
    volunteers: Sequence[Volunteer],
    events: Sequence[Event],
    weights: p.Weights,
    *,
    planning: bool = False,
    between: Callable[[], None] | None = None,
) -> p.Problem:
    shifts = await Shift.filter(event_id__in=[e.id for e in events]).order_by("starts_at", "id")
    needs = await Need.filter(shift_id__in=[s.id for s in shifts], max__gt=0).order_by("id")
    venues = await Venue.filter(id__in={s.venue_id for s in shifts})
    people = await _people(volunteers, _frame(shifts, window), {n.id for n in needs}, between or (lambda: None))
    found = Assignment.filter(need_id__in=[n.id for n in needs], status__in=(*LIVE, "completed")).order_by("id")
    names = ("volunteer_id", "need_id", "status", "pinned", "source")
    lines = [Line(**line) for line in await found.values(*names)]
    around = _rows(volunteers, events, shifts, needs, venues)
    return await _posed(id_, window, around, people, lines, weights, planning=planning)


def _rows(
    volunteers: Sequence[Volunteer],
    events: Sequence[Event],
    shifts: Sequence[Shift],
    needs: Sequence[Need],
    venues: Sequence[Venue],
) -> Rows:
    zones = {v.id: ZoneInfo(v.zone) for v in venues}
    return Rows(volunteers, events, shifts, needs, {v.id: v for v in venues}, zones)


async def _posed(
    id_: str,
    window: Span,
    rows: Rows,
    people: tuple[p.Person, ...],
    lines: Sequence[Line],
    weights: p.Weights,
    *,
    planning: bool = False,
    waits: bool = True,
) -> p.Problem:
    """``waits``: with the days that each place has waited, which only goals ask for."""
    known = {person.id for person in people}
    kept, regions = _kept(rows), {e.region_id for e in rows.events}
    venues = sorted([*rows.venues.values(), *await _promised(people, rows.venues)], key=lambda venue: venue.id)
    mentors = {(n.shift_id, n.role): str(n.id) for n in reversed(rows.needs) if not n.mentor_role}
    return p.Problem(
        id=id_,
        window=p.Span(minute(window.start), minute(window.end)),
        people=people,
        teams=await _teams(rows, known),
        venues=tuple(map(_venue, venues)),
        events=_events(rows, _waiting(rows.events, await _last_served(regions)) if waits else {}),
        shifts=tuple(_shift(s, rows) for s in rows.shifts),
        needs=tuple(_need(n, mentors) for n in rows.needs),
        roster=tuple(
            p.Held(str(line.volunteer_id), str(line.need_id), firm=_firm(line, kept, planning=planning))
            for line in lines
            if str(line.volunteer_id) in known
        ),
        roads=roads.between([(str(venue.id), venue.region_id) for venue in venues]),
        weights=weights,
    )


async def _promised(people: Sequence[p.Person], known: Collection[UUID]) -> list[Venue]:
    """The venues to which people are promised beyond this problem, where ways to them may be known."""
    ids = {UUID(busy.venue) for person in people for busy in person.busy if busy.venue is not None} - set(known)
    return await Venue.filter(id__in=ids) if ids else []


async def _people(
    volunteers: Sequence[Volunteer], frame: Span, inside: Collection[UUID], between: Callable[[], None]
) -> tuple[p.Person, ...]:
    """In parts: a city made at once would keep everything else in this process waiting."""
    found: list[p.Person] = []
    for first in range(0, len(volunteers), PART):
        found += await pool.people(volunteers[first : first + PART], frame, inside)
        await asyncio.sleep(0)
        between()
    return tuple(found)


def _kept(rows: Rows) -> set[UUID]:
    """People and needs whose open offers a plan leaves alone: those it may not plan, and those on a locked roster."""
    locked = {e.id for e in rows.events if e.state in LOCKED}
    shifts = {s.id for s in rows.shifts if s.event_id in locked}
    return {v.id for v in rows.volunteers if not v.automated} | {n.id for n in rows.needs if n.shift_id in shifts}


def _firm(line: Line, kept: set[UUID], *, planning: bool) -> bool:
    """What was accepted stays; for a plan, so does what a person asked by hand or pinned, or what it may not touch."""
    if line.status != "offered":
        return True
    return planning and (stays(line, locked=line.need_id in kept) or line.volunteer_id in kept)


def stays(offer: Assignment | Line, *, locked: bool) -> bool:
    """An open offer that no plan takes back: pinned, asked by hand, or on a locked roster."""
    return offer.pinned or offer.source == "hand" or locked


def _frame(shifts: Sequence[Shift], window: Span) -> Span:
    """The window, stretched so that it covers every shift that begins in it, call time and get-out included."""
    inside = [s for s in shifts if window.start <= s.starts_at < window.end]
    starts = [s.starts_at - timedelta(minutes=s.call) for s in inside]
    ends = [s.ends_at + timedelta(minutes=s.out) for s in inside]
    return Span(min([window.start, *starts]), max([window.end, *ends]))


def _venue(venue: Venue) -> p.Venue:
    return p.Venue(str(venue.id), point(venue.lat, venue.lon), venue.region_id)


def _events(rows: Rows, waiting: Mapping[UUID, int]) -> tuple[p.Event, ...]:
    return tuple(
        p.Event(
            id=str(e.id),
            mode=cast("p.Mode", e.mode),
            priority=e.priority,
            unit=str(e.unit_id) if e.unit_id else "-",
            region=e.region_id,
            series=str(e.series_id) if e.series_id else None,
            leader=e.leader,
            quorum=e.quorum,
            waiting=waiting.get(e.id, 0),
            locked=e.state in LOCKED,
        )
        for e in rows.events
    )


async def _last_served(regions: Collection[str]) -> dict[str, datetime]:
    done = await Event.filter(region_id__in=list(regions), state__in=("finished", "closed")).values_list(
        "region_id", "ends_at"
    )
    last: dict[str, datetime] = {}
    for region, at in done:
        last[region] = max(at, last.get(region, at))
    return last


def _waiting(events: Sequence[Event], served: dict[str, datetime]) -> dict[UUID, int]:
    """Days since each event's place was last served, or had an earlier one of these events: several events in one
    place do not each count its whole wait. A place that never was served waits longest (domain: 90 days)."""
    last, waiting = dict(served), {}
    for event in sorted(events, key=lambda event: (event.starts_at, event.id)):
        before = last.get(event.region_id)
        waiting[event.id] = 90 if before is None else max(0, min(90, (event.starts_at - before).days))
        last[event.region_id] = event.ends_at if before is None else max(before, event.ends_at)
    return waiting


def _shift(shift: Shift, rows: Rows) -> p.Shift:
    return p.Shift(
        id=str(shift.id),
        event=str(shift.event_id),
        venue=str(shift.venue_id),
        start=minute(shift.starts_at),
        end=minute(shift.ends_at),
        day=shift.starts_at.astimezone(rows.zones[shift.venue_id]).date().toordinal(),
        call=shift.call,
        out=shift.out,
    )


def _need(need: Need, mentors: dict[tuple[UUID, str], str]) -> p.Need:
    return p.Need(
        id=str(need.id),
        shift=str(need.shift_id),
        role=need.role,
        min=need.min,
        desired=need.desired,
        max=need.max,
        asks=tuple(p.Asks(str(a["skill"]), int(a["level"])) for a in need.asks),
        languages=tuple(need.languages),
        age_min=need.age_min,
        age_max=need.age_max,
        near_minors=need.near_minors,
        leader=need.leader,
        team=str(need.team_id) if need.team_id else None,
        demands=tuple(need.demands),
        mentor=mentors.get((need.shift_id, need.mentor_role)),
        per_mentor=need.per_mentor,
    )


async def _teams(rows: Rows, known: set[str]) -> tuple[p.Team, ...]:
    wanted = {n.team_id for n in rows.needs if n.team_id}
    if not wanted:
        return ()
    members: dict[UUID, list[str]] = defaultdict(list)
    for team_id, volunteer_id in await Membership.filter(team_id__in=wanted).values_list("team_id", "volunteer_id"):
        if str(volunteer_id) in known:
            members[team_id].append(str(volunteer_id))
    teams = await Team.filter(id__in=wanted).order_by("id")
    return tuple(p.Team(str(t.id), tuple(sorted(members[t.id])), t.min_cast) for t in teams)
