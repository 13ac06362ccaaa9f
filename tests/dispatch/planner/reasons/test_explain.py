"""Reasons that a person can check: who was next, where the others are, what each line adds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.bench.weeks import week
from dispatch.planner import check, goals, model
from dispatch.planner.problem import Asks, Event, Hold, Need, Pair, Point, Problem, Span, Team, Venue
from dispatch.planner.reasons import explain
from dispatch.planner.reasons.outcome import Outcome
from dispatch.planner.search.greedy import Lines, fill
from tests.dispatch.planner import brute, tiny
from tests.dispatch.planner.test_brute import problems
from tests.dispatch.planner.tiny import FAR, HERE, NEAR, at, person, plan, problem, shift


def test_the_nearest_serves_and_the_next_is_named_with_the_margin():
    made = problem(people=(person("far", at=Point(25.0, 118.6)), person("near")))
    (line,) = model.solve(made).choices
    assert (line.person, line.runner_up, line.margin) == ("near", "far", 11_000)


def test_what_a_line_adds_is_told_goal_by_goal():
    made = problem(people=(person(likes=("support",), knows=("v",), load=120, at=Point(25.0, 118.6)),))
    (line,) = model.solve(made).choices
    worth = {why.goal: why.worth for why in line.why}
    assert (worth["continuity"], worth["likes"], worth["distance"], worth["fairness"]) == (
        27_000,
        3_000,
        -11_000,
        -2_100,
    )
    assert [abs(why.worth) for why in line.why] == sorted((abs(why.worth) for why in line.why), reverse=True)
    assert line.runner_up is line.margin is None


def test_a_hole_counts_everybody_once():
    made = problem(
        people=(person("skilled", holds=(Hold("nanyin", 3),)), person("a"), person("b", automated=False)),
        venues=(Venue("v", HERE),),
        events=(Event("e", priority=5), Event("f", priority=1)),
        shifts=(shift(), shift("t", "f")),
        needs=(Need("n", "s", "steward"), Need("m", "t", "steward", 2, 3, 3)),
    )
    plan = model.solve(made)
    served = {line.need: line.person for line in plan.choices}
    assert set(served) == {"n", "m"}
    (hole,) = plan.unmet
    assert (hole.need, hole.missing, hole.wished, hole.pool) == ("m", 1, 1, 3)
    assert {(blocked.rule, blocked.people) for blocked in hole.blocked} == {("automated", 1), ("serving", 1)}
    assert (hole.elsewhere_count, hole.idle) == (1, 0)
    assert (hole.elsewhere[0].person, hole.elsewhere[0].need) == (served["n"], "n")
    assert hole.elsewhere[0].cost >= 0


def test_the_holes_of_a_week_sum_to_the_pool():
    made = week("S", 2)
    plan = model.solve(made, seconds=60)
    assert plan.unmet
    lines = {(line.person, line.need) for line in plan.choices}
    for hole in plan.unmet:
        assert sum(blocked.people for blocked in hole.blocked) + hole.elsewhere_count + hole.idle == hole.pool
        assert all((where.person, where.need) in lines for where in hole.elsewhere)


def finished(made: Problem, seed: int = 1) -> Outcome:
    """A greedy plan of the problem, ready to be asked, at made-up prices."""
    scope = model.scoped(made)
    lines = Lines(scope.tables, scope.pairs, scope.far)
    fill(lines, scope.value)
    rows, firm = lines.rows(), scope.tables.held_firm
    person = np.concatenate([scope.tables.held_person[firm], scope.pairs.person[rows]])
    need = np.concatenate([scope.tables.held_need[firm], scope.pairs.need[rows]])
    spare = np.concatenate([scope.firm_spare, scope.pairs.spare[rows]])
    prices = np.random.default_rng(seed).integers(-1000, 3_000_000, len(made.needs))
    first = np.arange(len(person)) < int(firm.sum())
    supply = np.diff(scope.judged.first)
    return Outcome(
        scope.tables, scope.pool, scope.pairs, scope.value, scope.far, person, need, spare, first, prices, supply
    )


def test_one_hole_alone_says_what_all_of_them_say():
    out = finished(week("M", 2))
    every = explain.holes(out)
    assert len(every) > 20
    numbers = out.tables.need_number
    assert tuple(explain.hole(out, numbers[one.need]) for one in every) == every


def test_the_next_person_is_the_best_of_all_that_could_serve():
    """Said again by the referee: who breaks no rule in that line's place, and adds most with their hours."""
    made = week("S", 1)
    out = finished(made)
    pairs = [(made.people[p].id, made.needs[n].id) for p, n in zip(out.person.tolist(), out.need.tolist(), strict=True)]
    pool, numbers = out.pool, out.tables.need_number
    before = out.ledger[pool.person]
    worth = goals.worths(out.tables, pool.person, pool.need, pool.spare)
    worth -= goals.burden(out.tables, before + out.tables.minutes(pool.person, pool.need))
    worth += goals.burden(out.tables, before)
    told = [line for line in explain.choices(out) if not line.firm]
    assert len(told) > 60
    assert {line.runner_up for line in told} > {None}
    for line in told[::3]:
        others = [pair for pair in pairs if pair != (line.person, line.need)]
        mine = np.flatnonzero(pool.need == numbers[line.need])
        ranked = [made.people[pool.person[i]].id for i in mine[np.lexsort((pool.person[mine], -worth[mine]))]]
        able = (who for who in ranked if who != line.person and fits(made, others, who, line.need))
        assert line.runner_up == next(able, None)


def fits(made: Problem, others: list[tuple[str, str]], who: str, need: str) -> bool:
    """Whether the line breaks nothing that a further one could not mend."""
    if (who, need) in others:
        return False
    broken = check.violations(made, plan(*others, (who, need)))
    return not {one.rule for one in broken if who in one.people and need in one.needs} - brute.LATER


