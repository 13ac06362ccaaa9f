"""A tiny network to try verbs on: one township, a few people who are always free, events that begin in two days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from dispatch.models import Assignment, Event, Need, Shift, Venue
from volunteer.act import Act, Actor, Grant, system
from volunteer.models import Qualification, Region, Skill, Volunteer, Weekly

TOWN = "350502001"
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


@dataclass
class World:
    """What :func:`make` laid down, and ways to lay down more."""

    venue: Venue
    people: list[Volunteer] = field(default_factory=list)

    async def person(self, *, free: bool = True, **fields: object) -> Volunteer:
        person = await Volunteer.create(**(_somebody() | fields))
        if free:
            await Weekly.bulk_create(_always(person))
        self.people.append(person)
        return person

    async def crowd(self, count: int) -> list[Volunteer]:
        """So many people who are always free, laid down at once."""
        people = [Volunteer(**_somebody()) for _ in range(count)]
        await Volunteer.bulk_create(people, batch_size=500)
        await Weekly.bulk_create([row for person in people for row in _always(person)], batch_size=2000)
        self.people += people
        return people

    async def skill(self, person: Volunteer, code: str, level: int = 3, until: datetime | None = None) -> None:
        if not await Skill.exists(code=code):
            await Skill.create(code=code, name=code, name_en=code, discipline="music")
        await Qualification.create(id=uuid4(), volunteer_id=person.id, skill_id=code, level=level, valid_until=until)

    async def need(
        self,
        *,
        after: timedelta = timedelta(0),
        lasts: timedelta = timedelta(hours=2),
        seats: int = 1,
        event: dict[str, object] | None = None,
        **fields: object,
    ) -> Need:
        """A need on a fresh published event that begins ``START + after``."""
        begins = START + after
        given: dict[str, object] = {"min": seats, "desired": seats, "max": seats, "role": "助教"}
        if "shift_id" in fields:
            return await Need.create(id=uuid4(), **(given | fields))
        made = await Event.create(
            **{
                "id": uuid4(), "title": "南音进校园", "mode": "support", "state": "published", "region_id": TOWN,
                "risk_notice": "注意台阶", "starts_at": begins, "ends_at": begins + lasts, "created_at": START,
                **(event or {}),
            }
        )  # fmt: skip
        shift = await Shift.create(
            id=uuid4(), event_id=made.id, venue_id=self.venue.id, starts_at=begins, ends_at=begins + lasts
        )
        return await Need.create(id=uuid4(), shift_id=shift.id, **(given | fields))

    async def offered(self, need: Need, person: Volunteer, *, expires: datetime | None = None) -> Assignment:
        """An open offer, laid down without asking any rule."""
        line = _offer(await Shift.get(id=need.shift_id), need, person, expires or START)
        await line.save(force_create=True)
        return line

    async def all_offered(self, need: Need, people: Sequence[Volunteer]) -> list[Assignment]:
        """The same to each of these people at once."""
        shift = await Shift.get(id=need.shift_id)
        lines = [_offer(shift, need, person, START) for person in people]
        await Assignment.bulk_create(lines, batch_size=500)
        return lines


def _somebody() -> dict[str, Any]:
    number = uuid4().hex[:12]
    return {
        "id": uuid4(), "number": number, "name": f"陈{number[:2]}", "region_id": TOWN,
        "birth_date": date(1980, 1, 1),
        "lat": 24.90, "lon": 118.58, "created_at": START, "languages": ["cmn"],
        "max_day": 1440, "max_week": 10080, "max_month": 40000, "max_events": 1000, "rest": 0,
    }  # fmt: skip


def _always(person: Volunteer) -> list[Weekly]:
    return [Weekly(id=uuid4(), volunteer_id=person.id, weekday=day, start=0, end=1440) for day in range(7)]


def _offer(shift: Shift, need: Need, person: Volunteer, expires: datetime) -> Assignment:
    return Assignment(
        id=uuid4(), need_id=need.id, volunteer_id=person.id, status="offered", source="hand",
        occupies_from=shift.starts_at, occupies_until=shift.ends_at, offered_at=datetime.now(UTC), expires_at=expires,
    )  # fmt: skip


async def make() -> World:
    await Region.create(code="3505", name="泉州市", level="city", kind="city")
    await Region.create(code="350502", name="鲤城区", level="county", kind="county", parent_id="3505")
    await Region.create(code=TOWN, name="海滨街道", level="township", kind="subdistrict", parent_id="350502")
    await Region.create(code="350503", name="丰泽区", level="county", kind="county", parent_id="3505")
    venue = await Venue.create(id=uuid4(), name="海滨文化站", region_id=TOWN, lat=24.91, lon=118.59)
    return World(venue)


def starting(minutes: float) -> timedelta:
    """``after`` for a shift that begins so many minutes from now; before now when negative."""
    return datetime.now(UTC) + timedelta(minutes=minutes) - START


def by(person: Volunteer) -> Act:
    """An act of this person, now, without any role."""
    return Act(Actor(person.id), datetime.now(UTC))


def coordinator(person: Volunteer, region: str = "350502") -> Act:
    return Act(Actor(person.id, (Grant("coordinator", region),)), datetime.now(UTC))


def itself() -> Act:
    return system()


async def taken(need_id: UUID) -> int:
    return (await Need.get(id=need_id)).taken
