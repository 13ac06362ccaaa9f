"""What the week of a wish says is what the planner would say of each of its slots, asked one by one."""

import math
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planner.chances.counts import together
from dispatch.planner.chances.odds import Ask, Odds
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import Asked, eligible
from dispatch.planner.problem import Asks, Busy, Event, Hold, Need, Person, Problem, Shift, Venue
from dispatch.planner.reasons.slots import ASKED_LEAST, Slot, Wish, looked_up
from dispatch.planner.tables import tabulate
from tests.dispatch.planner import tiny
from tests.dispatch.planner.tiny import FAR, HERE, MONDAY, NEAR, at, person, problem

SLOTS = tuple(Slot(at(day, hour), MONDAY + day, hour * 60) for day, hour in product(range(4), range(7, 22)))


def wish(need: Need | None = None, *, place: Any = HERE, minutes: int = 120, **more: Any) -> Wish:
    event = Event("e", mode=more.pop("mode", "support"), unit=more.pop("unit", "-"))
    return Wish(need or Need("n", "s", "steward"), event, Venue("v", place), minutes, **more)


def warm(*people: Person) -> Asked:
    return Asked(tabulate(open_desk(problem(people=people))))


def one_by_one(made: Problem, wanted: Wish) -> list[int]:
    """Each slot as a shift of its own, judged by the planner's own statement."""
    shifts = tuple(
        Shift(f"s{i}", "e", "v", slot.start, slot.start + wanted.minutes, slot.day, wanted.call, wanted.out)
        for i, slot in enumerate(SLOTS)
    )
    needs = tuple(replace(wanted.need, id=f"n{i}", shift=f"s{i}") for i in range(len(SLOTS)))
    posed = replace(
        made, venues=(wanted.venue,), events=(wanted.event,), shifts=shifts, needs=needs, roster=(), teams=(), pairs=()
    )
    found = eligible(tabulate(open_desk(posed)))
    return np.bincount(found.need, minlength=len(SLOTS)).tolist()


NEEDS = (
    Need("n", "s", "steward"),
    Need("n", "s", "singer", asks=(Asks("nanyin", 2),), languages=("zh",)),
    Need("n", "s", "tutor", near_minors=True, age_min=18, age_max=60, demands=("stairs",)),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tiny.problems(),
    st.sampled_from(NEEDS),
    st.sampled_from((HERE, NEAR, FAR, None)),
    st.sampled_from(((60, 0, 0), (90, 30, 15), (240, 0, 60))),
)
def test_the_week_agrees_with_every_slot_asked_alone(
    made: Problem, need: Need, place: Any, times: tuple[int, int, int]
):
    """Ends of skills and papers are tried apart: the week looks at whole days there."""
    people = tuple(
        replace(
            who,
            holds=tuple(replace(hold, until=None) for hold in who.holds),
            checked_until=None if who.checked_until is None else at(20, 0),
            guardian_until=None if who.guardian_until is None else at(20, 0),
            declined=(),
            blocked=tuple(name for name in who.blocked if name == "unit"),
        )
        for who in made.people
    )
    made = replace(made, people=people, roster=(), teams=(), needs=(), shifts=(), events=(), venues=(), pairs=())
    wanted = wish(need, place=place, minutes=times[0], call=times[1], out=times[2], unit="unit")
    found = looked_up(Asked(tabulate(open_desk(made))), wanted, SLOTS, at(0, 0))
    assert found.eligible.tolist() == one_by_one(made, wanted)
    assert found.fit + sum(found.refused.values()) == found.pool == len(people)


def test_what_ends_must_last_until_the_days_last_slot_is_over():
    people = (person(holds=(Hold("nanyin", 3, at(1, 12)),)),)
    need = Need("n", "s", "singer", asks=(Asks("nanyin", 1),))
    found = looked_up(warm(*people), wish(need), SLOTS, at(0, 0))
    assert found.eligible.reshape(4, -1).sum(axis=1).tolist() == [15, 0, 0, 0]
    assert (found.fit, found.refused) == (1, {})


