"""The offers' bench: the same for the same seed, forecasts better than a constant, waves better than one by one."""

import pytest

from dispatch.bench import habits, waves
from dispatch.bench.replay import Replay, office
from dispatch.settings import Asking


@pytest.fixture(scope="module")
def figures() -> waves.Figures:
    return waves.measure(5, 300, 120, 5)


def test_the_forecast_beats_the_best_constant(figures: waves.Figures) -> None:
    held = figures["held_back"]
    assert held["forecasts"] > 200
    assert held["better"] >= 0.2


def test_waves_fill_more_and_faster_within_the_budget(figures: waves.Figures) -> None:
    one, many = figures["policies"]["one_by_one"], figures["policies"]["waves"]
    assert many["covered"] > one["covered"]
    assert many["hours_to_fill"] < one["hours_to_fill"]
    assert max(one["most_in_a_week"], many["most_in_a_week"]) <= Asking().a_week


def test_a_town_is_the_same_again() -> None:
    """And the office's own chance does not run through the people's."""
    one, two = (Replay(habits.town(3, 80, 45, 2), office(3), race=False).play() for _ in range(2))
    told = [[(o.person, o.said, o.ended) for s in replay.states.values() for o in s.offers] for replay in (one, two)]
    assert told[0] == told[1]
    assert len(told[0]) > 50


def test_people_answer_by_themselves_whoever_asks() -> None:
    """The same offer to the same person at the same time ends the same, under any policy."""
    place = habits.town(4, 60, 45, 2)
    who, gap = next(iter(place.people.values())), place.gaps[0]
    said = [place.answer(who, gap, gap.posted, gap.starts, habits.Diary()) for _ in range(2)]
    assert said[0] == said[1]
