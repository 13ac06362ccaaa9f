"""Rows that nobody breaks may be left out: the answer is the same, or says which were broken."""

import numpy as np

from dispatch.bench.weeks import week
from dispatch.planner import model
from dispatch.planner.search.formulation import Formulation, formulate
from dispatch.planner.search.lazy import Stated, joined, relaxed
from dispatch.planner.search.program import linear


def small() -> Formulation:
    scope = model.scoped(week("S", 3))
    return formulate(scope.ground, np.arange(len(scope.pairs)))


def test_stating_what_is_broken_ends_at_the_answer_of_all_rows():
    form, stated = small(), Stated()
    whole = linear(form.program, seconds=60)
    worths = []
    while True:
        answer, broken = relaxed(form.program, stated, seconds=60)
        worths.append(answer.worth)
        assert answer.worth >= whole.worth - 1
        if not broken:
            break
        assert all(len(np.setdiff1d(people, stated.get(name, ()))) for name, people in broken.items())
        stated = joined(stated, broken)
    assert len(worths) > 2
    assert worths == sorted(worths, reverse=True)
    assert abs(answer.worth - whole.worth) <= 1
    lazy = {rows.name for rows in form.program.rows if rows.lazy}
    assert set(stated) <= lazy
    said = sum(int(np.isin(rows.owner, stated.get(rows.name, ())).sum()) for rows in form.program.rows if rows.lazy)
    assert said < sum(len(rows.low) for rows in form.program.rows if rows.lazy) / 2


def test_rows_that_are_not_stated_have_no_price():
    form = small()
    answer, broken = relaxed(form.program, {}, seconds=60)
    assert broken
    for rows in form.program.rows:
        assert len(answer.duals[rows.name]) == len(rows.low)
        if rows.lazy:
            assert not answer.duals[rows.name].any()
