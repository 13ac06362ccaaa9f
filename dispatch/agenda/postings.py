"""Posting work: an event with its shifts and needs, written down as a draft in one step; ``events`` publishes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count

from dispatch.models import Event, Need, Series, Shift, Venue
from dispatch.settings import policy
from volunteer import access, journal
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault, Forbidden, Invalid
from volunteer.journal import Writing
from volunteer.models import Membership, Skill, Team, Unit

LONGEST: Final = timedelta(hours=16)
FARTHEST: Final = timedelta(days=400)
FOUND: Final = 50  # venues or teams in one answer
NO_TEAM: Final = ("没有这支队伍，请从列表选择", "there is no such team; choose one from the list")


@dataclass(frozen=True, slots=True)
class PostedNeed:
    columns: dict[str, Any]
    asks: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class PostedShift:
    venue: UUID
    starts_at: datetime
    ends_at: datetime
    call: int
    out: int
    needs: Sequence[PostedNeed]


@dataclass(frozen=True, slots=True)
class Posting:
    """``columns``: of the event itself (title, mode, priority, texts, quorum …). ``series``: the name of the sessions
    it belongs to, empty = none."""

    columns: dict[str, Any]
    unit: UUID | None
    shifts: Sequence[PostedShift]
    series: str = ""


async def post(act: Act, posting: Posting) -> Event:
    """Write the event down as a draft. Raises :class:`Invalid` with every fault of every field at once, and whatever
    ``access`` says of a place or unit that is not the actor's."""

    async def verb(w: Writing) -> Event:
        venues = {venue.id: venue for venue in await Venue.filter(id__in={shift.venue for shift in posting.shifts})}
        _posts(act)
        faults = [
            *_foreign(act, posting, venues),
            *_shift_faults(posting, venues, act.at),
            *_need_faults(posting),
            *await _unknown(posting),
        ]
        if faults:
            raise Invalid(faults)
        event = await _laid(posting, venues, act)
        body = {"event": {"id": event.id, "state": event.state, "version": event.version}}
        w.entry(
            "event.posted", topics=(f"event:{event.id}", *journal.topics_of(event.region_id)), ref=event.id, body=body
        )
        return event

    return await journal.writing(act, verb)


def _posts(act: Act) -> tuple[frozenset[str], frozenset[UUID]] | None:
    """Where the actor may post; :class:`Forbidden` when nowhere."""
    scope = access.scopes(act.actor, "event.write")
    if scope is not None and not any(scope):
        raise Forbidden("event.write", anonymous=act.actor.id is None)
    return scope


def _foreign(act: Act, posting: Posting, venues: dict[UUID, Venue]) -> Iterator[Fault]:
    """Shifts at places where the actor has no say, in this unit's name."""
    for i, shift in enumerate(posting.shifts):
        venue = venues.get(shift.venue)
        thing = Thing("event", venue.region_id, posting.unit) if venue else None
        if thing and not access.may(act.actor, "event.write", thing):
            yield Fault(
                f"shifts.{i}.venue",
                "您不能以这个单位的名义在这里举办活动，请换场地或单位",
                "you may not hold events here in this unit's name; choose another venue or unit",
            )


async def _laid(posting: Posting, venues: dict[UUID, Venue], act: Act) -> Event:
    first = min(shift.starts_at - timedelta(minutes=shift.call) for shift in posting.shifts)
    event = Event(
        id=fresh_id(act.at),
        **posting.columns,
        unit_id=posting.unit,
        region_id=venues[posting.shifts[0].venue].region_id,
        series_id=await _series(posting.series, venues[posting.shifts[0].venue].region_id, act),
        leader=any(need.columns["leader"] for shift in posting.shifts for need in shift.needs),
        starts_at=min(shift.starts_at for shift in posting.shifts),
        ends_at=max(shift.ends_at for shift in posting.shifts),
        locks_at=first - timedelta(hours=policy().lock_hours),
        organiser_id=act.actor.id,
        created_at=act.at,
    )
    await event.save(force_create=True)
    await event.refresh_from_db()
    for posted in posting.shifts:
        span = {"starts_at": posted.starts_at, "ends_at": posted.ends_at, "call": posted.call, "out": posted.out}
        shift = Shift(id=fresh_id(act.at), event_id=event.id, venue_id=posted.venue, **span)
        await shift.save(force_create=True)
        needs = [
            Need(
                id=fresh_id(act.at),
                shift_id=shift.id,
                **need.columns,
                taken=0,
                mode="reserve",
                version=1,
                asks=[{"skill": skill, "level": level} for skill, level in need.asks],
            )
            for need in posted.needs
        ]
        await Need.bulk_create(needs)
    return event


async def _series(name: str, region: str, act: Act) -> UUID | None:
    """The series of this name at the place, the oldest if there are several; made if there is none."""
    if not name:
        return None
    found = await Series.filter(name=name, region_id=region).order_by("id").first()
    if found is None:
        found = await Series.create(id=fresh_id(act.at), name=name, region_id=region)
    return found.id


def _shift_faults(posting: Posting, venues: dict[UUID, Venue], at: datetime) -> Iterator[Fault]:
    for i, shift in enumerate(posting.shifts):
        here = f"shifts.{i}"
        if shift.venue not in venues:
            yield Fault(f"{here}.venue", "没有这个场地，请重新选择", "there is no such venue; choose one from the list")
        if shift.ends_at <= shift.starts_at:
            yield Fault(f"{here}.ends_at", "结束时间要晚于开始时间", "must be after the start; choose a later time")
        elif shift.ends_at - shift.starts_at > LONGEST:
            yield Fault(
                f"{here}.ends_at",
                "一个班次最长 16 小时，请拆成几个",
                "a shift lasts at most 16 hours; make several of it",
            )
        if shift.starts_at - timedelta(minutes=shift.call) <= at:
            yield Fault(
                f"{here}.starts_at",
                "开始（含集合）时间已经过去，请选择以后的时间",
                "lies in the past (call time included); choose a later time",
            )
        elif shift.starts_at - at > FARTHEST:
            yield Fault(
                f"{here}.starts_at", "最多提前 400 天发布", "may be at most 400 days ahead; choose an earlier day"
            )


