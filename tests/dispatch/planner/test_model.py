"""The pipeline as a whole: what it promises of a plan on weeks, small scopes and hand-made ones."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.bench.weeks import week
from dispatch.planner import check, model
from dispatch.planner import plan as plans
from dispatch.planner.problem import Asks, Event, Held, Hold, Need, Pair, Span, Team, Weights
from dispatch.planner.search import found
from tests.dispatch.planner.tiny import at, person, problem, shift

SERVES = ("steward", "guide")


def test_a_small_week_is_proven_and_keeps_all_rules():
    made = week("S", 1)
    plan = model.solve(made, seconds=60)
    assert plan.status == "proven"
    assert plan.gap <= 0.001
    assert plan.relaxes == ()
    assert check.violations(made, plan) == ()
    assert check.score(made, plan)["total"] == plan.score == sum(plan.parts.values())


def test_a_larger_week_is_proven_by_prices(monkeypatch: pytest.MonkeyPatch):
    """The priced way, on a week small enough to know the optimum."""
    made = week("S", 2)
    whole = model.solve(made, seconds=60, gap=0.0001)
    monkeypatch.setattr(model, "WHOLE", 0)
    plan = model.solve(made, seconds=60, gap=0.002)
    assert plan.score <= whole.bound
    assert plan.bound >= whole.score
    assert plan.gap <= 0.01
    assert "series" in plan.relaxes
    assert check.violations(made, plan) == ()


def test_progress_names_stages_and_never_loosens_the_bound():
    seen: list[tuple[str, float, int | None, int | None]] = []
    plan = model.solve(week("S", 4), seconds=60, progress=lambda *each: seen.append(each))
    assert seen[0][0] == "candidates"
    assert seen[-1][0] == "explain"
    bounds = [bound for *_, bound in seen if bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    assert seen[-1][2] == plan.score


def test_work_that_is_done_without_a_proof_is_not_called_cut(monkeypatch: pytest.MonkeyPatch):
    """Only then may the same seed promise the same plan. What used up its time, though others left some, was cut."""
    made = week("M", 3)
    monkeypatch.setattr(model, "PROVABLE", 0)
    plans = [model.solve(made, seconds=200, gap=0.0) for _ in range(2)]
    assert plans[0].gap > 0
    assert plans[0].status == "unproven"
    assert plans[0] == plans[1]
    monkeypatch.setattr(found, "NEARLY_ALL", 0.0)
    assert model.solve(made, seconds=200, gap=0.0).status == "cut_short"


@pytest.mark.parametrize("priced", [False, True])
def test_what_is_known_so_far_is_kept_should_what_follows_oversleep(priced: bool, monkeypatch: pytest.MonkeyPatch):
    made = week("S", 1)
    if priced:
        monkeypatch.setattr(model, "WHOLE", 0)
    kept: list[Callable[[], plans.Plan]] = []
    plan = model.solve(made, seconds=60, gap=0.0 if priced else 0.001, floor=kept.append)
    told = [each() for each in kept]  # after all of it: each knows its own candidates
    assert [one.status for one in told] == ["greedy"] + ["cut_short"] * (len(told) - 1)
    assert len(told) > 1
    scores, bounds = [one.score for one in told], [one.bound for one in told]
    assert scores == sorted(scores)
    assert bounds == sorted(bounds, reverse=True)
    assert told[0].score < told[-1].score <= plan.score
    for one in told:
        assert one.bound >= plan.score
        assert check.violations(made, one) == ()
        assert check.score(made, one)["total"] == one.score


def test_out_of_time_is_said_and_the_bound_still_holds(monkeypatch: pytest.MonkeyPatch):
    made = week("S", 1)
    best = model.solve(made, seconds=60)
    for whole in (0, model.WHOLE):
        monkeypatch.setattr(model, "WHOLE", whole)
        plan = model.solve(made, seconds=0.01, gap=0.0)
        assert plan.status in {"cut_short", "greedy"}
        assert plan.score <= best.bound
        assert plan.bound >= best.score
        assert check.violations(made, plan) == ()


def test_nobody_and_nothing_make_an_empty_plan():
    for empty in (problem(people=()), problem(needs=()), replace(problem(), shifts=(), needs=(), events=())):
        plan = model.solve(empty)
        assert (plan.status, plan.score, plan.bound, plan.choices) == ("proven", 0, 0, ())


def test_a_team_too_small_stays_at_home_and_says_why():
    crew = tuple(person(name) for name in ("a", "b", "c"))
    made = problem(people=crew, teams=(Team("t", ("a", "b"), 3),), needs=(Need("n", "s", "actor", 3, 3, 3, team="t"),))
    plan = model.solve(made)
    assert plan.choices == ()
    assert [(off.event, off.reason.rule, off.reason.data) for off in plan.off] == [
        ("e", "cast", {"wanted": 3, "possible": 2})
    ]


def test_a_quorum_needs_every_shift():
    made = problem(
        people=(person("a"), person("b", free=(Span(at(0, 0), at(0, 12)),))),
        events=(Event("e", quorum=2),),
        shifts=(shift(), shift("t", hour=14)),
        needs=(Need("n", "s", "steward", 2, 2, 2), Need("m", "t", "steward", 2, 2, 2)),
    )
    plan = model.solve(made)
    assert plan.choices == ()
    assert plan.off[0].reason.rule == "quorum"
    assert plan.off[0].reason.data == {"wanted": 2, "possible": 1}
    assert model.solve(replace(made, people=(person("a"), person("b")))).filled == 4


def test_learners_come_with_their_mentor_or_not_at_all():
    """The learner's seat is dear, the mentor's is not: she goes for the learner's sake. Without her nobody learns."""
    made = problem(
        people=(person("learner"), person("mentor", holds=(Hold("nanyin", 4),))),
        needs=(
            Need("n", "s", "learner", mentor="m"),
            Need("m", "s", "mentor", 0, 1, 1, asks=(Asks("nanyin", 3),)),
        ),
        weights=Weights(1000, *[0] * 10),
        pairs=(Pair("mentor", "n", cost=5000), Pair("mentor", "m", cost=50)),
    )
    plan = model.solve(made, gap=0.0)
    assert {(line.person, line.need) for line in plan.choices} == {("learner", "n"), ("mentor", "m")}
    alone = model.solve(replace(made, people=made.people[:1], pairs=()), gap=0.0)
    assert alone.choices == ()
    assert {hole.need: [(b.rule, b.people) for b in hole.blocked] for hole in alone.unmet} == {
        "n": [("mentor", 1)],
        "m": [("skill", 1)],
    }


