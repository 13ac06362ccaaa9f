"""The arrays say what the registry says, person by person and rule by rule."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from dispatch.bench.weeks import week
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import NAMES, Asked, eligible
from dispatch.planner.problem import Problem
from dispatch.planner.rules import why_not
from dispatch.planner.tables import tabulate
from tests.dispatch.planner import tiny


def compared(problem: Problem, people: int, needs: int) -> None:
    """Every ``people``-th person on every ``needs``-th need by both statements; the counts only if none is skipped."""
    desk = open_desk(problem)
    found = eligible(tabulate(desk))
    yes = set(zip(found.person.tolist(), found.need.tolist(), strict=True))
    for n in range(0, len(problem.needs), needs):
        first = [why_not(desk, who.id, problem.needs[n].id)[:1] for who in problem.people[::people]]
        assert {i * people for i, reason in enumerate(first) if not reason} == {
            p for p, need in yes if need == n and p % people == 0
        }
        if people == 1:
            refused = [reason[0].rule for reason in first if reason]
            assert {name: refused.count(name) for name in NAMES} == dict(
                zip(NAMES, found.refused[n].tolist(), strict=True)
            )
    asked = Asked(tabulate(desk))
    for n in range(0, len(problem.needs), needs):
        one = asked.need(n)
        assert (one.refused[0] == found.refused[n]).all()
        assert (one.person == found.person[found.need == n]).all()
        assert (one.spare == found.spare[found.need == n]).all()
    whole = found.refused.sum(axis=1) + np.bincount(found.need, minlength=len(problem.needs))
    assert (whole == len(problem.people)).all()


@settings(max_examples=2 * tiny.EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tiny.problems())
def test_arrays_and_registry_agree_on_odd_problems(problem: Problem):
    compared(problem, 1, 1)


def test_arrays_and_registry_agree_on_a_week():
    compared(week("S", 3), 1, 3)


def test_arrays_and_registry_agree_on_a_larger_week():
    compared(week("M", 3), 23, 29)


def test_nobody_and_nothing_are_no_pairs():
    for problem in (tiny.problem(people=()), tiny.problem(needs=())):
        assert len(eligible(tabulate(open_desk(problem))).person) == 0