def _need_faults(posting: Posting) -> Iterator[Fault]:
    most = 0
    for i, shift in enumerate(posting.shifts):
        there = 0
        for j, need in enumerate(shift.needs):
            here, columns = f"shifts.{i}.needs.{j}", need.columns
            there += columns["max"]
            if not columns["min"] <= columns["desired"] <= columns["max"]:
                yield Fault(
                    f"{here}.desired",
                    "人数应为:至少 ≤ 希望 ≤ 最多",
                    "wants at least <= wished <= at most; mend the three numbers",
                )
            if columns["age_min"] > columns["age_max"]:
                yield Fault(f"{here}.age_max", "最大年龄不能小于最小年龄", "must not be below the least age")
            if len({skill for skill, _ in need.asks}) < len(need.asks):
                yield Fault(f"{here}.asks", "同一技能写了两次，请删去一个", "names a skill twice; keep one")
        yield from _mentor_faults(i, shift)
        most = there if i == 0 else min(most, there)
    if posting.columns["quorum"] > most:
        yield Fault(
            "quorum",
            f"成行人数不能超过每个班次的名额（{most}）",
            f"must not exceed the seats of any shift ({most}); lower it",
        )


def _mentor_faults(i: int, shift: PostedShift) -> Iterator[Fault]:
    """Learners' seats whose mentors nobody asks for on this shift."""
    mentors = {need.columns["role"] for need in shift.needs if not need.columns["mentor_role"]}
    for j, need in enumerate(shift.needs):
        role = need.columns["mentor_role"]
        if role and (role not in mentors or role == need.columns["role"]):
            yield Fault(
                f"shifts.{i}.needs.{j}.mentor_role",
                "带教岗位应是同班次的另一个岗位，且不是见习岗位",
                "must be another role of this shift, and no learners' one; choose it or leave it empty",
            )


async def _unknown(posting: Posting) -> list[Fault]:
    """Skills, languages, teams and the unit that nobody knows."""
    asked = {skill for shift in posting.shifts for need in shift.needs for skill, _ in need.asks}
    spoken = {code for shift in posting.shifts for need in shift.needs for code in need.columns["languages"]}
    known = {skill.code: skill.kind for skill in await Skill.filter(code__in=asked | spoken)}
    teams = {need.columns["team_id"] for shift in posting.shifts for need in shift.needs} - {None}
    there = set(await Team.filter(id__in=teams).values_list("id", flat=True)) | {None}
    faults = []
    for i, shift in enumerate(posting.shifts):
        for j, need in enumerate(shift.needs):
            here = f"shifts.{i}.needs.{j}"
            if need.columns["team_id"] not in there:
                faults.append(Fault(f"{here}.team", *NO_TEAM))
            faults += [
                Fault(
                    f"{here}.asks.{k}.skill",
                    "没有这项技能，请从列表选择",
                    "is not in the catalogue; choose a skill from it",
                )
                for k, (skill, _) in enumerate(need.asks)
                if known.get(skill) in (None, "language")
            ]
            faults += [
                Fault(
                    f"{here}.languages",
                    "没有这种语言，请从列表选择",
                    "is not in the catalogue; choose a language from it",
                )
                for code in need.columns["languages"]
                if known.get(code) != "language"
            ]
    if posting.unit is not None and not await Unit.exists(id=posting.unit):
        faults.append(Fault("unit", "没有这个单位，请重新选择", "there is no such unit; choose one of yours"))
    return faults


async def venues(act: Act, words: str, region: str) -> list[Venue]:
    """Places by name, for somebody who may post somewhere: of ``region``, else of their own regions, else of all."""
    scope = _posts(act)
    found = Venue.filter(region_id__startswith=region) if region else Venue.all()
    if words:
        found = found.filter(name__icontains=words)
    found = found.prefetch_related("region")
    if scope is None or not scope[0] or region:
        return await found.order_by("region_id", "name", "id").limit(FOUND)
    own: list[Venue] = []
    for code in sorted(scope[0]):
        own += await found.filter(region_id__startswith=code).order_by("region_id", "name", "id").limit(FOUND)
    return own[:FOUND]


async def teams(act: Act, words: str, region: str) -> list[dict[str, Any]]:
    """Teams by name, for somebody who may post somewhere: of ``region``, else of the cities where they may."""
    scope = _posts(act)
    found = Team.all()
    if region:
        found = found.filter(region_id__startswith=region)
    elif scope is not None and scope[0]:
        found = found.filter(reduce(or_, (Q(region_id__startswith=code[:4]) for code in scope[0])))
    if words:
        found = found.filter(name__icontains=words)
    rows = await found.prefetch_related("region").order_by("name", "id").limit(FOUND)
    counted = Membership.filter(team_id__in=[team.id for team in rows]).annotate(n=Count("id")).group_by("team_id")
    people = dict(await counted.values_list("team_id", "n"))
    return [
        {
            "id": team.id,
            "name": team.name,
            "region": {"code": team.region_id, "name": team.region.name},
            "least": team.min_cast,
            "people": people.get(team.id, 0),
        }
        for team in rows
    ]