def test_a_promise_elsewhere_forbids_the_way_there_and_the_night_after():
    busy = Busy(at(1, 12), at(1, 14), MONDAY + 1, 120, FAR)
    found = looked_up(warm(person(busy=(busy,), speed=60.0, rest=720)), wish(), SLOTS, at(0, 0))
    free = [
        slot.minute // 60 for slot, count in zip(SLOTS, found.eligible, strict=True) if count and slot.day == MONDAY + 1
    ]
    assert free == [7, 8, 16, 17, 18, 19, 20, 21]
    yesterday = [s.minute // 60 for s, n in zip(SLOTS, found.eligible, strict=True) if n and s.day == MONDAY]
    assert yesterday == list(range(7, 22))


def test_seven_days_are_not_filled_beyond_the_rolling_limit():
    """Tuesday's four hours bind the whole week before and after; three more pass the limit."""
    busy = Busy(at(1, 8), at(1, 12), MONDAY + 1, 240, HERE)
    tired = person(busy=(busy,), max_rolling=400, rest=0, max_day=1440)
    later = tuple(Slot(at(day, 15), MONDAY + day, 900) for day in range(1, 10))
    found = looked_up(warm(tired), wish(minutes=180), later, at(0, 0))
    assert found.eligible.tolist() == [0] * 7 + [1, 1]
    assert looked_up(warm(tired), wish(minutes=160), later, at(0, 0)).eligible.tolist() == [1] * 9


def test_the_chance_is_that_of_enough_yeses_among_those_asked():
    odds = Odds(math.log(0.25 / 0.75))
    need = Need("n", "s", "steward", 2, 2, 2)
    found = looked_up(warm(person("a"), person("b"), person("c")), wish(need), SLOTS[:1], at(0, 0), odds)
    assert found.eligible.tolist() == [3]
    assert found.chance[0] == pytest.approx(3 * 0.25**2 * 0.75 + 0.25**3)
    alone = looked_up(warm(person()), wish(need), SLOTS[:1], at(0, 0), odds)
    assert alone.chance[0] == 0
    crowd = looked_up(warm(*(person(f"p{i}") for i in range(60))), wish(), SLOTS[:1], at(0, 0), odds)
    assert crowd.chance[0] == pytest.approx(1 - 0.75**ASKED_LEAST)


def test_the_chance_follows_the_fitted_model():
    """Person, distance, hour and lead time count as in ``Odds.chance``."""
    near = Ask("near", "support", 600, 0, 540, 0.0, "-")
    factors = {("slot", "workday morning"): (-1.0, 9), ("km", "2 km"): (0.5, 9), ("lead", "1 d"): (0.2, 9)}
    odds = Odds(-0.3, factors, {"near": (0.7, 3)}, {("near", "support"): (-0.4, 2)})
    found = looked_up(warm(person("near")), wish(), [Slot(at(0, 9), MONDAY, 540)], at(0, 9) - 600, odds)
    assert found.chance[0] == pytest.approx(odds.chance(near))


def test_people_who_see_the_same_rain_say_no_together():
    odds = Odds(0.4, shock=1.2)
    found = looked_up(warm(person("a"), person("b"), person("c")), wish(), SLOTS[:1], at(0, 0), odds)
    assert found.chance[0] == pytest.approx(together([1 / (1 + math.exp(-0.4))] * 3, 1, 1.2))
    assert found.chance[0] < looked_up(warm(*map(person, "abc")), wish(), SLOTS[:1], at(0, 0), Odds(0.4)).chance[0]


def test_no_slots_and_nobody_are_answers():
    assert len(looked_up(warm(person()), wish(), (), 0).slots) == 0
    empty = looked_up(warm(), wish(), SLOTS, 0)
    assert (empty.pool, empty.eligible.max(), empty.chance.max()) == (0, 0, 0)
