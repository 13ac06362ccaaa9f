"""A county with offers to say yes to. People, roles, tokens and offers come by the public verbs; places as rows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch.models import Assignment, Event, Need, Shift, Venue
from dispatch.roster import assignments
from volunteer import people, signin
from volunteer.act import fresh_id, system
from volunteer.models import Region, Volunteer, Weekly

COUNTY: Final = "350502"
TOWN: Final = "350502001"
ELSEWHERE: Final = "350503001"
SEATS: Final = 8  # offers of one need
_REGIONS: Final = (
    ("3505", "泉州市", "city", None),
    (COUNTY, "鲤城区", "county", "3505"),
    (TOWN, "海滨街道", "township", COUNTY),
    ("350503", "丰泽区", "county", "3505"),
    (ELSEWHERE, "东湖街道", "township", "350503"),
)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tap:
    """One open offer and the token of whom it was made to."""

    assignment: UUID
    token: str


@dataclass(frozen=True, slots=True)
class County:
    """``first``: when the first shift begins; ``town``: where its venue is and its people live."""

    venue: UUID
    first: datetime
    town: str = TOWN


async def county() -> County:
    """Regions and a venue in an empty, migrated database."""
    for code, name, level, parent in _REGIONS:
        await Region.create(code=code, name=name, level=level, kind=level, parent_id=parent, lat=24.91, lon=118.59)
    return await _venue("海滨文化站", TOWN)


async def elsewhere() -> County:
    """A venue in the county next to it: what happens there is no entry of :data:`COUNTY`."""
    return await _venue("东湖文化站", ELSEWHERE)


async def _venue(name: str, town: str) -> County:
    now = datetime.now(UTC)
    venue = await Venue.create(id=fresh_id(now), name=name, region_id=town, lat=24.91, lon=118.59)
    return County(venue.id, now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=2), town)


async def coordinator() -> tuple[Volunteer, str]:
    """The county's coordinator and their token."""
    person, token = await _person("coordinator")
    await people.grant(system(), person.id, "coordinator", region=COUNTY)
    return person, token


async def crowd(place: County, count: int) -> list[Tap]:
    """So many people with an open offer each, eight to a shift."""
    taps: list[Tap] = []
    needs = [await _need(place, place.first + number % 48 * _HOUR, SEATS) for number in range(-(-count // SEATS))]
    for number in range(count):
        person, token = await _person(f"phone-{fresh_id(datetime.now(UTC)).hex}", place.town)
        line = await assignments.offer(system(), needs[number // SEATS].id, person.id)
        taps.append(Tap(line.id, token))
    return taps


async def rivals(place: County, phones: int, seats: int) -> tuple[UUID, list[Tap]]:
    """So many people, each with an open offer of the one need where the first yes wins its ``seats``; and the need."""
    need = await _need(place, place.first, seats, mode="race")
    taps: list[Tap] = []
    for _ in range(phones):
        person, token = await _person(f"rival-{fresh_id(datetime.now(UTC)).hex}")
        line = await assignments.offer(system(), need.id, person.id)
        taps.append(Tap(line.id, token))
    return need.id, taps


async def openings(place: County, count: int) -> None:
    """What else a city looks for in the four weeks to come, as rows: so many needs on half as many shifts, at twenty
    places up to 40 km away, by day and by evening; every other one asks for an ability that hardly anybody has."""
    at = datetime.now(UTC)
    there = [
        Venue(id=fresh_id(at), name=f"文化站 {n}", region_id=place.town, lat=24.91 + n * 0.018, lon=118.59)
        for n in range(20)
    ]
    events, shifts, needs = [], [], []
    for number in range(-(-count // 2)):
        begins = place.first + timedelta(days=number % 28, hours=number % 11)
        about = {"region_id": (TOWN, ELSEWHERE)[number % 2], "starts_at": begins, "ends_at": begins + _HOUR}
        event = Event(id=fresh_id(at), title="南音进校园", mode="support", state="published", created_at=at, **about)
        event.risk_notice = "注意台阶"
        shift = Shift(id=fresh_id(at), event_id=event.id, venue_id=there[number % 20].id, starts_at=begins)
        shift.ends_at = begins + _HOUR
        events.append(event)
        shifts.append(shift)
        needs += [
            Need(id=fresh_id(at), shift_id=shift.id, role="助教", min=1, desired=2, max=2, asks=asks)
            for asks in ([], [{"skill": "nanyin", "level": 3}])
        ]
    await Venue.bulk_create(there)
    await Event.bulk_create(events, batch_size=500)
    await Shift.bulk_create(shifts, batch_size=500)
    await Need.bulk_create(needs[:count], batch_size=500)


async def lines(place: County, count: int, *, each: int) -> list[Assignment]:
    """So many open offers to as many people, ``each`` of one need."""
    made: list[Assignment] = []
    while len(made) < count:
        need = await _need(place, place.first + len(made) // each % 48 * _HOUR, each)
        for _ in range(min(each, count - len(made))):
            person, _ = await _person(f"line-{fresh_id(datetime.now(UTC)).hex}")
            made.append(await assignments.offer(system(), need.id, person.id))
    return made


async def evenings(place: County, count: int) -> tuple[Volunteer, list[UUID]]:
    """One person with so many offers, two a day, and the shifts in order of time; fourteen at most fit in a week."""
    person, _ = await _person("screen")
    shifts = []
    for half_day in range(count):
        need = await _need(place, place.first + 12 * half_day * _HOUR, 1)
        await assignments.offer(system(), need.id, person.id)
        shifts.append(need.shift_id)
    return person, shifts


async def _person(name: str, town: str = TOWN) -> tuple[Volunteer, str]:
    email = f"{name}@bench.citong"
    person = await people.add(system(), name="陈雅琴", region=town, email=email)
    week = [
        Weekly(id=fresh_id(person.created_at), volunteer_id=person.id, weekday=d, start=0, end=1440) for d in range(7)
    ]
    await Weekly.bulk_create(week)
    return person, await signin.token(system(), email)


async def _need(place: County, begins: datetime, seats: int, *, mode: str = "reserve") -> Need:
    at = datetime.now(UTC)
    event = await Event.create(
        id=fresh_id(at), title="南音进校园", mode="support", state="published", region_id=place.town,
        risk_notice="注意台阶", starts_at=begins, ends_at=begins + _HOUR, created_at=at,
    )  # fmt: skip
    shift = await Shift.create(
        id=fresh_id(at), event_id=event.id, venue_id=place.venue, starts_at=begins, ends_at=begins + _HOUR
    )
    return await Need.create(
        id=fresh_id(at), shift_id=shift.id, role="助教", mode=mode, min=seats, desired=seats, max=seats
    )
