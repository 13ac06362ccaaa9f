"""Which candidates a relaxation looks at first, and which its prices ask for: those who gain something at them."""

from dataclasses import replace

import numpy as np

from dispatch.planner.candidates import Candidates, candidates
from dispatch.planner.eligibility import Eligible
from dispatch.planner.search.appraisal import net
from dispatch.planner.search.formulation import Formulation, Ground
from dispatch.planner.search.knots import Knots, knots
from dispatch.planner.search.program import Answer
from dispatch.planner.search.reserve import asked
from dispatch.planner.search.schedules import best
from dispatch.planner.search.ties import tutored
from dispatch.planner.tables import Floats, Ints, Tables

SMALL = 60  # needs with so few candidates bring them all
LITTLE = 1e-6  # so much of a line is nothing
PICKS, LOOKED, DEAR = 6, 8, 10_000  # rounds in which needs look at people; a person looked at so often costs more
KEEN = 16  # candidates that each need asks for in a round
SPARE = 6  # others bring so many more than twice their seats


def nets(tables: Tables, pairs: Candidates) -> Ints:
    """What each candidate adds by itself, its person's fairness taken off."""
    return net(tables, pairs.base[pairs.person], pairs.minutes, pairs.worth)


def refilled(ground: Ground, rows: Ints, tied: Knots | None, prices: Ints) -> tuple[Ground, Ints, Knots | None]:
    """With the pairs from the reserve that gain something at the prices; what was known keeps its place in time."""
    assert ground.reserve is not None
    tables, old = ground.tables, ground.pairs
    more = asked(tables, ground.reserve, ground.open_needs, prices)
    if not len(more.person):
        return ground, rows, tied
    every = Eligible(
        np.concatenate([old.person, more.person]),
        np.concatenate([old.need, more.need]),
        np.concatenate([old.spare, more.spare]),
        more.refused,
    )
    pairs = candidates(tables, every, ground.open_needs)
    size = len(ground.open_needs)
    order = np.argsort(pairs.person * size + pairs.need)
    keys = (pairs.person * size + pairs.need)[order]

    def moved(some: Ints) -> Ints:
        return order[np.searchsorted(keys, old.person[some] * size + old.need[some])]

    held = np.sort(np.concatenate([ground.reserve.held, more.need * len(tables.problem.people) + more.person]))
    reserve = replace(ground.reserve, held=held)
    grown = replace(ground, pairs=pairs, net=nets(tables, pairs), reserve=reserve)
    return grown, moved(rows), None if tied is None else replace(tied, row=moved(tied.row))


def torn(ground: Ground, rows: Ints, mass: Floats, gain: Ints) -> Knots:
    """The schedules of everybody who is somewhere in part."""
    person = ground.pairs.person
    torn = np.zeros(len(ground.pairs.first) - 1, np.bool_)
    torn[person[rows[(mass > LITTLE) & (mass < 1 - LITTLE)]]] = True
    some = torn[person[rows]] & ((gain[rows] > 0) | (mass > LITTLE))
    return knots(ground.tables, ground.pairs, ground.far, rows[some])


def fees(ground: Ground, form: Formulation, answer: Answer) -> Floats:
    """What the relaxation asks of whoever becomes the tutor of each series."""
    fee = np.zeros(int(ground.tables.needs.series.max(initial=-1)) + 1)
    if len(form.series):
        fee[form.series] = np.maximum(0, answer.duals["series"])
    return fee


def gains(ground: Ground, prices: Ints, fee: Floats) -> Ints:
    """What each candidate gains at these prices of needs, its share of its series' fee taken off: who does any of a
    series pays all of the fee, so no schedule pays more by these shares than in truth."""
    pairs, size = ground.pairs, len(fee)
    gain = ground.net + prices[pairs.need]
    taught = np.flatnonzero(tutored(ground.tables, pairs.need) & (gain > 0))
    series = ground.tables.needs.series[pairs.need[taught]]
    _, number, count = np.unique(pairs.person[taught] * size + series, return_inverse=True, return_counts=True)
    gain[taught] -= np.floor(fee[series] / count[number]).astype(np.int64)
    return gain


def outside(ground: Ground, rows: Ints, gain: Ints, own: Floats | None = None) -> tuple[int, Ints]:
    """What people could gain at most by candidates that are not among ``rows``, and those that ask to be. ``own``: what
    the relaxation leaves to each person already, of which they would give up some."""
    there = gain.copy()
    there[rows] = 0
    held, chosen = best(ground.tables, ground.pairs, ground.far, there)
    asking = np.flatnonzero(chosen)
    if own is not None:
        tempted = held > 0
        every, chosen = best(ground.tables, ground.pairs, ground.far, np.where(tempted[ground.pairs.person], gain, 0))
        held = np.minimum(held, np.maximum(0, np.ceil(every - own)).astype(np.int64))
        chosen[rows] = False
        asking = np.union1d(np.flatnonzero(chosen), _keenest(ground, there, own))
    return int(held.sum()), asking


def _keenest(ground: Ground, gain: Ints, own: Floats) -> Ints:
    """For each need the few candidates that would gain most by it over what they have."""
    more = gain - own[ground.pairs.person]
    some = np.flatnonzero((gain > 0) & (more > 0))
    need = ground.pairs.need[some]
    order = np.lexsort((-more[some], need))
    rank = np.arange(len(order)) - np.searchsorted(need[order], need[order])
    few: Ints = some[order[rank < KEEN]]
    return few


def left_to(ground: Ground, form: Formulation, answer: Answer) -> Floats:
    """What each person's own limits are worth in the relaxation: its people's share of the whole."""
    people = len(ground.pairs.first) - 1
    own = np.bincount(ground.pairs.person[form.rows], np.maximum(0, answer.reduced[: len(form.rows)]), people).astype(
        np.float64
    )
    for rows in form.program.rows:
        if rows.owner is not None:
            own += np.bincount(rows.owner, np.maximum(0, answer.duals[rows.name]) * rows.high, people)
    return own


def tops(ground: Ground) -> Ints:
    """For every need some candidates that add much, of people whom not too many other needs look at too; all, if they
    are few."""
    pairs, needs = ground.pairs, ground.tables.needs
    order = np.argsort(pairs.need, kind="stable")
    person, net = pairs.person[order], ground.net[order]
    cuts = np.searchsorted(pairs.need[order], np.arange(len(needs.cap) + 1)).tolist()
    few = (2 * (needs.cap - needs.firm) + SPARE).tolist()
    dear = np.zeros(len(pairs.first) - 1, np.int64)
    picked = order
    for _ in range(PICKS):
        value = net - dear[person]
        chosen = [
            low + np.argpartition(value[low:high], high - low - most)[high - low - most :]
            for low, high, most in zip(cuts[:-1], cuts[1:], few, strict=True)
            if high - low > max(SMALL, most)
        ]
        picked = np.concatenate([np.zeros(0, np.int64), *chosen])
        looked = np.bincount(person[picked], minlength=len(dear))
        dear += (DEAR * np.log2(1 + np.maximum(0, looked - LOOKED))).astype(np.int64)
    pool = np.diff(cuts)
    small = np.flatnonzero((pool <= np.maximum(SMALL, few))[pairs.need])
    return np.union1d(small, order[picked])
