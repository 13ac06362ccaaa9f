"""Every planted mutant is noticed: the smallest problems tell a right statement of a rule from one a bit wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dispatch.planner import check, model
from dispatch.planner.problem import Asks, Event, Hold, Need, Problem, Team, Venue
from dispatch.planner.rules import PAIR_RULES, SET_RULES
from tests.dispatch.planner import brute, test_check, test_eligibility, test_lines, test_rules
from tests.dispatch.planner.mutants import AWAY, BETWEEN_LINES, Mutant, mutants, planted
from tests.dispatch.planner.test_check import P, Q, crowd, need, two_shifts
from tests.dispatch.planner.tiny import FAR, HERE, person, problem, shift

MUTANTS = tuple(mutants())
FAR_OFF = (Venue("v", HERE), Venue("far", FAR))
R = person("r")

# Without the rule a plan would have more lines than it may; ``tight`` ones are just within every limit.
LACKING: dict[str, Problem] = {
    "overlap": two_shifts(P, hour=11 - 1 / 60),
    "travel": two_shifts(replace(P, max_km=200.0), hour=12, venue="far"),
    "rest": two_shifts(replace(P, rest=22 * 60 + 1), day=1, hour=9),
    "hours_day": two_shifts(replace(P, max_day=239)),
    "hours_week": two_shifts(replace(P, max_week=239), day=6),
    "hours_rolling": two_shifts(replace(P, max_rolling=239), day=6),
    "hours_month": two_shifts(replace(P, max_month=239), day=1),
    "events_month": two_shifts(replace(P, max_events=1)),
    "role": replace(two_shifts(P, same_event=True), needs=(need(), need("n2", "s2", "guide"))),
    "series": replace(
        two_shifts(replace(P, declined=("n2",))),
        people=(replace(P, declined=("n2",)), replace(Q, declined=("n",))),
        events=(Event("e", series="x"), Event("e2", series="x")),
    ),
    "pair": crowd(P, replace(Q, blocked=("p",))),
    "capacity": crowd(P, Q, needs=(need(),)),
    "cast": crowd(P, replace(Q, free=()), teams=(Team("t", ("p", "q"), 2),), needs=(need(desired=2, max=2, team="t"),)),
    "leader": crowd(
        P, events=(Event("e", leader=True),), needs=(need(), need("n2", asks=(Asks("lead"),), leader=True))
    ),
    "quorum": crowd(P, replace(Q, free=()), events=(Event("e", quorum=2),)),
    "mentor": crowd(
        *(P, Q, replace(R, holds=(Hold("teach"),), declined=("n",))),
        needs=(need(desired=2, max=2, mentor="n2"), need("n2", role="guide", asks=(Asks("teach"),))),
    ),
    "mentor nobody": crowd(P, needs=(need(mentor="n2"), need("n2", role="guide", asks=(Asks("teach"),)))),
}
TIGHT: dict[str, Problem] = {
    "handover": two_shifts(P, hour=11),
    "travel": replace(two_shifts(replace(P, max_km=112.0), hour=11 + 434 / 60, venue="far"), venues=test_lines.NORTH),
    "rest": two_shifts(replace(P, rest=22 * 60), day=1, hour=9),
    "limits": two_shifts(replace(P, max_day=240, max_week=240, max_month=240, max_rolling=240, max_events=2)),
    "cast": crowd(P, Q, teams=(Team("t", ("p", "q"), 2),), needs=(need(desired=2, max=3, team="t"),)),
    "quorum": crowd(P, Q, events=(Event("e", quorum=2),)),
}
LACKING["travel just"] = replace(
    two_shifts(replace(P, max_km=112.0), hour=11 + 433 / 60, venue="far"), venues=test_lines.NORTH
)


def solved(made: Problem) -> None:
    """The plan keeps the rules and nothing beats it, the referee being right."""
    plan = model.solve(made, seconds=20, gap=0.0)
    assert check.violations(made, plan) == ()
    assert check.score(made, plan)["total"] == max(check.score(made, other)["total"] for other in brute.plans(made))


def killers(statement: str) -> Iterator[Callable[[], None]]:
    """The tests that watch this statement, each on its smallest problem."""
    if statement == "solver":
        yield from (lambda made=made: solved(made) for made in (*LACKING.values(), *TIGHT.values()))
    elif statement == "check":
        yield from (lambda rule=rule: test_check.test_breaks_only(rule) for rule in test_check.BREAKS)
        yield from (lambda case=case: test_check.test_also_breaks_only(case) for case in test_check.ALSO_BREAKS)
        yield from (lambda case=case: test_check.test_nothing_against(case) for case in test_check.FINE)
        name = test_lines.test_a_degree_of_latitude_takes_434_minutes_at_20_km_an_hour
        yield from (lambda asked=asked: name(*asked) for asked in ((433, {"travel"}), (434, set())))
    elif statement == "rules":
        yield from (
            lambda rule=rule: test_rules.test_a_rule_says_no_alone_and_speaks_two_languages(rule)
            for rule in test_rules.NO
        )
        yield from (lambda case=case: test_rules.test_also_a_no_alone(case) for case in test_rules.ALSO_NO)
        yield from (lambda case=case: test_rules.test_just_inside_every_limit_is_a_yes(case) for case in test_rules.YES)
    else:
        cases = (*test_rules.NO.values(), *(made for _, made in test_rules.ALSO_NO.values()), *test_rules.YES.values())
        yield from (lambda made=made: test_eligibility.compared(made, 1, 1) for made in cases)


def noticed(statement: str) -> bool:
    """Whether any test of the statement fails."""
    for test in killers(statement):
        try:
            test()
        except (AssertionError, ValueError):
            return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_noticed(mutant: Mutant):
    with planted(mutant):
        assert noticed(mutant.statement)


@pytest.mark.parametrize("statement", ["rules", "eligibility", "check", "solver"])
def test_nothing_is_noticed_without_a_mutant(statement: str):
    assert not noticed(statement)


def test_every_rule_has_a_mutant_in_each_of_its_statements():
    """``serving`` only lends its words to the count of a hole."""
    stated = {(mutant.rule, mutant.statement) for mutant in MUTANTS}
    pair = {rule.name for rule in PAIR_RULES}
    named = pair | {rule.name for rule in SET_RULES} - {"serving"}
    assert set(AWAY) == named
    assert {(rule, statement) for rule in pair for statement in ("rules", "eligibility", "check")} <= stated
    assert {(rule, statement) for rule in BETWEEN_LINES for statement in ("check", "solver")} <= stated


def test_a_need_of_nobody_in_particular_is_a_problem_too():
    """The smallest problem of all is solved like any other."""
    solved(problem(shifts=(shift(),), needs=(Need("n", "s", "steward"),)))
