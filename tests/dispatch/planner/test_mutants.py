"""Every planted mutant is noticed: the smallest problems tell a right statement of a rule from one a bit wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dispatch.planner import check, model
from dispatch.planner.mending import repair, warm
from dispatch.planner.problem import Asks, Event, Held, Hold, Need, Pair, Problem, Team, Venue
from dispatch.planner.rules import PAIR_RULES, SET_RULES
from tests.dispatch.planner import brute, test_check, test_eligibility, test_lines, test_rules
from tests.dispatch.planner.mending.test_repair import ANY, broken, done, seen, total
from tests.dispatch.planner.mutants import AWAY, Mutant, mutants, planted, statements
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
PINNED = replace(problem(people=(P,), roster=(Held("p", "n"),)), pairs=(Pair("p", "n", cost=90_000_000),))
# Events and teams that one person makes whole: with more asked nobody alone is any help.
WHOLE: dict[str, Problem] = {
    "cast": crowd(P, teams=(Team("t", ("p",), 1),), needs=(need(desired=2, max=3, team="t"),)),
    "quorum": crowd(P, events=(Event("e", quorum=1),)),
}
LACKING["travel just"] = replace(
    two_shifts(replace(P, max_km=112.0), hour=11 + 433 / 60, venue="far"), venues=test_lines.NORTH
)


def solved(made: Problem) -> None:
    """The plan keeps the rules and nothing beats it, the referee being right."""
    plan = model.solve(made, seconds=20, gap=0.0)
    assert check.violations(made, plan) == ()
    assert check.score(made, plan)["total"] == max(check.score(made, other)["total"] for other in brute.plans(made))


def mended(made: Problem) -> None:
    """What the plan leaves open is repaired without breaking anything, and what somebody leaves is given back."""
    pairs = {(line.person, line.need) for line in model.solve(made, seconds=20, gap=0.0).choices}
    lines = tuple(warm.Line(who, what, held=False) for who, what in sorted(pairs))
    for what in (one.id for one in made.needs):
        for proposal in repair.repair(warm.warmed(made, lines), what, ANY).proposals:
            judged = seen(made, lines)
            assert broken(judged, done(pairs, proposal)) <= broken(judged, pairs)
    for left in lines:
        others = tuple(line for line in lines if line is not left)
        rest = {(line.person, line.need) for line in others}
        lost = total(made, pairs) - total(made, rest)
        found = repair.repair(warm.warmed(made, others), left.need, ANY).proposals
        if broken(seen(made, others), rest) <= broken(seen(made, lines), pairs):
            assert [one.gain for one in found[:1]] >= [lost]


def killers(statement: str) -> Iterator[Callable[[], None]]:
    """The tests that watch this statement, each on its smallest problem."""
    if statement == "solver":
        yield from (lambda made=made: solved(made) for made in (*LACKING.values(), *TIGHT.values(), PINNED))
    elif statement == "repair":
        cases = (*LACKING.values(), *TIGHT.values(), *WHOLE.values())
        yield from (lambda made=made: mended(made) for made in cases)
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
        no = (*test_rules.NO.values(), *(made for _, made in test_rules.ALSO_NO.values()))
        yield from (lambda made=made: test_eligibility.compared(made, 1, 1) for made in (*no, *test_rules.YES.values()))


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


@pytest.mark.parametrize("statement", ["rules", "eligibility", "check", "solver", "repair"])
def test_nothing_is_noticed_without_a_mutant(statement: str):
    assert not noticed(statement)


def test_every_rule_has_a_mutant_in_each_of_its_statements():
    """``serving`` only lends its words to the count of a hole; that firm lines stay is no rule for one who is asked."""
    named = {rule.name for rule in (*PAIR_RULES, *SET_RULES)} - {"serving"} | {"firm"}
    assert set(AWAY) == named
    stated = {(mutant.rule, mutant.statement) for mutant in MUTANTS}
    assert stated == {(rule, statement) for rule in named for statement in statements(rule)}


def test_a_need_of_nobody_in_particular_is_a_problem_too():
    """The smallest problem of all is solved like any other."""
    solved(problem(shifts=(shift(),), needs=(Need("n", "s", "steward"),)))
