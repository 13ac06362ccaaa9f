"""What ties a line together: the way between venues, and what a pair counts and costs."""

from dataclasses import replace

import pytest

from dispatch.planner import check
from dispatch.planner.desk import open_desk
from dispatch.planner.problem import Busy, Pair, Point, Roads, Venue, Weights
from dispatch.planner.rules import why_not
from tests.dispatch.planner.test_check import BOTH, HERE, P, plan, two_shifts, worth
from tests.dispatch.planner.tiny import MONDAY, NEAR, at, problem

NORTH = (Venue("v", HERE), Venue("far", Point(HERE.lat + 1, HERE.lon)))


@pytest.mark.parametrize(("minutes", "rules"), [(433, {"travel"}), (434, set())])
def test_a_degree_of_latitude_takes_434_minutes_at_20_km_an_hour(minutes: int, rules: set[str]):
    """111.195 km as the crow flies, 144.55 km by road: 433.66 minutes."""
    given = two_shifts(replace(P, max_km=112.0, speed=20.0), hour=11 + minutes / 60, venue="far")
    given = replace(given, venues=NORTH)
    assert {broken.rule for broken in check.violations(given, plan(*BOTH))} == rules


@pytest.mark.parametrize(("km", "rules"), [(20.1, {"travel"}), (5.0, set())])
def test_a_known_road_leads_from_a_promise_elsewhere_too(km: float, rules: set[str]):
    """An hour lies between; 20.1 km take 61 minutes. As the crow flies it is 3.9 km."""
    promise = Busy(at(0, 7), at(0, 8), MONDAY, 60, NEAR, "near")
    given = problem(
        people=(replace(P, busy=(promise,)),),
        venues=(Venue("v", HERE), Venue("near", NEAR)),
        roads=Roads(("v", "near"), ((0.0, km), (km, 0.0))),
    )
    assert {broken.rule for broken in check.violations(given, plan(("p", "n")))} == rules
    assert {reason.rule for reason in why_not(open_desk(given), "p", "n")} == rules


def test_a_pair_and_a_person_may_cost_something():
    given = replace(two_shifts(replace(P, cost=40)), weights=Weights(*[0] * 11))
    given = replace(given, pairs=(Pair("p", "n", cost=7), Pair("p", "n2", cost=-2)))
    assert worth(given) == {}
    assert worth(given, ("p", "n")) == {"cost": -7, "use": -40, "total": -47}
    assert worth(given, *BOTH) == {"cost": -5, "use": -40, "total": -45}


def test_a_load_of_its_own_stands_in_the_ledger():
    given = replace(two_shifts(P), weights=replace(Weights(*[0] * 11), fairness=3), pairs=(Pair("p", "n", 60),))
    assert worth(given, ("p", "n")) == {"fairness": -3, "total": -3}
