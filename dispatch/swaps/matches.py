"""With whom a person could swap, and who could take the seat over: tried out one by one, so that what is shown can be
done. Reads, never writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch import snapshot
from dispatch.lifecycle import CLAIMS, LOCKED, OPEN
from dispatch.models import Assignment, Swap
from dispatch.planner import rules
from dispatch.planner.desk import open_desk
from dispatch.planner.problem import Problem
from dispatch.roster.verdicts import why_not
from dispatch.settings import policy
from dispatch.swaps import colleagues
from volunteer.models import Volunteer

DIRECT: Final = 12
RINGS: Final = 4
TAKERS: Final = 12
ASKED: Final = 24  # other people judged for one question
FIRST: Final = 10  # of those whose seats I cannot take: who might be the first of a ring
TRIED: Final = 24  # rings judged for one question

# Seats of others near in time to the line $1 of $2 on $3 that could be given for it, two of each person: team mates
# first, then the same event, then the nearest in time. Nobody who has a claim on the other's need already.
_LINES: Final = """WITH mine AS (SELECT s.starts_at, s.event_id, left(e.region_id, 4) AS city FROM need n
  JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id WHERE n.id = $3),
mates AS (SELECT o.volunteer_id FROM membership m JOIN membership o ON o.team_id = m.team_id WHERE m.volunteer_id = $2),
found AS (SELECT a.id, a.volunteer_id, a.need_id, a.volunteer_id IN (SELECT volunteer_id FROM mates) AS mate,
    s.event_id = mine.event_id AS here, abs(extract(epoch FROM s.starts_at - mine.starts_at)) AS away
  FROM mine, assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
  JOIN event e ON e.id = s.event_id JOIN volunteer v ON v.id = a.volunteer_id
  WHERE a.status = 'accepted' AND a.volunteer_id <> $2 AND a.need_id <> $3 AND v.state = 'active'
    AND e.state = ANY($4) AND e.region_id LIKE mine.city || '%'
    AND s.starts_at BETWEEN mine.starts_at - interval '14 days' AND mine.starts_at + interval '14 days'
    AND a.occupies_from > clock_timestamp() + make_interval(hours => $5)
    AND NOT EXISTS (SELECT FROM assignment c WHERE c.need_id = a.need_id AND c.volunteer_id = $2 AND c.status = ANY($6))
    AND NOT EXISTS (SELECT FROM assignment c WHERE c.need_id = $3 AND c.volunteer_id = a.volunteer_id
      AND c.status = ANY($6))
    AND NOT EXISTS (SELECT FROM swap w WHERE w.given_id = $1 AND w.state = 'refused' AND w.by_id = a.volunteer_id))
SELECT id, volunteer_id, need_id FROM (SELECT *, row_number() OVER (PARTITION BY volunteer_id ORDER BY away, id) AS nth
  FROM found) f WHERE nth <= 2 ORDER BY mate DESC, here DESC, away, id LIMIT 90"""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody's seat."""

    line: UUID
    person: UUID
    need: UUID

    @property
    def held(self) -> tuple[UUID, UUID]:
        return self.person, self.need


@dataclass(frozen=True, slots=True)
class Matches:
    """``direct``: whose seat could be had for mine; ``rings``: two others each, mine goes to the first; ``takers``: who
    could take mine over."""

    direct: Sequence[Other]
    rings: Sequence[tuple[Other, Other]]
    takers: Sequence[UUID]


async def found(mine: Assignment) -> Matches:
    """Without a breach of any rule today. Rings only where a plain swap is rare."""
    others = await _others(mine)
    own = (mine.volunteer_id, mine.need_id)
    fits_me = await _fits_me(mine, others)
    last = [one for one in others if one.line in fits_me][:ASKED]
    direct = [one for one in last if not await why_not(one.person, mine.need_id, leaving=[one.held, own])]
    rings: list[tuple[Other, Other]] = []
    if len(direct) < RINGS:
        others = [one for one in others if one.line not in fits_me][:FIRST]
        first = [one for one in others if not await why_not(one.person, mine.need_id, leaving=[one.held, own])]
        rings = await _rings(first, [one for one in last if one not in direct])
    return Matches(direct[:DIRECT], rings, await _takers(mine))


async def _others(mine: Assignment) -> list[Other]:
    terms = policy().swaps
    states = [state for state in OPEN if terms.locked != "closed" or state not in LOCKED]
    values = [mine.id, mine.volunteer_id, mine.need_id, states, terms.close_hours, list(CLAIMS)]
    rows = await get_connection("default").execute_query_dict(_LINES, values)
    return [Other(row["id"], row["volunteer_id"], row["need_id"]) for row in rows]


async def _fits_me(mine: Assignment, others: Sequence[Other]) -> set[UUID]:
    """Whose seats I could take, mine given up; one look at the rows for all of them."""
    if not others:
        return set()
    pair = await snapshot.among(mine.volunteer_id, [one.need for one in others], policy().weights)
    me, fits = str(mine.volunteer_id), set()
    for one in others if pair.active else ():
        problem = _without(pair.problem, {(me, str(mine.need_id)), (str(one.person), str(one.need))})
        if not rules.why_not(open_desk(problem), me, str(one.need), by_hand=True):
            fits.add(one.line)
    return fits


def _without(problem: Problem, gone: set[tuple[str, str]]) -> Problem:
    return replace(problem, roster=tuple(held for held in problem.roster if (held.person, held.need) not in gone))


async def _rings(first: Sequence[Other], last: Sequence[Other]) -> list[tuple[Other, Other]]:
    """The first takes my seat, the last takes the first's, and I the last's."""
    rings: list[tuple[Other, Other]] = []
    tried = 0
    for one in first:
        for other in last:
            if one.person == other.person or one.need == other.need or tried >= TRIED:
                continue
            tried += 1
            if not await why_not(other.person, one.need, leaving=[one.held, other.held]):
                rings.append((one, other))
                if len(rings) == RINGS:
                    return rings
    return rings


async def _takers(mine: Assignment) -> list[UUID]:
    refused = Swap.filter(given_id=mine.id, state="refused").exclude(by_id=None)
    no = set(await refused.values_list("by_id", flat=True))
    claimed = Assignment.filter(need_id=mine.need_id, status__in=CLAIMS)
    no |= set(await claimed.values_list("volunteer_id", flat=True))
    takers: list[UUID] = []
    for person in [one for one in await colleagues.around(mine) if one not in no][:ASKED]:
        if not await why_not(person, mine.need_id, leaving=[(mine.volunteer_id, mine.need_id)]):
            takers.append(person)
            if len(takers) == TAKERS:
                break
    return takers


async def people(ids: Sequence[UUID]) -> dict[UUID, Volunteer]:
    return {person.id: person for person in await Volunteer.filter(id__in=list(ids))}
