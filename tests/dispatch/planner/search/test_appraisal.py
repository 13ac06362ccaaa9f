"""The figures of all pairs, need after need, are those of each pair by itself."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from dispatch.planner.candidates import ledger
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import judge
from dispatch.planner.goals import worths
from dispatch.planner.problem import Problem
from dispatch.planner.search.appraisal import appraised, net
from dispatch.planner.tables import tabulate
from tests.dispatch.planner import tiny


@settings(max_examples=tiny.EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tiny.problems())
def test_nets_of_a_city_are_the_nets_of_its_pairs(problem: Problem):
    tables = tabulate(open_desk(problem))
    judged = judge(tables)
    found = np.zeros(len(judged.person), np.int64)
    seen: list[int] = []
    for need, mine, nets in appraised(tables, judged):
        found[mine] = nets
        seen.append(need)
    assert sorted(seen) == list(range(len(problem.needs)))
    pairs, base = judged.eligible(), ledger(tables)
    worth = worths(tables, pairs.person, pairs.need, pairs.spare)
    minutes = tables.minutes(pairs.person, pairs.need)
    assert found.tolist() == net(tables, base[pairs.person], minutes, worth).tolist()
