"""Repairs as people read them: who is asked for what, what they give up, what speaks for them, what it costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from dispatch.planner.desk import km
from dispatch.planner.goals import burden
from dispatch.planner.mending.warm import ACCEPTED, HOLD, MINUTES, NEED, NOWHERE, Warm
from dispatch.planner.plan import Why
from dispatch.planner.problem import Id, Point
from dispatch.planner.tables import Ints


@dataclass(frozen=True, slots=True)
class Step:
    """``person`` is asked for ``need`` and gives up ``leaves``; ``instead``: whose offer there is taken back for it.
    ``consent``: the seat given up was accepted, and stays theirs until they agree. ``why``: what speaks for and against
    the person, largest first; ``metres`` from home."""

    person: Id
    need: Id
    leaves: Id | None
    consent: bool
    why: tuple[Why, ...]
    metres: int | None
    instead: Id | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step for each seat that changes hands. ``gain``: what the whole score gains over leaving the hole. ``short``:
    what a full re-solve could gain beyond that at most, by the search and the last plan's prices."""

    steps: tuple[Step, ...]
    gain: int
    short: int


@dataclass(frozen=True, slots=True)
class Move:
    """One person's way to a need: a row of the pool. ``slot``: the cell given up, ``instead``: the person who makes
    room, -1 = none."""

    need: int
    row: int
    slot: int = NOWHERE
    instead: int = NOWHERE


Way = tuple[int, tuple[Move, ...]]  # what it gains, and everybody's move


def told(warm: Warm, ways: Sequence[Way], most: int) -> tuple[Proposal, ...]:
    """The ways as proposals; ``most``: what any could gain."""
    moves = [move for _, way in ways for move in way]
    person = warm.pool.person[np.array([move.row for move in moves], np.int64)].astype(np.int64)
    need = np.array([move.need for move in moves], np.int64)
    leaves = [NOWHERE if move.slot == NOWHERE else int(warm.cells[NEED, move.slot]) for move in moves]
    less = np.array([0 if move.slot == NOWHERE else int(warm.cells[MINUTES, move.slot]) for move in moves], np.int64)
    tired = toll(warm, person, need, less).tolist()
    steps = (_step(warm, move, gone, cost) for move, gone, cost in zip(moves, leaves, tired, strict=True))
    return tuple(Proposal(tuple(islice(steps, len(way))), gain, most - gain) for gain, way in ways)


def reasons(warm: Warm, person: Id, need: Id) -> tuple[Why, ...]:
    """What speaks for and against the person on the need, as they stand; empty for whom a rule is against."""
    who, what = warm.tables.person_number.get(person), warm.tables.need_number.get(need)
    row = -1 if who is None or what is None else warm.pool.row(who, what)
    return () if what is None or row < 0 else told(warm, [(0, (Move(what, row),))], 0)[0].steps[0].why


def toll(warm: Warm, person: Ints, need: Ints | int, less: Ints | int = 0) -> Ints:
    """What the need's minutes cost each person in fairness, when they give up ``less`` minutes for it."""
    before: Ints = warm.tables.people.load[person] + warm.planned[person]
    more = warm.tables.minutes(person, np.broadcast_to(need, person.shape))
    return burden(warm.tables, before + more - less) - burden(warm.tables, before)


def _step(warm: Warm, move: Move, leaves: int, tired: int) -> Step:
    tables, person, problem = warm.tables, int(warm.pool.person[move.row]), warm.tables.problem
    home = _point(tables.people.lat[person], tables.people.lon[person])
    there = _point(tables.needs.lat[move.need], tables.needs.lon[move.need])
    far = km(home, there)
    return Step(
        problem.people[person].id,
        problem.needs[move.need].id,
        None if leaves == NOWHERE else problem.needs[leaves].id,
        leaves != NOWHERE and int(warm.cells[HOLD, move.slot]) == ACCEPTED,
        _why(warm, move.row, person, far, tired),
        round(far * 1000) if home and there else None,
        None if move.instead == NOWHERE else problem.people[move.instead].id,
    )


def _point(lat: float, lon: float) -> Point | None:
    return None if math.isnan(lat) else Point(float(lat), float(lon))


def _why(warm: Warm, row: int, person: int, far: float, tired: int) -> tuple[Why, ...]:
    """The goals that speak for or against the person, largest first. ``tired``: what the hours cost in fairness."""
    pool, weights = warm.pool, warm.tables.problem.weights
    worths = (
        ("continuity", weights.continuity * bool(pool.known[row])),
        ("preferred", weights.preferred * bool(pool.preferred[row])),
        ("likes", weights.likes * bool(pool.liked[row])),
        ("distance", -weights.travel * math.floor(far + 0.5)),
        ("reliability", weights.reliability * int(warm.tables.people.reliability[person]) // 1000),
        ("level", -weights.level * int(pool.spare[row])),
        ("fairness", -tired),
    )
    said = [Why(goal, worth) for goal, worth in worths if worth]
    return tuple(sorted(said, key=lambda why: (-abs(why.worth), why.goal)))
