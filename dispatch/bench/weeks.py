"""``week(size, seed)``: a realistic week of the city as a :class:`Problem`, the same bytes for the same size and seed.

===  =========  =======  ========  ===========  ==============
     people     events   counties  seats about  open and firm
===  =========  =======  ========  ===========  ==============
S    200        40       1         250          one need in 12
M    2,000      300      3         1,900        one need in 12
L    20,000     2,000    11        12,000       one need in 12
XL   100,000    10,000   11        59,000       one need in 12
===  =========  =======  ========  ===========  ==============

See ``places`` (where), ``crowd`` (who) and ``programme`` (what). Lines of the roster are legal one by one, six in ten
firm; a person has at most one.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

import numpy as np

from dispatch.bench.crowd import MIDNIGHT, SKILLS, SLOTS, Bits, Crowd, Ints, crowd, name, people, troupes
from dispatch.bench.places import towns
from dispatch.bench.programme import programme
from dispatch.planner import check
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Held, Id, Need, Problem, Span


@dataclass(frozen=True, slots=True)
class Size:
    people: int
    events: int
    counties: int
    venues: int
    teams: int


SIZES: Final = {
    "S": Size(200, 40, 1, 16, 4),
    "M": Size(2_000, 300, 3, 90, 24),
    "L": Size(20_000, 2_000, 11, 500, 150),
    "XL": Size(100_000, 10_000, 11, 1_500, 700),
}
ROSTERED: Final = 1 / 12
FIRM: Final = 0.6
UNFINISHED: Final = frozenset({"leader", "quorum", "cast", "mentor"})  # true of any event that is not staffed yet


def week(size: str, seed: int) -> Problem:
    """A week of the given size. Raises ``KeyError`` for a size that is not in :data:`SIZES`."""
    wanted = SIZES[size]
    rng, draw = np.random.default_rng(seed), Random(seed)
    places = towns(draw, wanted.counties, wanted.venues)
    drawn = crowd(rng, places, wanted.people)
    shows = troupes(draw, drawn, wanted.teams)
    work = programme(draw, places, shows, wanted.events)
    for town in places:
        work.known.setdefault(town.id, []).extend(venue.id for venue in town.venues)
    problem = Problem(
        id=f"week-{size}-{seed}",
        window=Span(MIDNIGHT, MIDNIGHT + 7 * 1440),
        people=people(rng, draw, drawn, work.known),
        teams=tuple(troupe.team for troupe in shows),
        venues=tuple(venue for town in places for venue in town.venues),
        events=tuple(work.events),
        shifts=tuple(work.shifts),
        needs=tuple(work.needs),
    )
    return replace(problem, roster=_roster(draw, problem, drawn))


def _roster(draw: Random, problem: Problem, drawn: Crowd) -> tuple[Held, ...]:
    """Pairs that look right, one a person; kept when the referee finds nothing against the pair itself."""
    pairs = _tries(draw, problem, drawn)
    plan = Plan(problem.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, tuple(Choice(who, what) for who, what in pairs))
    bad = {
        (who, what)
        for broken in check.violations(problem, plan)
        if broken.rule not in UNFINISHED
        for who in broken.people
        for what in broken.needs
    }
    good = [pair for pair in pairs if pair not in bad][: round(len(problem.needs) * ROSTERED)]
    return tuple(Held(who, what, draw.random() < FIRM) for who, what in good)


def _tries(draw: Random, problem: Problem, drawn: Crowd) -> list[tuple[Id, Id]]:
    """For half of the needs one person of the same county who is free then and knows the skill, nobody twice."""
    shifts = {shift.id: shift for shift in problem.shifts}
    venues = {venue.id: venue.region.rpartition("-")[0] for venue in problem.venues}
    counties = np.array([town.county for town in drawn.towns])[drawn.town]
    residents = {county: np.flatnonzero(counties == county) for county in set(venues.values())}
    members = {team.id: [int(who[1:]) for who in team.members] for team in problem.teams}
    used: set[int] = set()
    pairs = []
    for need in draw.sample(problem.needs, len(problem.needs) // 2):
        shift = shifts[need.shift]
        pool = np.array(members[need.team]) if need.team else residents[venues[shift.venue]]
        start = shift.start - MIDNIGHT
        fit = pool[_free(drawn, pool, start) & _able(drawn, pool, need)]
        if fit.size and (who := int(fit[draw.randrange(fit.size)])) not in used:
            used.add(who)
            pairs.append((name(who), need.id))
    return pairs


def _free(drawn: Crowd, pool: Ints, start: int) -> Bits:
    slot = next(number for number, (_, end) in enumerate(SLOTS) if start % 1440 < end)
    free: Bits = drawn.slots[pool, start // 1440, slot]
    return free


def _able(drawn: Crowd, pool: Ints, need: Need) -> Bits:
    able = np.ones(pool.size, bool)
    for asks in need.asks:
        able &= drawn.skills[pool, SKILLS.index(asks.skill)] >= asks.level
    return able
