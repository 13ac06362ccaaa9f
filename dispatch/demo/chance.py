"""Chance that repeats: one stream of random numbers and one of ids for each noun, all from one seed. Pure."""

from datetime import UTC, date, datetime, time
from random import Random
from uuid import UUID


def stream(seed: int, noun: str) -> Random:
    """Numbers for one noun: drawing more people never changes the week."""
    return Random(f"{seed}/{noun}")


class Ids:
    """Public ids in the shape of UUID version 7: ascending in the order in which they are drawn, and the same for the
    same seed, noun and day."""

    def __init__(self, seed: int, noun: str, day: date):
        self._draw = stream(seed, f"{noun}-ids")
        self._millis = int(datetime.combine(day, time(), UTC).timestamp()) * 1000

    def __call__(self) -> UUID:
        self._millis += 1
        high = self._millis << 16 | 0x7000 | self._draw.getrandbits(12)
        return UUID(int=high << 64 | 0x8000_0000_0000_0000 | self._draw.getrandbits(62))


def spread(draw: Random, lat: float, lon: float, km: float) -> tuple[float, float]:
    """A point within ``km`` of another, nearer ones likelier; degrees rounded to about ten metres."""
    far, north = km * draw.random(), draw.uniform(-1, 1)
    east = (1 - north * north) ** 0.5 * draw.choice((-1, 1))
    return round(lat + far * north / 111.2, 4), round(lon + far * east / 100.8, 4)
