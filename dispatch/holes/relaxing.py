"""What would fill this need: small changes that were tried out on today's roster, or on a draft's. Reads only."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch import advice, snapshot
from dispatch.models import Change, Venue
from dispatch.planner.problem import Busy, Held, Problem, Span
from dispatch.planner.reasons.relaxations import Found, Relaxation, relaxations
from dispatch.pool import minute, point
from dispatch.roster.seats import Seat
from dispatch.settings import policy
from volunteer import journal
from volunteer.access import masked
from volunteer.act import Language
from volunteer.models import Skill, Volunteer

# Local hours between which a shift may be moved.
EARLIEST, LATEST = time(6), time(23)
View = dict[str, Any]


async def found(seat: Seat, draft_id: UUID | None, at: datetime, language: Language) -> View:
    """The changes, the easiest first, with whom they would bring. With a draft its lines count as taken."""

    async def query() -> tuple[Problem, ZoneInfo]:
        posed = await snapshot.of_event(seat.event.id, policy().weights)
        # A person carries the change out: what binds only a plan does not bind them.
        posed = replace(posed, events=tuple(replace(event, locked=False) for event in posed.events))
        venue = await Venue.get(id=seat.shift.venue_id)
        return await _drafted(posed, draft_id) if draft_id else posed, ZoneInfo(venue.zone)

    (posed, zone), _ = await journal.reading(query, [])
    frame = _frame(seat.shift.starts_at, at, zone)
    made = await asyncio.to_thread(relaxations, posed, str(seat.need.id), frame)
    return await _view(made, language)


def _frame(starts: datetime, at: datetime, zone: ZoneInfo) -> Span:
    """The shift's local day, from now on."""
    day = starts.astimezone(zone).date()
    first = max(datetime.combine(day, EARLIEST, zone), at + timedelta(minutes=30))
    return Span(minute(first), max(minute(first), minute(datetime.combine(day, LATEST, zone))))


async def _drafted(posed: Problem, draft_id: UUID) -> Problem:
    """The problem with what a draft would change: its offers stand on the roster, or keep their people busy."""
    changes = await Change.filter(draft_id=draft_id).order_by("id").prefetch_related("need__shift__venue")
    inside = {need.id for need in posed.needs}
    gone = {(str(c.volunteer_id), str(c.need_id)) for c in changes if c.kind == "withdraw"}
    roster = [held for held in posed.roster if (held.person, held.need) not in gone]
    there = {(held.person, held.need) for held in roster}
    known = {person.id for person in posed.people}
    busy: dict[str, list[Busy]] = {}
    for change in changes:
        pair = (str(change.volunteer_id), str(change.need_id))
        if change.kind == "offer" and pair[1] in inside and pair not in there and pair[0] in known:
            roster.append(Held(*pair))
        elif change.kind == "offer" and pair[1] not in inside:
            busy.setdefault(pair[0], []).append(_busy(change))
    people = tuple(replace(p, busy=(*p.busy, *busy[p.id])) if p.id in busy else p for p in posed.people)
    return replace(posed, roster=tuple(roster), people=people)


def _busy(change: Change) -> Busy:
    shift = change.need.shift
    begins, ends = shift.starts_at - timedelta(minutes=shift.call), shift.ends_at + timedelta(minutes=shift.out)
    day = shift.starts_at.astimezone(ZoneInfo(shift.venue.zone)).date().toordinal()
    length = minute(shift.ends_at) - minute(shift.starts_at)
    at, venue = point(shift.venue.lat, shift.venue.lon), str(shift.venue_id) if policy().roads else None
    return Busy(minute(begins), minute(ends), day, length, at, venue)


async def _view(made: Found, language: Language) -> View:
    ids = {UUID(who) for one in made.relaxations for who in one.people} | {UUID(who) for who in made.people}
    people = {str(v.id): v for v in await Volunteer.filter(id__in=ids)}
    codes = {one.change.subject for one in made.relaxations if one.change.subject}
    skills = await Skill.filter(code__in=codes)
    names = {skill.code: skill.name if language == "zh" else skill.name_en for skill in skills}

    def refs(who: Sequence[str]) -> list[View]:
        return [{"id": people[p].id, "name": masked(people[p].name), "region": people[p].region_id} for p in who]

    def item(one: Relaxation) -> View:
        return {
            "kind": one.change.kind,
            "amount": one.change.amount,
            "subject": one.change.subject,
            "seats": one.seats,
            "touched": one.touched,
            "effort": one.effort,
            "people": refs(one.people),
            "text": advice.text(one, names, language),
            "outcome": advice.outcome(one, language),
        }

    return {
        "missing": made.missing,
        "today": made.today,
        "people": refs(made.people),
        "items": [item(one) for one in made.relaxations],
    }
