"""What the areas of a very large city teach before the whole is looked at: which candidates count.

Every area's relaxation has everybody to itself, so together they promise too much; but what they ask for is nearly what
the whole asks for, at a fraction of its cost. Areas are solved at the same time.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dispatch.planner.search.areas import areas
from dispatch.planner.search.columns import fees, gains, left_to, outside, refilled
from dispatch.planner.search.formulation import Formulation, Ground, Trade, formulate
from dispatch.planner.search.lazy import Stated, joined, relaxed
from dispatch.planner.search.program import Answer
from dispatch.planner.tables import Ints

EVENTS = 700  # of an area, about
FEWEST = 6  # areas; fewer are not worth it
LESSONS = 6
ENOUGH = 0.003  # part of the worth that people outside may still add


def learnt(
    ground: Ground, rows: Ints, left: Callable[[], float], report: Callable[[float], None]
) -> tuple[Ground, Ints, Stated]:
    """The ground with what its reserve has to offer, the candidates to begin the whole with, and the rows to state; as
    they were, if the city is not so large or time runs out."""
    count = round(len(ground.tables.problem.events) / EVENTS)
    stated: Stated = {}
    if count < FEWEST:
        return ground, rows, stated
    area = areas(ground.tables, count)[ground.tables.needs.event]
    series = int(ground.tables.needs.series.max(initial=-1)) + 1
    for turn in range(LESSONS):
        answers = _solved(ground, rows, area, stated, left)
        if any(answer.x is None for _, answer, _ in answers):
            break
        prices, own, worth = np.zeros(len(area), np.int64), np.zeros(len(ground.pairs.first) - 1), 0.0
        fee = np.zeros(series)
        for number, (form, answer, broken) in enumerate(answers):
            prices[area == number] = np.rint(answer.duals["seat"])
            own += left_to(ground, form, answer)
            fee += fees(ground, form, answer)
            worth += answer.worth
            stated = joined(stated, broken)
        if turn and ground.reserve is not None:  # the first prices are so wild that they would ask for everybody
            ground, rows, _ = refilled(ground, rows, None, prices)
        extra, missing = outside(ground, rows, gains(ground, prices, fee), own)
        rows = np.union1d(rows, missing)
        report((turn + 1) / LESSONS)
        if extra <= ENOUGH * worth or left() <= 0:
            break
    return ground, rows, stated


def _solved(
    ground: Ground, rows: Ints, area: Ints, stated: Stated, left: Callable[[], float]
) -> list[tuple[Formulation, Answer, Stated]]:
    nothing = np.zeros(len(area), np.int64)

    def one(number: int) -> tuple[Formulation, Answer, Stated]:
        mine = area == number
        some = rows[mine[ground.pairs.need[rows]]]
        form = formulate(ground, some, trade=Trade(mine, nothing, nothing))
        return form, *relaxed(form.program, stated, seconds=left())

    with ThreadPoolExecutor(min(os.cpu_count() or 1, int(area.max()) + 1)) as several:
        return list(several.map(one, range(int(area.max()) + 1)))
