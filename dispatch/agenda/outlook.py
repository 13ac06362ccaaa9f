"""The need check while posting: who could come at each hour of the coming week, and how likely it fills. Reads only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch import words
from dispatch.holes import crowds
from dispatch.models import Venue
from dispatch.offers import forecast
from dispatch.planner import problem as p
from dispatch.planner.reasons.slots import Slot, Week, Wish, looked_up
from dispatch.pool import minute, point
from volunteer import access
from volunteer.access import Thing
from volunteer.act import Act, Language
from volunteer.errors import Fault, Forbidden, Invalid
from volunteer.models import Membership, Team

DAYS: Final = 7
HOURS: Final = range(6, 23)
LAST_HOUR: Final = 24  # nothing that would go on past midnight is a slot
LONGEST_AHEAD: Final = timedelta(days=52)
NOT_YOURS: Final = Fault(
    "venue",
    "您不能以这个单位的名义在这里举办活动，请换场地或单位",
    "you may not hold events here in this unit's name; choose another venue or unit",
)
NO_TEAM: Final = Fault("team", "没有这支队伍，请从列表选择", "there is no such team; choose one from the list")
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A need that is not saved yet: what a plan would be asked for."""

    venue: UUID
    unit: UUID | None
    mode: str
    minutes: int
    call: int
    out: int
    need: Mapping[str, Any]
    asks: Sequence[tuple[str, int]]
    team: UUID | None = None


async def checked(act: Act, plan: Plan, first: date | None) -> View:
    """The week from ``first`` on (today by default), hour by hour. Raises :class:`Invalid` for a venue that does not
    exist or a week too far ahead."""
    scope = access.scopes(act.actor, "event.write")
    if scope is not None and not any(scope):
        raise Forbidden("event.write", anonymous=act.actor.id is None)
    venue = await Venue.get_or_none(id=plan.venue)
    if venue is None:
        raise Invalid([Fault("venue", "没有这个场地，请重新选择", "there is no such venue; choose one from the list")])
    if not access.may(act.actor, "event.write", Thing("event", venue.region_id, plan.unit)):
        raise Invalid([NOT_YOURS])
    zone = ZoneInfo(venue.zone)
    today = act.at.astimezone(zone).date()
    since = first or today
    if not timedelta(days=-1) <= since - today <= LONGEST_AHEAD:
        raise Invalid([Fault("from", "请选择今天起 52 天内的日期", "choose a day within 52 days from today")])
    slots = _slots(since, zone, plan, act.at)
    asked, read_at = await crowds.asked(venue.region_id[:4], act.at)
    odds = (await forecast.model(act.at)).says
    wish = _wish(plan, venue, await _members(plan.team))
    found = await asyncio.to_thread(looked_up, asked, wish, slots, minute(act.at), odds)
    return _view(found, since, zone, read_at, act.actor.language)


async def _members(team: UUID | None) -> frozenset[str] | None:
    """Whom the team has; none = no team is asked for. Raises :class:`Invalid` for one that does not exist."""
    if team is None:
        return None
    if not await Team.exists(id=team):
        raise Invalid([NO_TEAM])
    found = await Membership.filter(team_id=team).values_list("volunteer_id", flat=True)
    return frozenset(map(str, found))


def _wish(plan: Plan, venue: Venue, members: frozenset[str] | None) -> Wish:
    need = p.Need(
        id="wish",
        shift="wish",
        role="wish",
        **plan.need,
        max=max(1, plan.need["desired"]),
        asks=tuple(p.Asks(skill, level) for skill, level in plan.asks),
    )
    unit = str(plan.unit) if plan.unit else "-"
    event = p.Event("wish", mode=cast("p.Mode", plan.mode), unit=unit, region=venue.region_id[:6])
    place = p.Venue(str(venue.id), point(venue.lat, venue.lon), venue.region_id)
    return Wish(need, event, place, plan.minutes, plan.call, plan.out, members)


def _slots(first: date, zone: ZoneInfo, plan: Plan, at: datetime) -> list[Slot]:
    """Every full hour of the week that is still to come and ends on the same day."""
    found = []
    for day in (first + timedelta(days=n) for n in range(DAYS)):
        for hour in HOURS:
            starts = datetime.combine(day, time(hour), zone)
            fits = hour * 60 + plan.minutes + plan.out <= LAST_HOUR * 60 and hour * 60 >= plan.call
            if fits and starts - timedelta(minutes=plan.call) > at:
                found.append(Slot(minute(starts), day.toordinal(), hour * 60))
    return found


def _view(found: Week, first: date, zone: ZoneInfo, read_at: datetime, language: Language) -> View:
    slots = [
        {
            "starts_at": datetime.combine(date.fromordinal(slot.day), time(slot.minute // 60), zone),
            "day": date.fromordinal(slot.day),
            "hour": slot.minute // 60,
            "eligible": int(found.eligible[i]),
            "chance": round(float(found.chance[i]), 3),
        }
        for i, slot in enumerate(found.slots)
    ]
    counted = sorted(found.refused.items(), key=lambda one: (-one[1], one[0]))
    return {
        "from": first,
        "zone": str(zone),
        "pool": found.pool,
        "fit": found.fit,
        "reasons": [{"rule": rule, "people": n, "text": words.count(rule, n, language)} for rule, n in counted],
        "slots": slots,
        "read_at": read_at,
    }
