"""Who stands in line for a need: the order in which people are asked in waves. Reads, never writes.

The line comes from the roster that is kept warm; a need that lies beyond it is looked up in rows. The order is the
planner's; among equals whoever was not asked for longest goes first. How likely somebody says yes plays no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from tortoise.connection import get_connection

from dispatch.holes import keeping
from dispatch.models import Venue
from dispatch.planner.desk import km as distance
from dispatch.planner.mending.openings import Terms, free
from dispatch.planner.mending.warm import Warm
from dispatch.pool import minute, point
from dispatch.roster import candidates
from dispatch.roster.seats import Seat

# Worths that differ by less than a kilometre's way are alike.
ALIKE: Final = 1000

_LAST_ASKED: Final = """SELECT v.id, v.lat, v.lon, v.load, max(a.offered_at) AS at FROM volunteer v
LEFT JOIN assignment a ON a.volunteer_id = v.id AND a.source <> 'self' WHERE v.id = ANY($1) GROUP BY v.id"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take the need. ``km``: none where home or venue are unknown. ``why`` as on an assignment."""

    id: UUID
    worth: int
    km: float | None
    why: tuple[dict[str, Any], ...]


async def drawn(seat: Seat, limit: int) -> list[Candidate] | None:
    """The first ``limit`` of those who could take this need as they stand and agreed to be asked by the program. None:
    the roster is being read, ask again soon."""
    warm = await keeping.warm(seat.event.region_id, str(seat.need.id))
    if warm is None:
        return None
    if str(seat.need.id) in warm.tables.need_number:
        found = _kept(warm, seat, limit)
    else:
        found = await candidates.able(seat, limit)
    rows = await get_connection("default").execute_query_dict(_LAST_ASKED, [[who for who, _ in found]])
    known = {row["id"]: row for row in rows}
    venue = await Venue.get(id=seat.shift.venue_id)
    line = [_candidate(who, worth, known[who], venue) for who, worth in found if who in known]
    return sorted(line, key=lambda one: _turn(one, known[one.id]))


def _kept(warm: Warm, seat: Seat, limit: int) -> Sequence[tuple[UUID, int]]:
    """From the warm roster, locked ones too: a need calls because somebody is missing."""
    need = warm.tables.need_number[str(seat.need.id)]
    ready = free(warm, need, Terms(minute(seat.at), by_hand=True), limit)
    person = warm.pool.person[ready.row].astype(np.int64)
    agreed = warm.automated[person]
    people = warm.tables.problem.people
    pairs = zip(person[agreed].tolist(), ready.gain[agreed].tolist(), strict=True)
    return [(UUID(people[who].id), int(gain)) for who, gain in pairs]


def _turn(one: Candidate, row: dict[str, Any]) -> tuple[int, float, int, UUID]:
    asked = row["at"].timestamp() if row["at"] is not None else 0.0
    return (-(one.worth // ALIKE), asked, row["load"], one.id)


def _candidate(who: UUID, worth: int, row: dict[str, Any], venue: Venue) -> Candidate:
    home, there = point(row["lat"], row["lon"]), point(venue.lat, venue.lon)
    far = None if home is None or there is None else round(distance(home, there), 1)
    why = () if far is None else ({"goal": "travel", "worth": 0, "data": {"km": far}},)
    return Candidate(who, worth, far, why)
