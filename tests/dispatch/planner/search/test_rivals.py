"""Needs of one team that cannot all be staffed are told so beforehand, and only those."""

import numpy as np
import pytest

from dispatch.planner import model
from dispatch.planner.problem import Event, Need, Team
from tests.dispatch.planner import tiny

CREW = tuple(f"p{number}" for number in range(5))


def scoped(cast: int, **second: object) -> model.Scope:
    """A team of five with two shows, each of which wants ``cast`` of them; the second as told."""
    return model.scoped(
        tiny.problem(
            people=tuple(tiny.person(name) for name in CREW),
            teams=(Team("t", CREW, cast),),
            events=(Event("e"), Event("f")),
            shifts=(tiny.shift(), tiny.shift("z", "f", **second)),
            needs=tuple(Need(name, shift, "actor", cast, 5, 5, team="t") for name, shift in (("n", "s"), ("m", "z"))),
        )
    )


@pytest.mark.parametrize(("cast", "second", "rival"), [(3, {}, True), (2, {}, False), (3, {"hour": 15}, False)])
def test_two_shows_at_once_are_rivals_if_the_team_is_too_small_for_both(cast: int, second: dict, rival: bool):
    scope = scoped(cast, **second)
    assert sorted(scope.ground.rivals.need.tolist()) == ([0, 1] if rival else [])
    assert np.unique(scope.ground.rivals.group).tolist() == ([0] if rival else [])


def test_a_team_is_sent_to_one_of_two_rivals():
    plan = model.solve(scoped(3).tables.problem, seconds=20)
    assert plan.status == "proven"
    assert len({line.need for line in plan.choices}) == 1
    assert len(plan.choices) == 5


@pytest.mark.parametrize(("shows", "most"), [(2, 2), (3, 2), (4, 2)])
def test_of_many_shows_at_once_as_many_go_as_the_crew_is_enough_for(shows: int, most: int):
    """Five people, casts of two."""
    events = tuple(f"e{number}" for number in range(shows))
    problem = tiny.problem(
        people=tuple(tiny.person(name) for name in CREW),
        teams=(Team("t", CREW, 2),),
        events=tuple(Event(name) for name in events),
        shifts=tuple(tiny.shift(f"s{name}", name) for name in events),
        needs=tuple(Need(f"n{name}", f"s{name}", "actor", 2, 2, 2, team="t") for name in events),
    )
    found = model.scoped(problem).ground.rivals
    assert found.most.tolist() == ([most] if shows > most else [])
    assert len({line.need for line in model.solve(problem, seconds=20).choices}) == most
