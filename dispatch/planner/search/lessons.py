"""What the areas of a very large city teach before the whole is looked at: which candidates count.

Every area's relaxation has everybody to itself, so together they promise too much; but what they ask for is nearly what
the whole asks for, at a fraction of its cost. Areas are solved at the same time.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dispatch.planner.search.areas import areas
from dispatch.planner.search.columns import left_to, outside, refilled
from dispatch.planner.search.formulation import Formulation, Ground, Trade, formulate
from dispatch.planner.search.program import Answer, linear
from dispatch.planner.tables import Ints

EVENTS = 700  # of an area, about
FEWEST = 6  # areas; fewer are not worth it
LESSONS = 6
ENOUGH = 0.003  # part of the worth that people outside may still add


def learnt(
    ground: Ground, rows: Ints, left: Callable[[], float], report: Callable[[float], None]
) -> tuple[Ground, Ints]:
    """The ground with what its reserve has to offer, and the candidates to begin the whole with; as they were, if the
    city is not so large or time runs out."""
    count = round(len(ground.tables.problem.events) / EVENTS)
    if count < FEWEST:
        return ground, rows
    area = areas(ground.tables, count)[ground.tables.needs.event]
    for turn in range(LESSONS):
        answers = _solved(ground, rows, area, left)
        if any(answer.x is None for _, answer in answers):
            break
        prices, own, worth = np.zeros(len(area), np.int64), np.zeros(len(ground.pairs.first) - 1), 0.0
        for number, (form, answer) in enumerate(answers):
            prices[area == number] = np.rint(answer.duals["seat"])
            own += left_to(ground, form, answer)
            worth += answer.worth
        if turn and ground.reserve is not None:  # the first prices are so wild that they would ask for everybody
            ground, rows, _ = refilled(ground, rows, None, prices)
        extra, missing = outside(ground, rows, ground.net + prices[ground.pairs.need], own)
        rows = np.union1d(rows, missing)
        report((turn + 1) / LESSONS)
        if extra <= ENOUGH * worth or left() <= 0:
            break
    return ground, rows


def _solved(ground: Ground, rows: Ints, area: Ints, left: Callable[[], float]) -> list[tuple[Formulation, Answer]]:
    nothing = np.zeros(len(area), np.int64)

    def one(number: int) -> tuple[Formulation, Answer]:
        mine = area == number
        some = rows[mine[ground.pairs.need[rows]]]
        form = formulate(ground, some, trade=Trade(mine, nothing, nothing))
        return form, linear(form.program, seconds=left())

    with ThreadPoolExecutor(min(os.cpu_count() or 1, int(area.max()) + 1)) as several:
        return list(several.map(one, range(int(area.max()) + 1)))
