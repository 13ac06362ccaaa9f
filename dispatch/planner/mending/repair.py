"""A hole in a roster and how to fill it: ranked substitutes, moves, short chains; in milliseconds, on warm arrays.

A repair sends one person to the need, who may give up one line for it; the seat given up stays empty or is taken by one
more person, who may give up one line too; or the whole series that the hole belongs to goes to one new tutor. Among all
of these the best is found exactly (``LOOKED`` bounds the search in a roster where very many could move). Each step is
right when it is made, and all together break nothing that was whole before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.planner.mending.handovers import handovers
from dispatch.planner.mending.openings import Terms, asked, free, movable, passes, passing, promised
from dispatch.planner.mending.proposals import Move, Proposal, Way, told, toll
from dispatch.planner.mending.warm import HELD, MINUTES, NEED, NOWHERE, OPEN, WORTH, Warm
from dispatch.planner.mending.wholes import breaks
from dispatch.planner.plan import Reason
from dispatch.planner.problem import Id
from dispatch.planner.tables import Ints

LOOKED: Final = 48  # lines given up that are looked at one by one
SHOWN: Final = 8  # proposals


@dataclass(frozen=True, slots=True)
class Repair:
    """Proposals: the greatest gain first, then the fewest people touched. ``impossible``: the rule that keeps anybody
    from helping here."""

    need: Id
    missing: int
    proposals: tuple[Proposal, ...]
    impossible: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Moves:
    """People who could take a need if they gave up one line. ``gain`` without what becomes of the line's seat."""

    need: int
    row: Ints
    slot: Ints
    gain: Ints


def substitutes(warm: Warm, need: Id, terms: Terms, *, limit: int = SHOWN) -> tuple[Proposal, ...]:
    """People who could take a seat of the need as they stand, best first. Empty too when nobody's coming would help."""
    what = warm.tables.need_number[need]
    if warm.missing(what) == 0 or breaks(warm, {}, {what: 1}) is not None:
        return ()
    ready = free(warm, what, terms, limit)
    best = int(ready.gain[0]) if len(ready.gain) else 0
    ranked = zip(ready.row.tolist(), ready.gain.tolist(), strict=True)
    return told(warm, [(gain, (Move(what, row),)) for row, gain in ranked], best)


def eligible(warm: Warm, need: Id, terms: Terms) -> int:
    """How many could take a seat of the need as they stand."""
    what = warm.tables.need_number[need]
    return int(passing(warm, asked(warm, what, terms, NOWHERE)[1], what).sum())


def repair(warm: Warm, need: Id, terms: Terms, *, limit: int = SHOWN) -> Repair:
    """Proposals for one seat of the need. Only those that gain anything."""
    what = warm.tables.need_number[need]
    missing = warm.missing(what)
    if missing == 0:
        return Repair(need, 0, ())
    ready = free(warm, what, terms, limit)
    broken = breaks(warm, {}, {what: 1})
    found: list[Way] = []
    if broken is None:
        ranked = zip(ready.gain.tolist(), ready.row.tolist(), strict=True)
        found = [(gain, (Move(what, row),)) for gain, row in ranked if gain > 0]
        best = found[0][0] if found else 0
        found += handovers(warm, what, terms, best)
    best = max((0, *(gain for gain, _ in found)))
    chains, most = _chains(warm, what, terms, best)
    found = sorted([*found, *chains], key=lambda each: (-each[0], len(each[1])))[:limit]
    most = max(most, found[0][0] if found else 0)
    proposals = told(warm, found, most)
    return Repair(need, missing, proposals, None if proposals else broken)


# ---- somebody who gives up a line for it ----


