"""Who fits a seat, judged strictly: whoever passes here passes every rule of the registry. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from random import Random
from uuid import UUID

from dispatch.demo.availability import Days
from dispatch.demo.events import Place
from dispatch.demo.occasions import Session
from dispatch.demo.people import Resident


@dataclass(frozen=True, slots=True)
class Bench:
    """Grown-up people by county and by county and skill, members by team."""

    counties: dict[str, list[Resident]]
    skilled: dict[tuple[str, str], list[Resident]]
    members: dict[UUID, Sequence[Resident]]
    days: Days

    def pool(self, place: Place) -> Sequence[Resident]:
        if place.seats.team is not None:
            return self.members[place.seats.team]
        county = place.occasion.hall.county
        if place.seats.asks:
            return self.skilled.get((county, place.seats.asks[0][0]), [])
        return self.counties.get(county, [])

    def pick(self, draw: Random, places: Sequence[Place], *, tries: int = 40) -> Resident | None:
        """Somebody who fits all of these places and is not taken on any of their days; none after so many tries."""
        pool = self.pool(places[0])
        for person in draw.sample(pool, min(tries, len(pool))):
            if not person.persona and self.fits(person, places):
                return person
        return None

    def fits(self, person: Resident, places: Iterable[Place]) -> bool:
        return all(self._fits(person, place) for place in places)

    def _fits(self, person: Resident, place: Place) -> bool:
        seats, row, session = place.seats, person.row, place.session
        if person.age < 18 or not row.automated or person.blocked or session.day in person.taken:
            return False
        if not seats.age_min <= person.age <= seats.age_max or (seats.near_minors and not person.checked):
            return False
        if set(seats.demands) & set(row.limitations) or not set(seats.languages) <= set(row.languages):
            return False
        if any(person.skills.get(code, 0) < level or code in person.lapsed for code, level in seats.asks):
            return False
        if session.minutes > row.max_day or km(person, place) > 0.97 * row.max_km:
            return False
        return self._free(person, session)

    def _free(self, person: Resident, session: Session) -> bool:
        begin, end = session.occupies
        spans = person.week[self.days.weekday(session.day)]
        return session.day not in person.away and any(low <= begin and end <= high for low, high in spans)


def km(person: Resident, place: Place) -> float:
    """Kilometres from home to the venue, flat as a map."""
    lat, lon = person.row.lat or 0.0, person.row.lon or 0.0
    venue = place.occasion.hall.venue
    north, east = (venue.lat or 0.0) - lat, ((venue.lon or 0.0) - lon) * cos(radians(lat))
    return 111.3 * hypot(north, east)
