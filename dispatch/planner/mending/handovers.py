"""A series has one tutor. When its tutor leaves one session, somebody else can take that seat only with all the others.

Only what the tutor was asked for and has not accepted changes hands this way.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np

from dispatch.planner.goals import burden
from dispatch.planner.mending.openings import Terms, asked, movable, passing, promised
from dispatch.planner.mending.proposals import Move, Way
from dispatch.planner.mending.warm import HELD, MINUTES, NEED, OPEN, WORTH, Warm
from dispatch.planner.tables import Ints

TRIED: Final = 16  # people, the best first


def handovers(warm: Warm, need: int, terms: Terms, best: int) -> list[Way]:
    """The best way to give the whole series to one new tutor, if it gains more than ``best``."""
    series = int(warm.tables.needs.series[need])
    mine = warm.in_series[series] if series >= 0 else []
    tutors = set().union(*(warm.holders[other] for other in mine))
    if len(tutors) != 1:
        return []
    tutor = tutors.pop()
    others = [other for other in mine if tutor in warm.holders[other]]
    _, cells = promised(warm, np.array([tutor]))
    cells = cells[np.isin(warm.cells[NEED, cells], others)]
    if not movable(warm, cells, replace(terms, consent=False)).all():
        return []
    lost = int(warm.cells[WORTH, cells].sum() + warm.tables.problem.weights.keep * warm.cells[HELD, cells].sum())
    lost -= _rested(warm, tutor, cells)
    with _without(warm, tutor, others):
        return _taken(warm, [need, *others], tutor, terms, best, lost)


def _taken(warm: Warm, needs: Sequence[int], tutor: int, terms: Terms, best: int, lost: int) -> list[Way]:
    """The best person for all the seats together, if that gains more than ``best``. ``lost``: with the old tutor."""
    pools = [asked(warm, one, terms, tutor) for one in needs]
    person: Ints = reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), [who for _, who in pools])
    rows = np.array([row[np.searchsorted(who, person)] for row, who in pools])
    before = warm.tables.people.load[person] + warm.planned[person]
    minutes = sum(warm.tables.minutes(person, np.full(len(person), one)) for one in needs)
    gain = warm.pool.worth[rows].sum(axis=0) + warm.seat(needs[0]) - lost
    gain -= burden(warm.tables, before + minutes) - burden(warm.tables, before)
    gain -= np.where(warm.serving[person] == 0, warm.tables.people.cost[person], 0)
    for at in np.argsort(-gain, kind="stable")[:TRIED].tolist():
        if gain[at] <= best:
            break
        if _fits(warm, int(person[at]), needs):
            moves = [Move(one, int(row)) for one, row in zip(needs, rows[:, at].tolist(), strict=True)]
            return [(int(gain[at]), (moves[0], *(replace(move, instead=tutor) for move in moves[1:])))]
    return []


def _rested(warm: Warm, tutor: int, cells: Ints) -> int:
    """What the tutor gains back in fairness, and by not being sent at all."""
    load = warm.tables.people.load[[tutor]] + warm.planned[[tutor]]
    rest = burden(warm.tables, load) - burden(warm.tables, load - warm.cells[MINUTES, cells].sum())
    return int(rest[0]) + (int(warm.tables.people.cost[tutor]) if warm.serving[tutor] == len(cells) else 0)


def _fits(warm: Warm, person: int, needs: Sequence[int]) -> bool:
    """Whether the person can take all these seats, one beside the other."""
    put: list[int] = []
    try:
        for need in needs:
            if not passing(warm, np.array([person]), need)[0]:
                return False
            warm.put(person, need, OPEN, held=False)
            put.append(need)
        return True
    finally:
        for need in put:
            warm.pull(person, need)


@contextmanager
def _without(warm: Warm, person: int, needs: Sequence[int]) -> Iterator[None]:
    """The roster as if the person did not have these lines."""
    cells = [(need, warm.pull(person, need)) for need in needs]
    try:
        yield
    finally:
        for need, cell in cells:
            warm.restore(person, need, cell)