def _chains(warm: Warm, need: int, terms: Terms, best: int) -> tuple[list[Way], int]:
    """Moves and chains that gain more than ``best``, and the most that any could, by the search and the prices."""
    moves = _moves(warm, need, terms, best)
    if not len(moves.row):
        return [], best
    leaves, refill = warm.cells[NEED, moves.slot], warm.pool.best
    emptied = _emptied(warm, leaves)
    limit = moves.gain + np.maximum(emptied, refill[leaves])
    priced = np.where(warm.priced, np.minimum(refill, -warm.price), refill)
    most = int((moves.gain + np.maximum(emptied, priced[leaves])).max())
    found: list[Way] = []
    for looked, at in enumerate(np.argsort(-limit, kind="stable").tolist()):
        if limit[at] <= best or looked == LOOKED:
            break
        ways = list(_ways(warm, terms, moves, at, best))
        found += ways
        best = max((best, *(gain for gain, _ in ways)))
    return found, max(best, most)


def _moves(warm: Warm, need: int, terms: Terms, best: int, besides: int = NOWHERE) -> _Moves:
    """Whoever (without ``besides``) could take the need by giving up one movable line, if that can gain more than
    ``best``."""
    row, person = asked(warm, need, terms, besides)
    pair, slot = promised(warm, person)
    keep = movable(warm, slot, terms)
    pair, slot = pair[keep], slot[keep]
    who, leaves = person[pair], warm.cells[NEED, slot]
    cells = warm.cells
    gain = warm.pool.worth[row[pair]] + warm.seat(need) - cells[WORTH, slot]
    gain -= warm.tables.problem.weights.keep * cells[HELD, slot]
    gain -= toll(warm, who, need, cells[MINUTES, slot])
    worth = gain + np.maximum(_emptied(warm, leaves), warm.pool.best[leaves]) > best
    pair, slot, who, gain = pair[worth], slot[worth], who[worth], gain[worth]
    if len(who):
        good = passes(warm, who, need, *promised(warm, who, slot))
        pair, slot, gain = pair[good], slot[good], gain[good]
    return _Moves(need, row[pair], slot, gain)


def _emptied(warm: Warm, needs: Ints) -> Ints:
    """What the score loses with the last person of each need, as a negative number."""
    value = warm.value
    count = warm.count[needs]
    last = np.where(count <= value.first[needs], warm.top[needs], value.desired[needs])
    return -np.where(count <= (value.first + value.more)[needs], last, 0)


def _ways(warm: Warm, terms: Terms, moves: _Moves, at: int, best: int) -> Iterator[Way]:
    """What becomes of the seat that move ``at`` gives up, as far as it gains more than ``best``: it stays empty, or one
    more person takes it."""
    need, row, slot = moves.need, int(moves.row[at]), int(moves.slot[at])
    first, person, leaves = Move(need, row, slot), int(warm.pool.person[row]), int(warm.cells[NEED, slot])
    gain = int(moves.gain[at] + _emptied(warm, np.array([leaves]))[0])
    hole = {leaves: 1, need: -1}
    with _moved(warm, person, leaves, need):
        if gain > best and breaks(warm, hole, {}) is None:
            best = gain
            yield gain, (first,)
        ready = free(warm, leaves, terms, 1, person)
        if len(ready.row) and gain + ready.gain[0] > best and breaks(warm, hole, {leaves: 1}) is None:
            best = gain + int(ready.gain[0])
            yield best, (first, Move(leaves, int(ready.row[0])))
        others = _moves(warm, leaves, terms, best - gain, person)
        then = warm.cells[NEED, others.slot]
        total = others.gain + _emptied(warm, then)
        for other in np.argsort(-total, kind="stable").tolist():
            if gain + total[other] <= best:
                break
            if breaks(warm, hole, {leaves: 1, int(then[other]): -1}) is None:
                second = Move(leaves, int(others.row[other]), int(others.slot[other]))
                yield gain + int(total[other]), (first, second)
                break


@contextmanager
def _moved(warm: Warm, person: int, leaves: int, need: int) -> Iterator[None]:
    """The roster as if the person had moved already."""
    cell = warm.pull(person, leaves)
    warm.put(person, need, OPEN, held=False)
    try:
        yield
    finally:
        warm.pull(person, need)
        warm.restore(person, leaves, cell)