def test_firm_learners_without_a_mentor_stay_and_draw_no_others():
    made = problem(
        people=(person("a"), person("b"), person("c")),
        needs=(Need("n", "s", "learner", 1, 2, 2, mentor="m"), Need("m", "s", "mentor", 0, 0, 1)),
        roster=(Held("a", "n"),),
    )
    assert [line.person for line in model.solve(made).choices] == ["a"]


def test_whoever_costs_most_stays_at_home():
    """Two shifts at once want two people; who does both in turn is dear."""
    made = problem(
        people=(person("dear", cost=900), person("cheap", cost=100), person("fair", cost=300)),
        shifts=(shift(), shift("t"), shift("later", hour=13)),
        needs=(Need("n", "s", "steward"), Need("m", "t", "steward"), Need("l", "later", "steward")),
        pairs=(Pair("cheap", "n", cost=500), Pair("fair", "l", cost=50)),
        weights=Weights(5000, *[0] * 10),
    )
    plan = model.solve(made, gap=0.0)
    assert {(line.person, line.need) for line in plan.choices} == {("fair", "n"), ("cheap", "m"), ("cheap", "l")}
    assert plan.score == plan.bound == 3 * 5000 * 170 // 100 - 400
    assert plan.parts["use"] == -400


def test_loads_of_pairs_fill_limits():
    """A knapsack: of three needs on a day, two fit the limit."""
    made = problem(
        people=(person("p", max_day=10),),
        shifts=tuple(shift(name, hour=hour, hours=1) for name, hour in (("s", 9), ("t", 11), ("u", 13))),
        needs=tuple(Need(name, where, "steward") for name, where in (("n", "s"), ("m", "t"), ("l", "u"))),
        pairs=(Pair("p", "n", 7, -6), Pair("p", "m", 5, -5), Pair("p", "l", 5, -4)),
        weights=Weights(*[0] * 11),
    )
    plan = model.solve(made, gap=0.0)
    assert [line.need for line in plan.choices] == ["m", "l"]
    assert plan.score == plan.bound == 9


def test_firm_lines_stay_even_when_they_break_a_rule():
    made = problem(people=(person(max_km=0.0, at=None, max_day=1),), roster=(Held("p", "n"),))
    plan = model.solve(made)
    assert [(line.person, line.need, line.firm) for line in plan.choices] == [("p", "n", True)]
    assert plan.bound == plan.score > 0


def test_the_same_problem_gives_the_same_bytes():
    made = week("S", 6)
    assert plans.write(model.solve(made, seed=7)) == plans.write(model.solve(made, seed=7))
