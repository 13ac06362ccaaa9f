"""Teams that go whole: Nanyin societies, opera and puppet troupes, choirs, drum and dance teams, each of one county."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import Final
from uuid import UUID

from dispatch.demo.arts import Catalogue
from dispatch.demo.chance import Ids, stream
from dispatch.demo.people import Resident, add_slot, by_county
from dispatch.demo.places import Places, Town
from volunteer.models import Membership, Team, Unit


@dataclass(frozen=True, slots=True)
class Art:
    """What a team shows: its name after the place, the ability, how many such teams there are, the least cast."""

    name: str
    english: str
    skill: str
    share: int
    cast: tuple[int, int]


ARTS: Final = (
    Art("南音社", "Nanyin society", "南音", 26, (5, 6)),
    Art("高甲戏剧团", "Gaojia opera troupe", "高甲戏", 12, (6, 8)),
    Art("合唱团", "choir", "合唱", 16, (7, 9)),
    Art("广场舞队", "square dance team", "广场舞", 18, (6, 8)),
    Art("腰鼓队", "waist drum team", "民族舞", 12, (6, 8)),
    Art("拍胸舞队", "Paixiong dance team", "拍胸舞", 6, (5, 6)),
    Art("布袋戏班", "glove puppet troupe", "布袋木偶", 6, (4, 5)),
    Art("提线木偶剧团", "string puppet troupe", "提线木偶", 4, (4, 5)),
)
# Slots (weekday, slot) in which teams rehearse and perform: one at the weekend, one more.
_WEEKEND: Final = ((5, 1), (5, 2), (6, 1), (6, 2))
_HOURS: Final = (*_WEEKEND, (4, 2), (2, 2))


@dataclass(frozen=True, slots=True)
class Troupe:
    """A team with its art, its members, and the (weekday, slot) pairs in which it performs."""

    team: Team
    art: Art
    town: Town
    unit: UUID
    members: tuple[Resident, ...]
    hours: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Teams:
    troupes: tuple[Troupe, ...]
    units: tuple[Unit, ...]
    memberships: tuple[Membership, ...]

    def of(self, county: str) -> tuple[Troupe, ...]:
        return tuple(troupe for troupe in self.troupes if troupe.town.county == county)


def teams(
    places: Places, people: Sequence[Resident], catalogue: Catalogue, *, count: int, seed: int, start: date,
    first: tuple[Town, Resident],
) -> Teams:  # fmt: skip
    """``count`` teams with ten to sixteen members of their county, who learn the art, travel together and keep most of
    the team's hours free. The first is a Nanyin society of the town in ``first``, led by that person."""
    return _Casting(catalogue, seed, start).all(places, people, count, first)


class _Casting:
    def __init__(self, catalogue: Catalogue, seed: int, start: date):
        self.draw: Random = stream(seed, "teams")
        self.catalogue = catalogue
        self.ids = {noun: Ids(seed, noun, start) for noun in ("team", "membership", "troupe")}
        self.at = datetime.combine(date(start.year - 3, 3, 1), time(2, 0), UTC)
        self.units: list[Unit] = []
        self.memberships: list[Membership] = []
        self.names: set[tuple[str, str]] = set()

    def all(self, places: Places, people: Sequence[Resident], count: int, first: tuple[Town, Resident]) -> Teams:
        pools = {county: _grown(residents) for county, residents in by_county(people).items()}
        town, leader = first
        troupes = [self._troupe(town, ARTS[0], pools[town.county], leader)]
        while len(troupes) < count:
            town = self.draw.choices(places.towns, places.weights)[0]
            pool = pools.get(town.county, [])
            art = self.draw.choices(ARTS, [art.share for art in ARTS])[0]
            if len(pool) >= 12 and (town.code, art.name) not in self.names:
                troupes.append(self._troupe(town, art, pool, None))
        return Teams(tuple(troupes), tuple(self.units), tuple(self.memberships))

    def _troupe(self, town: Town, art: Art, pool: Sequence[Resident], leader: Resident | None) -> Troupe:
        self.names.add((town.code, art.name))
        name = f"{town.short}{art.name}"
        unit = Unit(
            id=self.ids["troupe"](), name=name, kind="troupe", region_id=town.code, state="active", created_at=self.at
        )
        least = self.draw.randint(*art.cast)
        members = self._members(pool, leader, self.draw.randint(least + 6, least + 10))
        team = Team(
            id=self.ids["team"](), name=name, unit_id=unit.id, region_id=town.code, min_cast=least,
            skills=[self.catalogue.code(art.skill)], created_at=self.at,
        )  # fmt: skip
        first = self.draw.choice(_WEEKEND)
        hours = (first, self.draw.choice([hour for hour in _HOURS if hour[0] != first[0]]))
        for number, member in enumerate(members):
            self._join(team, member, art, hours, leads=number == 0)
        self.units.append(unit)
        return Troupe(team, art, town, unit.id, tuple(members), hours)

    def _members(self, pool: Sequence[Resident], leader: Resident | None, count: int) -> list[Resident]:
        """The leader, then grown-ups of the county that are in no team yet as long as there are any."""
        others = [person for person in pool if person is not leader]
        free = [person for person in others if not person.team]
        chosen = self.draw.sample(free if len(free) >= count else others, min(count, len(others)))
        return [leader, *chosen] if leader else chosen

    def _join(self, team: Team, member: Resident, art: Art, hours: Sequence[tuple[int, int]], *, leads: bool) -> None:
        code = self.catalogue.code(art.skill)
        member.team = True
        member.skills[code] = max(member.skills.get(code, 0), self.draw.choices((2, 3, 4), (50, 35, 15))[0])
        member.lapsed.discard(code)
        member.row.max_km = max(member.row.max_km, 40.0)
        member.row.max_week = max(member.row.max_week, 360)
        member.row.max_month = max(member.row.max_month, 1440)
        for weekday, slot in hours:
            if leads or self.draw.random() < 0.85:
                add_slot(member, weekday, slot)
        self.memberships.append(
            Membership(id=self.ids["membership"](), team_id=team.id, volunteer_id=member.id, leads=leads)
        )


def _grown(people: Sequence[Resident]) -> list[Resident]:
    """Grown-ups that the planner may send."""
    return [person for person in people if person.age >= 18 and person.row.automated and not person.persona]
