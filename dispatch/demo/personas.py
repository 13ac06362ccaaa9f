"""The people that the demo signs you in as: fixed names and addresses, at home in one township of Jinjiang."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import Final, Literal
from uuid import UUID

from dispatch.demo.arts import Catalogue
from dispatch.demo.availability import Days
from dispatch.demo.chance import Ids
from dispatch.demo.occasions import Occasion, Seats, Session
from dispatch.demo.people import Resident, Spans
from dispatch.demo.places import Hall, Places, spoken
from dispatch.demo.programme import SHOWS
from dispatch.demo.teams import Teams, Troupe
from dispatch.demo.week import show
from volunteer.models import Region, Role, Unit, Volunteer

CITY: Final = "3505"
COUNTY: Final = "350582"
TOWNSHIP: Final = "350582101"

Face = Literal["phone", "desk", "board"]
_EVENINGS: Final[list[Spans]] = [[(1080, 1350)]] * 5 + [[(450, 1350)]] * 2


@dataclass(frozen=True, slots=True)
class Part:
    """A persona before it is somebody. ``key``: also the local part of the address; ``where``: city, county, township,
    village, or the kind of unit in which the role is held."""

    key: str
    label: str
    name: str
    gender: str
    age: int
    role: str
    where: str
    face: Face
    sends: bool = False


PARTS: Final = (
    Part("volunteer", "志愿者", "陈雅琴", "f", 34, "member", "township", "phone", sends=True),
    Part("leader", "领队", "吴海生", "m", 52, "leader", "troupe", "phone", sends=True),
    Part("organiser", "活动负责人", "林晓敏", "f", 38, "organiser", "centre", "desk"),
    Part("clerk", "村级文化协管员", "黄秀珍", "f", 47, "clerk", "village", "desk"),
    Part("recorder", "记录员", "许志明", "m", 41, "recorder", "centre", "desk"),
    Part("township", "镇街调度员", "蔡建国", "m", 45, "coordinator", "township", "board"),
    Part("county", "县级调度员", "郑丽萍", "f", 43, "coordinator", "county", "board"),
    Part("city", "市级调度员", "苏文辉", "m", 49, "coordinator", "city", "board"),
    Part("evaluator", "第三方评估员", "王少华", "m", 36, "evaluator", "city", "desk"),
    Part("auditor", "审计员", "李清源", "m", 50, "auditor", "city", "desk"),
    Part("admin", "系统管理员", "张宇航", "m", 31, "admin", "city", "desk"),
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Whom one can sign in as, and which face that person works at."""

    key: str
    label: str
    name: str
    email: str
    role: str
    scope: str
    face: Face
    id: UUID


def cast(people: Sequence[Resident], places: Places, catalogue: Catalogue, start: date) -> None:
    """Turn the first people into the personas: at home in the township, grown up, checked, free in the evenings and at
    weekends. Only the volunteer and the leader are sent by plans."""
    town = places.town(TOWNSHIP)
    for part, person in zip(PARTS, people, strict=False):
        person.persona, person.town, person.age, person.walk = True, town, part.age, "flexible"
        person.week = [list(spans) for spans in _EVENINGS]
        person.preferred, person.away, person.lapsed = {5, 6}, set(), set()
        person.checked, person.guardian = True, False
        person.skills = {catalogue.code("秩序"): 2}
        row = person.row
        row.name, row.gender, row.email = part.name, part.gender, address(part.key)
        row.birth_date = date(start.year - part.age, 1, 1)
        row.region_id, row.lat, row.lon = town.code, town.lat, town.lon
        row.languages = [catalogue.language(name) for name in ("普通话", "闽南语")]
        row.likes, row.limitations, row.language = ["tutoring", "performance"], [], "zh"
        row.travel_mode, row.max_km, row.rest, row.no_shows, row.load = "car", 40.0, 600, 0, 600
        row.max_day, row.max_week, row.max_month, row.max_events = 480, 900, 3600, 12
        row.automated, row.checked_until = part.sends, date(start.year + 2, 1, 31)
    people[0].skills = {catalogue.code("南音"): 4, catalogue.code("书法"): 3}


def address(key: str) -> str:
    return f"{key}@demo.citong"


