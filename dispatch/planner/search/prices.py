"""Prices and the columns they ask for.

Every need has a price: what one more person there is worth. At given prices a candidate *gains* what it adds by itself
plus the price of its need. A program may leave candidates out that gain nothing: were their needs to buy them at the
price, nobody would be better off. So the worth of a program over the others, with those sold at the prices, and what
the people of candidates that do gain could make of them at most, bound every plan, whatever the prices are; prices from
the linear relaxation make the bound tight.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dispatch.planner.search.columns import fees, gains, left_to, outside, refilled, tops, torn
from dispatch.planner.search.formulation import Ground, formulate
from dispatch.planner.search.knots import Knots, joined
from dispatch.planner.search.lazy import joined as heeded
from dispatch.planner.search.lazy import relaxed
from dispatch.planner.search.lessons import learnt
from dispatch.planner.search.program import INFINITY
from dispatch.planner.tables import Floats, Ints

ROUNDS = 8
FEW = 0.002  # part of the rows; so few broken ones change little
NEARLY = 5.0  # times the gap: near enough to look at who is torn


@dataclass(frozen=True, slots=True)
class Priced:
    """The last relaxation: how much (``mass``) it takes of each of its candidates ``rows`` of the ``ground``, which may
    have grown; ``loose``: people whose lines in it break rules that it did not state. ``bound`` of what any plan adds
    to the firm lines, proven by the prices ``need``."""

    ground: Ground
    rows: Ints
    mass: Floats
    loose: Ints
    need: Ints
    bound: float


def price(
    ground: Ground, start: Ints, *, gap: float, left: Callable[[], float], report: Callable[[float, float], None]
) -> Priced | None:
    """Solve the relaxation over few columns, add those that its prices ask for, until nobody outside could add more
    than ``gap`` of the bound; then with the torn people's schedules as well, until few lines of the last relaxation
    break rules. None = no relaxation answered."""
    begun = np.union1d(start, tops(ground))
    ground, rows, stated = learnt(ground, begun, left, lambda done: report(done / 2, INFINITY))
    found: Priced | None = None
    tied: Knots | None = None
    close = False
    for turn in range(ROUNDS):
        form = formulate(ground, rows, knots=tied)
        answer, broken = relaxed(form.program, stated, seconds=left())
        if answer.x is None:
            break
        stated = heeded(stated, broken)
        prices, mass = np.rint(answer.duals["seat"]).astype(np.int64), answer.x[: len(rows)]
        own, fee = left_to(ground, form, answer), fees(ground, form, answer)
        extra, missing = outside(ground, rows, gains(ground, prices, fee), own)
        near = extra <= NEARLY * gap * answer.worth
        if near and ground.reserve is not None:
            ground, rows, tied = refilled(ground, rows, tied, prices)
            extra, missing = outside(ground, rows, gains(ground, prices, fee), own)
        sure = near or ground.reserve is None  # else pairs in reserve were not asked
        limit = answer.worth + extra if sure else INFINITY
        bound = limit if found is None else min(limit, found.bound)
        loose = np.unique(np.concatenate([np.zeros(0, np.int64), *broken.values()]))
        found = Priced(ground, rows, mass, loose, prices if found is None or limit <= bound else found.need, bound)
        report((turn + 1) / ROUNDS, bound)
        late = sum(map(len, broken.values()))
        close = close or (tied is not None and extra <= gap * bound)
        if left() <= 0 or (close and late <= FEW * form.program.height) or not (len(missing) or late):
            break
        if near and extra <= NEARLY * gap * answer.worth:
            more = torn(ground, rows, mass, ground.net + prices[ground.pairs.need])
            tied = more if tied is None else joined(ground.pairs, tied, more)
        rows = np.union1d(rows, missing)
    return found if found is not None and found.bound < INFINITY else None
