"""Events as desks see them, and the verbs on one: publish, cancel. Lists are scoped before they are read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from dispatch import lifecycle, turns, words
from dispatch.lifecycle import EVENT, LIVE
from dispatch.models import Assignment, Event, Need, Shift
from dispatch.roster import assignments, seats, undoing
from volunteer import access, journal, notices
from volunteer.access import Thing, masked
from volunteer.act import Act, Language
from volunteer.errors import Missing, Reason, Refused
from volunteer.models import Skill
from volunteer.notices import contacts

View = dict[str, Any]

_COUNTS = """SELECT s.event_id, sum(n.min)::int AS min, sum(n.desired)::int AS desired, sum(n.max)::int AS max,
  sum(n.taken)::int AS filled, coalesce(sum(o.open), 0)::int AS offered
FROM need n JOIN shift s ON s.id = n.shift_id
LEFT JOIN LATERAL (SELECT count(*) AS open FROM assignment a WHERE a.need_id = n.id AND a.status = 'offered') o ON true
WHERE s.event_id = ANY($1) GROUP BY s.event_id"""


# What a sheet lets its reader do.
_CAN = {
    "write": "event.write", "offer": "assignment.offer", "call": "attendance.call", "correct": "attendance.correct",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    region: str = ""
    mode: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


async def listed(act: Act, filters: Filters, *, skip: int, limit: int) -> tuple[list[View], int]:
    """The events that this actor may read, by start; and how many there are in all."""
    found = _within(act, Event.all())
    if filters.region:
        found = found.filter(region_id__startswith=filters.region)
    if filters.mode:
        found = found.filter(mode=filters.mode)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.since:
        found = found.filter(ends_at__gt=filters.since)
    if filters.until:
        found = found.filter(starts_at__lt=filters.until)
    if filters.words:
        named = Q(title__icontains=filters.words) | Q(title_en__icontains=filters.words)
        found = found.filter(named | Q(shifts__venue__name__icontains=filters.words)).distinct()
    total = await found.count()
    events = await found.order_by("starts_at", "id").offset(skip).limit(limit).prefetch_related("region")
    return await _rows(events), total


def _within(act: Act, found: QuerySet[Event]) -> QuerySet[Event]:
    scope = access.scopes(act.actor, "event.read")
    if scope is None:
        return found
    regions, units = scope
    reach = Q(unit_id__in=list(units))
    for region in regions:
        reach |= Q(region_id__startswith=region)
    return found.filter(reach)


async def _rows(events: Sequence[Event]) -> list[View]:
    ids = [e.id for e in events]
    counted = {r["event_id"]: r for r in await get_connection("default").execute_query_dict(_COUNTS, [ids])}
    venues: dict[UUID, dict[str, None]] = defaultdict(dict)
    for event_id, name in (
        await Shift.filter(event_id__in=ids).order_by("starts_at", "id").values_list("event_id", "venue__name")
    ):
        venues[event_id][name] = None
    none = dict.fromkeys(("min", "desired", "max", "filled", "offered"), 0)
    return [_row(e, list(venues[e.id]), counted.get(e.id, none)) for e in events]


def _row(event: Event, venues: list[str], counts: View) -> View:
    names = ("id", "title", "title_en", "mode", "state", "priority", "starts_at", "ends_at", "version")
    return {
        **{name: getattr(event, name) for name in names},
        **{name: counts[name] for name in ("min", "desired", "max", "filled", "offered")},
        "region": {"code": event.region_id, "name": event.region.name},
        "venue_names": venues,
    }


async def sheet(act: Act, event_id: UUID, language: Language) -> View:
    """One event with its shifts, needs and people. Names are masked unless the viewer is responsible for it
    or calls its roll."""
    event = await Event.get_or_none(id=event_id).prefetch_related("region", "unit", "series")
    if event is None:
        raise Missing("event")
    thing = Thing("event", event.region_id, event.unit_id, leaders=await seats.leaders(event_id))
    access.require(act.actor, "event.read", thing)
    can = {name: access.may(act.actor, verb, thing) for name, verb in _CAN.items()}
    shifts = await Shift.filter(event_id=event_id).order_by("starts_at", "id").prefetch_related("venue__region")
    needs = await Need.filter(shift__event_id=event_id).order_by("-leader", "role", "id").prefetch_related("team")
    lines = (
        await Assignment.filter(need__shift__event_id=event_id, status__in=(*LIVE, "completed", "no_show", "declined"))
        .order_by("offered_at", "id")
        .prefetch_related("volunteer")
    )
    skills = {s.code: s for s in await Skill.filter(code__in=[a["skill"] for n in needs for a in n.asks])}
    people: dict[UUID, list[View]] = defaultdict(list)
    open_names = can["write"] or can["call"]
    unreached = await contacts.unreached([line.volunteer for line in lines]) if open_names else ()
    for line in lines:
        person = _person(line, act, language, open_names=open_names)
        people[line.need_id].append({**person, "unreached": line.volunteer_id in unreached})
    posts: dict[UUID, list[View]] = defaultdict(list)
    for need in needs:
        posts[need.shift_id].append(_need(need, skills, people[need.id], language))
    names = ("description", "risk_notice", "source", "quorum", "leader", "locks_at")
    return {
        **(await _rows([event]))[0],
        **{name: getattr(event, name) for name in names},
        "unit": {"id": event.unit.id, "name": event.unit.name} if event.unit else None,
        "series": {"id": event.series.id, "name": event.series.name} if event.series else None,
        "shifts": [_shift(shift, posts[shift.id]) for shift in shifts],
        **await turns.next_of(get_connection("default"), event_id),
        "can": can,
    }


def _person(line: Assignment, act: Act, language: Language, *, open_names: bool) -> View:
    name = line.volunteer.name if open_names else masked(line.volunteer.name)
    told = words.why(line.why, language)
    names = (
        "id", "status", "version", "offered_at", "expires_at", "answered_at", "source", "late", "checked_in_at",
        "checked_out_at", "came_by", "near", "excused", "extra",
    )  # fmt: skip
    return {
        **{n: getattr(line, n) for n in names},
        "own": line.volunteer_id == act.actor.id,
        "undo": undoing.may(line, act.actor.id),
        "volunteer": {"id": line.volunteer_id, "name": name},
        "why_text": words.why_text(told, language),
    }


def _need(need: Need, skills: dict[str, Skill], people: list[View], language: Language) -> View:
    names = (
        *("id", "role", "min", "desired", "max", "taken", "languages", "age_min", "age_max", "near_minors"),
        *("mentor_role", "per_mentor"),
    )
    asks = []
    for ask in need.asks:
        skill = skills.get(ask["skill"])
        name = ask["skill"] if skill is None else skill.name if language == "zh" else skill.name_en
        asks.append({"skill": ask["skill"], "name": name, "level": ask["level"]})
    return {
        **{n: getattr(need, n) for n in names},
        "leader": need.leader,
        "mode": need.mode,
        "version": need.version,
        "team": {"id": need.team.id, "name": need.team.name} if need.team else None,
        "asks": asks,
        "offered": sum(person["status"] == "offered" for person in people),
        "assignments": people,
    }


def _shift(shift: Shift, needs: list[View]) -> View:
    venue = shift.venue
    return {
        "id": shift.id,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "call_at": shift.starts_at - timedelta(minutes=shift.call),
        "out_at": shift.ends_at + timedelta(minutes=shift.out),
        "venue": {
            "id": venue.id,
            "name": venue.name,
            "region": {"code": venue.region_id, "name": venue.region.name},
            "approximate": venue.approximate,
        },
        "needs": needs,
    }


async def publish(act: Act, event_id: UUID) -> Event:
    """Open a draft to the network. Raises :class:`Refused` while the risk notice or any need is missing
    (志愿服务条例 art. 12: the notice tells the risks)."""

    async def verb(w: journal.Writing) -> Event:
        event = await held(act, event_id)
        after = lifecycle.step(EVENT, event.state, "publish")
        reasons = [] if event.risk_notice.strip() else [Reason("risk_notice")]
        if not await Need.exists(shift__event_id=event_id):
            reasons.append(Reason("empty"))
        if reasons:
            raise Refused(reasons)
        return await move(w, event, after, "published")

    return await journal.writing(act, verb)


async def cancel(act: Act, event_id: UUID, reason: str) -> Event:
    """Call an event off: open offers and waiting lists are withdrawn, accepted people released, everybody is told with
    the reason, which the journal keeps too. :class:`Refused` while somebody is there, or nobody has said who served on
    a shift that is over: what has begun is ended, not undone."""

    async def verb(w: journal.Writing) -> Event:
        bound = Assignment.filter(need__shift__event_id=event_id, status__in=("offered", "standby", "accepted"))
        await _seen(act, event_id)
        await seats.hold(w, [line.volunteer_id for line in await bound])
        await seats.grip(w, [need.id for need in await Need.filter(shift__event_id=event_id)])
        event = await held(act, event_id)
        after = lifecycle.step(EVENT, event.state, "cancel")
        if here := await Assignment.filter(need__shift__event_id=event_id, status="checked_in").count():
            raise Refused([Reason("present", {"people": here})])
        lines, at = await bound.order_by("volunteer_id", "need_id"), await w.clock()
        if served := sum(line.status == "accepted" and line.occupies_until <= at for line in lines):
            raise Refused([Reason("roll_open", {"people": served})])
        for line in lines:
            step = assignments.release if line.status == "accepted" else assignments.withdraw
            _ = await step(act.joined(w), line.id, "event_cancelled", quiet=True)
        data = {"reason": reason} if reason else {}
        for person, theirs in groupby(lines, key=lambda line: line.volunteer_id):
            until = seats.useful_until(list(theirs), at)
            await notices.owe(w, "event.cancelled", person, ref=event_id, until=until, data=data)
        return await move(w, event, after, "cancelled", {"reason": reason})

    return await journal.writing(act, verb, patience=60)


async def _seen(act: Act, event_id: UUID) -> None:
    """Raises :class:`Missing` or :class:`Forbidden` unless the actor may change the event."""
    event = await Event.get_or_none(id=event_id)
    if event is None:
        raise Missing("event")
    access.require(act.actor, "event.write", Thing("event", event.region_id, event.unit_id))


async def held(act: Act, event_id: UUID) -> Event:
    """The event, held, for whoever may change it."""
    await _seen(act, event_id)
    return await Event.filter(id=event_id).select_for_update().get()


async def move(w: journal.Writing, event: Event, state: str, kind: str, more: dict[str, str] | None = None) -> Event:
    """Put the held event into this state, one version on, and say so: one entry ``event.<kind>``."""
    event.state = state
    event.version += 1
    await event.save(update_fields=["state", "version"])
    ahead = await turns.next_of(w.db, event.id)
    body = {"event": {"id": event.id, "state": event.state, "version": event.version, **ahead, **(more or {})}}
    w.entry(f"event.{kind}", topics=(f"event:{event.id}", *journal.topics_of(event.region_id)), ref=event.id, body=body)
    return event