def roles(people: Sequence[Resident], places: Places, teams: Teams, start: date) -> tuple[list[Role], list[Persona]]:
    """What each persona holds, and the list for whoever prints the links."""
    ids = Ids(0, "persona-role", start)
    since = datetime.combine(date(start.year - 1, 1, 1), time(1, 0), UTC)
    rows, personas = [], []
    for part, person in zip(PARTS, people, strict=False):
        region, unit, scope = _scope(part.where, places, teams.troupes[0])
        held = {"volunteer_id": person.id, "role": part.role, "region_id": region, "unit_id": unit}
        rows.append(Role(id=ids(), since=since, until=None, **held))
        personas.append(
            Persona(part.key, part.label, part.name, address(part.key), part.role, scope, part.face, person.id)
        )
    return rows, personas


async def found() -> list[Persona]:
    """The personas of the city that stands in the database."""
    by_email = {person.email: person for person in await Volunteer.filter(email__in=[address(p.key) for p in PARTS])}
    held = await Role.filter(volunteer_id__in=[person.id for person in by_email.values()])
    regions, units = [r.region_id for r in held if r.region_id], [r.unit_id for r in held if r.unit_id]
    names: dict[object, str] = dict(await Region.filter(code__in=regions).values_list("code", "name"))
    names |= dict(await Unit.filter(id__in=units).values_list("id", "name"))
    where = {(role.volunteer_id, role.role): names[role.region_id or role.unit_id] for role in held}
    return [
        Persona(part.key, part.label, part.name, address(part.key), part.role, spoken(place), part.face, person.id)
        for part in PARTS
        if (person := by_email.get(address(part.key))) and (place := where.get((person.id, part.role)))
    ]


def _scope(where: str, places: Places, troupe: Troupe) -> tuple[str | None, UUID | None, str]:
    """The region or the unit of a role, and how people call it."""
    town = places.town(TOWNSHIP)
    centre = places.centres[COUNTY][0]
    village = town.hall("village")
    return {
        "city": (CITY, None, "泉州市"),
        "county": (COUNTY, None, centre.place),
        "township": (TOWNSHIP, None, town.name),
        "village": (village.venue.region_id, None, village.place),
        "centre": (None, centre.unit, centre.venue.name),
        "troupe": (None, troupe.unit, troupe.team.name),
    }[where]


def fixed(places: Places, teams: Teams, catalogue: Catalogue, draw: Random, days: Days) -> list[Occasion]:
    """What the personas' week is about: two evenings of the volunteer's Nanyin point, the team's show under its leader,
    and an open day of the organiser's culture centre."""
    town = places.town(TOWNSHIP)
    centre, troupe = places.centres[COUNTY][0], teams.troupes[0]
    weekday, slot = troupe.hours[0]
    evening = (days.on(weekday) or 0, slot)
    first = 2 - days.start.weekday()
    return [
        *(_point(town.hall("village"), catalogue, day) for day in sorted((first % 7, (first + 2) % 7))),
        show(SHOWS[0], town.hall("stage"), troupe, evening, 4, catalogue, draw),
        _open_day(centre, catalogue, (6 - days.start.weekday()) % 7),
    ]


def _point(village: Hall, catalogue: Catalogue, day: int) -> Occasion:
    name = f"{village.place}南音辅导点"
    seats = (
        Seats("辅导教师", (1, 1, 1), ((catalogue.code("南音"), 3),), age_min=18),
        Seats("助教", (1, 1, 2)),
    )
    return Occasion(
        name, "Nanyin tutoring point", "tutoring", village, 4, (Session(day, 1140, 90, 15, 15, seats),),
        "固定辅导点，每周同一位老师，南音从入门教起。", name,
    )  # fmt: skip


def _open_day(centre: Hall, catalogue: Catalogue, day: int) -> Occasion:
    seats = (
        Seats("导览", (1, 2, 2), ((catalogue.code("导览讲解"), 1),)),
        Seats("秩序员", (2, 4, 5), ((catalogue.code("秩序"), 1),)),
    )
    return Occasion(
        f"{centre.place}文化馆开放日", "Open day", "support", centre, 4,
        tuple(Session(day, begin, 180, 30, 15, seats) for begin in (510, 810)),
        "文化馆开放日，按班次配合，到场先向领队报到。", audience=300,
    )  # fmt: skip
