"""A whole city in memory, from one seed: every noun in its order, then the rows as the database takes them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from tortoise.models import Model

from dispatch.demo import availability, events, personas, standing
from dispatch.demo.arts import Catalogue
from dispatch.demo.availability import Days
from dispatch.demo.chance import Ids, stream
from dispatch.demo.events import Place, Writer
from dispatch.demo.fitting import Bench
from dispatch.demo.hours import Hours
from dispatch.demo.occasions import Occasion
from dispatch.demo.people import Resident, by_county, residents
from dispatch.demo.personas import Persona
from dispatch.demo.places import RESIDENTS, places
from dispatch.demo.roster import Roster
from dispatch.demo.teams import Teams, teams
from dispatch.demo.week import occasions
from dispatch.models import Assignment, Event, Need, Series, Shift, Venue
from dispatch.settings import policy
from volunteer.models import (
    Block,
    Consent,
    Membership,
    Override,
    Qualification,
    Region,
    Role,
    Team,
    Unit,
    Volunteer,
    Weekly,
)
from volunteer.pinyin import spelt

Rows = list[tuple[type[Model], Sequence[Model]]]


@dataclass(frozen=True, slots=True)
class Scale:
    """How big a city is. ``villages``: about so many have a hall; ``counties``: where it lies."""

    people: int
    events: int
    teams: int
    villages: int
    counties: tuple[str, ...]


# S keeps to three counties by the sea, so that its few people live near its events.
SCALES: Final = {
    "S": Scale(200, 40, 4, 40, ("350502", "350503", "350582")),
    "M": Scale(2_000, 300, 32, 200, tuple(RESIDENTS)),
    "L": Scale(20_000, 2_000, 180, 700, tuple(RESIDENTS)),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """``places``: the needs of the demo week; ``rows``: everything, in the order in which the database takes it."""

    personas: tuple[Persona, ...]
    places: tuple[Place, ...]
    rows: Rows

    @property
    def seats(self) -> int:
        return sum(place.need.desired for place in self.places)

    @property
    def mandatory(self) -> int:
        return sum(place.need.min for place in self.places)


def draw(
    regions: Sequence[Region], catalogue: Catalogue, scale: Scale, *, seed: int, start: date, at: datetime
) -> Drawn:
    """The city of ``scale``, its week beginning on ``start``, seen at ``at``."""
    town_map = places(regions, counties=scale.counties, villages=scale.villages, seed=seed, start=start)
    people = residents(town_map, catalogue, count=scale.people, seed=seed, start=start)
    personas.cast(people, town_map, catalogue, start)
    days = Days(start)
    home = (town_map.town(personas.TOWNSHIP), people[1])
    troupes = teams(town_map, people, catalogue, count=scale.teams, seed=seed, start=start, first=home)
    fixed = personas.fixed(town_map, troupes, catalogue, stream(seed, "fixed"), days)
    week = occasions(town_map, troupes, catalogue, events=scale.events, seed=seed, days=days, fixed=fixed)
    held, cast = personas.roles(people, town_map, troupes, start)
    given = {occasion.unit: people[2].id for occasion in fixed}
    organisers, roles = events.organisers(week, people, given, seed=seed, start=start)
    blocks = standing.blocks(people, seed, start)
    writer = Writer(organisers, lock_hours=policy().lock_hours, seed=seed, start=start, at=at)
    roster = Roster(_bench(people, troupes, days), seed=seed, start=start, at=at)
    ahead = _staffed(writer, roster, week, people)
    kept = Hours(stream(seed, "hours"), Ids(seed, "record", start), _recorder(held), at)
    kept.of(roster.lines, writer.rows.needs, writer.rows.shifts, writer.rows.events, town_map.venues)
    rows: Rows = [
        (Unit, [*town_map.units, *troupes.units]),
        (Venue, town_map.venues),
        (Volunteer, _spelt(people)),
        (Role, [*held, *roles]),
        (Team, [troupe.team for troupe in troupes.troupes]),
        (Membership, troupes.memberships),
        (Weekly, availability.weekly(people, seed, start)),
        (Override, availability.overrides(people, seed, start)),
        (Qualification, standing.qualifications(people, seed, start)),
        (Consent, standing.consents(people, seed, start)),
        (Block, blocks),
        (Series, list(writer.rows.series.values())),
        (Event, writer.rows.events),
        (Shift, writer.rows.shifts),
        (Need, writer.rows.needs),
        (Assignment, roster.lines),
        *kept.rows(),
    ]
    return Drawn(tuple(cast), tuple(ahead), rows)


def _recorder(held: Sequence[Role]) -> Role:
    return next(role for role in held if role.role == "recorder")


def _bench(people: Sequence[Resident], troupes: Teams, days: Days) -> Bench:
    skilled: dict[tuple[str, str], list[Resident]] = {}
    for person in people:
        for code in person.skills:
            skilled.setdefault((person.town.county, code), []).append(person)
    members: dict[UUID, Sequence[Resident]] = {troupe.team.id: troupe.members for troupe in troupes.troupes}
    return Bench(by_county(people), skilled, members, days)


def _staffed(writer: Writer, roster: Roster, week: Sequence[Occasion], people: Sequence[Resident]) -> list[Place]:
    """The past, then the week with what is promised already: the volunteer's point (one evening agreed, one asked),
    the leader's show, and some seats elsewhere. The needs of the week."""
    volunteer, leader = people[0], people[1]
    regulars = {week[0].series or "": volunteer}
    roster.served(writer, week, regulars)
    ahead = [place for occasion in week for place in writer.add(occasion)]
    points = [place for place in ahead if place.occasion.series == week[0].series and place.seats.asks]
    roster.promise(points[0], volunteer, "accepted")
    for place in points[1:]:
        roster.promise(place, volunteer, "offered")
    show = next(place for place in ahead if place.occasion is week[2] and place.seats.leader)
    roster.promise(show, leader, "accepted")
    roster.published(ahead, regulars)
    return ahead


def _spelt(people: Sequence[Resident]) -> list[Volunteer]:
    for person in people:
        person.row.pinyin = spelt(person.row.name, person=True)
    return [person.row for person in people]
