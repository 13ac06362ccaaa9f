"""Where the demo takes place: real townships and villages, the units that serve them, and their venues.

Names of regions are facts; which villages have a hall, and every point, are drawn from the seed and shown as
approximate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Final
from uuid import UUID

from dispatch.demo.chance import Ids, spread, stream
from dispatch.models import Venue
from volunteer.models import Region, Unit

# Residents in ten thousands (census of 2020, rounded): people and events are spread by them.
RESIDENTS: Final = {
    "350502": 41, "350503": 71, "350504": 25, "350505": 36, "350521": 103, "350524": 100, "350525": 42,
    "350526": 33, "350581": 69, "350582": 206, "350583": 152,
}  # fmt: skip
# How much a township of each kind weighs within its county, and how far its villages lie about its point, in km.
WEIGHT: Final = {"subdistrict": 1.6, "town": 1.0, "township": 0.5}
REACH_KM: Final = {"subdistrict": 1.5, "town": 4.0, "township": 6.0}

Villages = dict[str, tuple[tuple[str, str], ...]]
_VILLAGE_ENDS: Final = (("社区居委会", "社区"), ("村委会", "村"))


@dataclass(frozen=True, slots=True)
class Hall:
    """A venue with the unit that runs it. ``kind``: station, stage, village, school, centre, library or heritage."""

    venue: Venue
    kind: str
    unit: UUID
    place: str

    @property
    def county(self) -> str:
        return self.venue.region_id[:6]


@dataclass(frozen=True, slots=True)
class Town:
    """A township with its point, its share of people and its halls. ``short``: the name without its kind."""

    code: str
    name: str
    short: str
    kind: str
    lat: float
    lon: float
    weight: float
    halls: tuple[Hall, ...] = ()

    @property
    def county(self) -> str:
        return self.code[:6]

    def hall(self, *kinds: str) -> Hall:
        """The first hall of the first kind that the town has."""
        return next(hall for kind in kinds for hall in self.halls if hall.kind == kind)


@dataclass(frozen=True, slots=True)
class Places:
    """``units`` and ``venues`` are rows to be written; ``centres``: the county's culture centre, library and heritage
    hall by county code. ``villages``: (code, spoken name) by township, those with a hall first."""

    towns: tuple[Town, ...]
    centres: dict[str, tuple[Hall, ...]]
    villages: Villages
    units: tuple[Unit, ...]
    venues: tuple[Venue, ...]

    @property
    def weights(self) -> list[float]:
        return [town.weight for town in self.towns]

    def town(self, code: str) -> Town:
        return next(town for town in self.towns if town.code == code[:9])


def spoken(name: str) -> str:
    """A village as people say it: 竹园村委会 → 竹园村, 梅山社区居委会 → 梅山社区."""
    for end, short in _VILLAGE_ENDS:
        if name.endswith(end):
            return name.removesuffix(end) + short
    return name


def places(regions: Sequence[Region], *, counties: Sequence[str], villages: int, seed: int, start: date) -> Places:
    """The active townships of these counties, with about ``villages`` village halls among them."""
    return _Survey(seed, start).all(regions, counties, villages)


class _Survey:
    """Draws one map. Rows are collected in the order in which they are drawn."""

    def __init__(self, seed: int, start: date):
        self.draw: Random = stream(seed, "places")
        self.unit_ids, self.venue_ids = Ids(seed, "unit", start), Ids(seed, "venue", start)
        self.at = datetime.fromisoformat(f"{start.year - 6}-09-01T00:00:00+00:00")
        self.units: list[Unit] = []
        self.venues: list[Venue] = []

    def all(self, regions: Sequence[Region], counties: Sequence[str], villages: int) -> Places:
        tree = sorted((r for r in regions if r.active and r.code[:6] in counties), key=lambda r: r.code)
        inside = _villages(tree)
        centres = {r.code: self._centres(r) for r in tree if r.level == "county"}
        townships = [r for r in tree if r.level == "township"]
        shares = self._shares(townships)
        halls = self._halls(shares, villages, inside)
        towns = tuple(self._town(r, shares[r.code], inside[r.code], halls[r.code]) for r in townships)
        return Places(towns, centres, inside, tuple(self.units), tuple(self.venues))

    def _shares(self, townships: Sequence[Region]) -> dict[str, float]:
        raw = {r.code: WEIGHT[r.kind] * self.draw.uniform(0.6, 1.4) for r in townships}
        county = {c: sum(w for code, w in raw.items() if code[:6] == c) for c in {code[:6] for code in raw}}
        return {code: weight / county[code[:6]] * RESIDENTS[code[:6]] for code, weight in raw.items()}

    def _halls(self, shares: dict[str, float], villages: int, inside: Villages) -> dict[str, int]:
        """How many village halls each township has: by its people, at least one, never more than it has villages."""
        everybody = sum(shares.values())
        return {code: min(len(inside[code]), max(1, round(villages * w / everybody))) for code, w in shares.items()}

    def _town(self, region: Region, weight: float, villages: Sequence[tuple[str, str]], count: int) -> Town:
        lat, lon = region.lat or 24.9, region.lon or 118.6
        short = region.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        station = self._unit(f"{region.name}综合文化站", "station", region.code)
        halls = [
            self._hall(station, f"{region.name}综合文化站", "station", region.code, region.name, (lat, lon), 0.8),
            self._hall(station, f"{short}百姓大舞台", "stage", region.code, region.name, (lat, lon), 1.0),
        ]
        school = self._unit(f"{short}中心小学", "school", region.code)
        halls.append(self._hall(school, f"{short}中心小学", "school", region.code, region.name, (lat, lon), 1.5))
        for code, name in villages[:count]:
            centre = self._unit(f"{name}综合文化服务中心", "village_centre", code)
            at = spread(self.draw, lat, lon, REACH_KM[region.kind])
            halls.append(self._hall(centre, f"{name}综合文化服务中心", "village", code, name, at, 0.0))
        return Town(region.code, region.name, short, region.kind, lat, lon, weight, tuple(halls))

    def _centres(self, region: Region) -> tuple[Hall, ...]:
        """The county's own halls, about its published point."""
        at = (region.lat or 24.9, region.lon or 118.6)
        found = []
        for kind, unit_kind, word in (
            ("centre", "culture_centre", "文化馆"),
            ("library", "library", "图书馆"),
            ("heritage", "heritage_hall", "非遗传习所"),
        ):
            unit = self._unit(f"{region.name}{word}", unit_kind, region.code)
            found.append(self._hall(unit, f"{region.name}{word}", kind, region.code, region.name, at, 1.0))
        return tuple(found)

    def _unit(self, name: str, kind: str, region: str) -> UUID:
        unit = Unit(id=self.unit_ids(), name=name, kind=kind, region_id=region, state="active", created_at=self.at)
        self.units.append(unit)
        return unit.id

    def _hall(
        self, unit: UUID, name: str, kind: str, region: str, place: str, about: tuple[float, float], km: float
    ) -> Hall:
        lat, lon = spread(self.draw, *about, km) if km else about
        venue = Venue(
            id=self.venue_ids(), name=name, kind=kind, region_id=region, lat=lat, lon=lon, approximate=True,
            zone="Asia/Shanghai",
        )  # fmt: skip
        self.venues.append(venue)
        return Hall(venue, kind, unit, place)


def _villages(tree: Sequence[Region]) -> Villages:
    """Real villages and neighbourhoods by township: no industrial zones, no farms' living quarters."""
    found: dict[str, list[tuple[str, str]]] = {r.code: [] for r in tree if r.level == "township"}
    for region in tree:
        if region.level == "village" and region.name.endswith(tuple(end for end, _ in _VILLAGE_ENDS)):
            found[region.code[:9]].append((region.code, spoken(region.name)))
    return {code: tuple(rows) for code, rows in found.items()}