@settings(max_examples=tiny.EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_nobody_is_called_idle_or_next_whom_a_rule_keeps_away(made: Problem):
    """Nor anybody left out: the referee says of everybody whether they could come as well, or instead."""
    solved = model.solve(made, seconds=20, gap=0.0)
    lines = [(line.person, line.need) for line in solved.choices]
    for hole in solved.unmet:
        able = sum(fits(made, lines, who.id, hole.need) for who in made.people)
        assert able == hole.idle + sum(each.people for each in hole.blocked if each.rule in brute.LATER)
    for line in solved.choices:
        others = [pair for pair in lines if pair != (line.person, line.need)]
        instead = [who.id for who in made.people if who.id != line.person and fits(made, others, who.id, line.need)]
        assert line.firm or (line.runner_up in instead if instead else line.runner_up is None)


TWO = (Need("n", "s", "steward"), Need("m", "t", "steward"))
TAUGHT = (Event("e", priority=5, series="x"), Event("f", priority=1, series="x"))
TIRED = problem(
    people=(person(max_rolling=120),), events=(Event("e", priority=5), Event("f", priority=1)),
    shifts=(shift(), shift("t", "f", day=6)), needs=TWO,
)  # fmt: skip
# A hole that somebody could fill, were it not for the lines of the plan.
KEPT: dict[str, tuple[Problem, dict[str, int], int, int]] = {
    "seven days": (TIRED, {}, 1, 0),
    "events of the month": (
        replace(TIRED, people=(person(max_events=1),), shifts=(shift(), shift("t", "f", day=1))),
        {},
        1,
        0,
    ),
    "the tutor is another": (
        problem(
            people=(person("a", free=(Span(at(0, 0), at(0, 12)),)), person("b", at=NEAR, declined=("n",))),
            events=TAUGHT, shifts=(shift(), shift("t", "f", day=1)), needs=TWO,
        ),
        {"availability": 1, "series": 1},
        0,
        0,
    ),
    "kept apart": (
        problem(
            people=(person("a"), person("b", at=NEAR, blocked=("a",))),
            needs=(Need("n", "s", "steward"), Need("m", "s", "guide", 0, 1, 1)),
        ),
        {"pair": 1},
        1,
        0,
    ),
    "too few to run": (problem(events=(Event("e", quorum=2),)), {"quorum": 1}, 0, 0),
    "one person is no two": (
        problem(events=(Event("e", quorum=2),), needs=(Need("n", "s", "steward"), Need("m", "s", "steward"))),
        {"quorum": 1},
        0,
        0,
    ),
    "nobody leads": (
        problem(
            events=(Event("e", leader=True),),
            needs=(Need("m", "s", "guide", asks=(Asks("lead"),), leader=True), Need("n", "s", "steward")),
        ),
        {"leader": 1},
        0,
        0,
    ),
    "not the whole team": (
        problem(teams=(Team("x", ("p",), 2),), needs=(Need("n", "s", "actor", 2, 2, 2, team="x"),)),
        {"cast": 1},
        0,
        0,
    ),
    "not worth it": (
        problem(needs=(Need("n", "s", "steward", 0, 1, 1),), pairs=(Pair("p", "n", cost=9_000_000),)), {}, 0, 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_a_hole_says_which_rule_the_plans_own_lines_put_up(case: str):
    made, blocked, elsewhere, idle = KEPT[case]
    hole = model.solve(made, gap=0.0).unmet[-1]
    assert {each.rule: each.people for each in hole.blocked} == blocked
    assert (hole.elsewhere_count, hole.idle) == (elsewhere, idle)


def test_whoever_is_kept_apart_from_somebody_there_is_next_only_after_them():
    """c is kept apart from a: c could come for a, but not for b, for whom d would."""
    made = problem(
        people=(person("a"), person("b"), person("c", at=NEAR, blocked=("a",)), person("d", at=FAR, max_km=200.0)),
        needs=(Need("n", "s", "steward", 2, 2, 2),),
    )
    assert {line.person: line.runner_up for line in model.solve(made, gap=0.0).choices} == {"a": "c", "b": "d"}


def test_nobody_is_next_in_one_session_of_a_series_alone():
    """Both sessions have one tutor; another could come to neither without taking both."""
    made = problem(people=(person("a"), person("b", at=NEAR)), events=TAUGHT, shifts=(shift(), shift("t", "f", day=1)))
    both = model.solve(replace(made, needs=TWO), gap=0.0)
    assert [line.runner_up for line in both.choices] == [None, None]
    alone = model.solve(replace(made, needs=TWO[:1]), gap=0.0)
    assert [line.runner_up for line in alone.choices] == ["b"]


def test_an_event_that_could_run_but_is_not_worth_it_is_off_by_no_rule():
    dear = tuple(Pair("p", need, cost=90_000_000) for need in ("n", "m"))
    made = problem(events=(Event("e", quorum=1),), shifts=(shift(), shift("t", day=1)), needs=TWO, pairs=dear)
    assert model.solve(made, gap=0.0).off == ()
    (off,) = model.solve(replace(made, people=(), pairs=()), gap=0.0).off
    assert (off.reason.rule, off.reason.data) == ("quorum", {"wanted": 1, "possible": 0})


def test_the_next_person_is_found_behind_any_number_of_better_ones_who_are_busy(monkeypatch: pytest.MonkeyPatch):
    made = week("M", 2)
    wide = explain.choices(finished(made))
    monkeypatch.setattr(explain, "FEW", 1)
    assert explain.choices(finished(made)) == wide
