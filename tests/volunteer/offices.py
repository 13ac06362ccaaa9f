"""A unit with an organiser, a leader, two recorders and a coordinator, and services to record."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from volunteer import journal
from volunteer.act import Act, Actor, Grant, system
from volunteer.models import Region, Role, ServiceRecord, Unit, Volunteer
from volunteer.records import proposing
from volunteer.records.hours import Stay, Terms
from volunteer.records.proposing import Served, Source

TOWN = "350502001"


@dataclass
class Office:
    """Who is who: each is a person with the one role that their name says."""

    unit: UUID
    people: dict[str, UUID] = field(default_factory=dict)
    matter: UUID = field(default_factory=uuid4)

    async def person(self, key: str, role: str = "", region: str = "", unit: UUID | None = None) -> None:
        person = await Volunteer.create(
            id=uuid4(), number=uuid4().hex[:12], name=f"陈{key}", region_id=TOWN, created_at=datetime.now(UTC)
        )
        self.people[key] = person.id
        if role:
            since = datetime.now(UTC) - timedelta(days=30)
            place = {"region_id": region or None, "unit_id": unit}
            await Role.create(id=uuid4(), volunteer_id=person.id, role=role, since=since, **place)

    def act(self, key: str) -> Act:
        """What this person does, now."""
        grants = {
            "organiser": (Grant("organiser", unit=self.unit),),
            "recorder": (Grant("recorder", unit=self.unit),),
            "second": (Grant("recorder", unit=self.unit),),
            "coordinator": (Grant("coordinator", "350502"),),
            "all": (Grant("coordinator", "350502"), Grant("recorder", "350502")),
            "away": (Grant("coordinator", "350503"), Grant("recorder", "350503")),
        }
        return Act(Actor(self.people[key], grants.get(key, ())), datetime.now(UTC))

    async def served(
        self,
        key: str = "volunteer",
        *,
        came: int = 0,
        left: int = 120,
        ended: datetime | None = None,
        source: Source = "checkin",
        terms: Terms | None = None,
        asked_by: str = "",
        matter: UUID | None = None,
    ) -> ServiceRecord:
        """A record of a service of two hours yesterday, proposed; minutes count from its start."""
        begins = (ended or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)) - timedelta(hours=2)
        minute = timedelta(minutes=1)
        service = Served(
            volunteer=self.people[key], cause=uuid4(), matter=matter or self.matter, title="南音进校园",
            title_en="Nanyin at school", place="海滨文化站", content="助教", region=TOWN, unit=self.unit,
            organiser=self.people["organiser"], leaders=frozenset({self.people["leader"]}), source=source,
            stay=Stay(begins, begins + 120 * minute, begins + came * minute, begins + left * minute),
            ended=begins + 120 * minute, evidence="签到表照片 12 号" if source == "makeup" else "",
            reason="忘记签到" if source == "makeup" else "", asked_by=self.people.get(asked_by),
        )  # fmt: skip
        return await journal.writing(system(), lambda w: proposing.propose(w, service, terms or Terms()))


async def make() -> Office:
    await Region.create(code="3505", name="泉州市", level="city", kind="city")
    for code, parent in (("350502", "3505"), ("350503", "3505"), (TOWN, "350502")):
        await Region.create(code=code, name=code, level="county", kind="county", parent_id=parent)
    unit = await Unit.create(
        id=uuid4(), name="海滨文化站", kind="station", region_id=TOWN, created_at=datetime.now(UTC)
    )
    made = Office(unit.id)
    await made.person("organiser", "organiser", unit=unit.id)
    for key in ("recorder", "second"):
        await made.person(key, "recorder", unit=unit.id)
    await made.person("coordinator", "coordinator", region="350502")
    await made.person("all", "coordinator", region="350502")
    await made.person("away", "coordinator", region="350503")
    for key in ("leader", "volunteer", "other", "stranger"):
        await made.person(key)
    return made


async def now(record: ServiceRecord) -> ServiceRecord:
    return await ServiceRecord.get(id=record.id)


async def lapse(record: ServiceRecord, by: timedelta = timedelta(days=9)) -> None:
    """Let so much time pass for this record: everything about it lies further back."""
    found = await now(record)
    names = ("plan_from", "plan_until", "came_at", "left_at", "notice_from", "notice_until", "nudge_at", "late_at",
             "due_at", "confirmed_at", "created_at")  # fmt: skip
    await ServiceRecord.filter(id=record.id).update(
        **{name: at - by for name in names if (at := getattr(found, name)) is not None}
    )
