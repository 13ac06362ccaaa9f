"""Where a made-up week takes place: the counties of Quanzhou at their label points, towns scattered about them.

Only the counties' points, their numbers of townships and rough shares of population are facts; towns and venues are
drawn from the seed: right county, wrong spot.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt
from random import Random

from dispatch.planner.problem import Point, Venue

KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class County:
    """``people`` in ten thousands; ``reach_km`` = how far its towns lie from the label point."""

    name: str
    at: Point
    people: int
    towns: int
    reach_km: float


@dataclass(frozen=True, slots=True)
class Town:
    id: str
    county: str
    at: Point
    weight: float
    venues: tuple[Venue, ...]


COUNTIES = (
    County("licheng", Point(24.902, 118.5423), 42, 8, 4.0),
    County("fengze", Point(24.9238, 118.6437), 70, 8, 6.0),
    County("jinjiang", Point(24.7084, 118.5499), 206, 19, 15.0),
    County("shishi", Point(24.7424, 118.6762), 69, 9, 8.0),
    County("luojiang", Point(25.1186, 118.6194), 25, 6, 14.0),
    County("quangang", Point(25.1654, 118.8405), 36, 7, 9.0),
    County("huian", Point(24.9809, 118.821), 103, 16, 14.0),
    County("nanan", Point(24.9451, 118.3262), 152, 26, 24.0),
    County("anxi", Point(25.1372, 117.9405), 100, 24, 28.0),
    County("yongchun", Point(25.3887, 118.244), 42, 22, 20.0),
    County("dehua", Point(25.6702, 118.2271), 33, 18, 24.0),
)


def towns(draw: Random, counties: int, venues: int) -> tuple[Town, ...]:
    """The towns of the first ``counties`` counties with about ``venues`` venues in all, more in bigger towns."""
    chosen = COUNTIES[:counties]
    everybody = sum(county.people for county in chosen)
    return tuple(
        _town(draw, county, number, county.people / everybody / county.towns, venues)
        for county in chosen
        for number in range(county.towns)
    )


def near(draw: Random, at: Point, km: float) -> Point:
    """A point within ``km`` of ``at``, spread evenly over the disc."""
    far, angle = km * sqrt(draw.random()), 2 * pi * draw.random()
    lat = at.lat + far * cos(angle) / KM_PER_DEGREE
    lon = at.lon + far * sin(angle) / (KM_PER_DEGREE * cos(radians(at.lat)))
    return Point(round(lat, 5), round(lon, 5))


def _town(draw: Random, county: County, number: int, share: float, venues: int) -> Town:
    name = f"{county.name}-{number:02d}"
    at = near(draw, county.at, county.reach_km)
    weight = share * draw.uniform(0.4, 1.6)
    rooms = max(1, round(weight * venues))
    return Town(
        name,
        county.name,
        at,
        weight,
        tuple(Venue(f"v-{name}-{room:02d}", near(draw, at, 2.0), name) for room in range(rooms)),
    )
