"""A wave is the smallest that does, and never larger than the cap and the seats allow."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planner.chances.counts import together
from dispatch.planner.chances.wave import Goal, Opening, size

chance = st.floats(0.01, 0.99)


@st.composite
def openings(draw: st.DrawFn) -> tuple[Opening, list[float]]:
    wanted = draw(st.integers(0, 4))
    goals = (Goal(wanted, draw(st.floats(0.05, 0.99))), Goal(wanted + draw(st.integers(0, 2)), draw(st.floats(0, 0.9))))
    room = goals[-1].wanted + draw(st.integers(0, 3))
    reserve = draw(st.booleans())
    flight = tuple(draw(st.lists(chance, max_size=room if reserve else 5)))
    over, shock = draw(st.floats(0, 1)), draw(st.sampled_from([0, 0, 0.5, 1.5]))
    return Opening(goals, room, flight, reserve, over, shock), draw(st.lists(chance, max_size=14))


def met(opening: Opening, asked: list[float]) -> bool:
    chances = [*opening.flight, *asked]
    return all(together(chances, goal.wanted, opening.shock) >= goal.target for goal in opening.goals)


def over(opening: Opening, asked: list[float]) -> float:
    return together([*opening.flight, *asked], opening.room + 1, opening.shock)


@given(openings())
@settings(max_examples=400)
def test_a_wave_is_minimal(given_: tuple[Opening, list[float]]) -> None:
    opening, line = given_
    wave = size(opening, line)
    assert not any(met(opening, line[:fewer]) for fewer in range(wave.offers))
    assert wave.met == met(opening, line[: wave.offers])


@given(openings())
@settings(max_examples=400)
def test_a_wave_that_falls_short_asks_all_it_may(given_: tuple[Opening, list[float]]) -> None:
    opening, line = given_
    wave = size(opening, line)
    if wave.met or wave.offers == len(line):
        return
    one_more = line[: wave.offers + 1]
    if opening.reserve:
        assert len(opening.flight) + len(one_more) > opening.room
    else:
        assert over(opening, one_more) > opening.over


@given(openings())
@settings(max_examples=400)
def test_the_cap_on_too_many_holds(given_: tuple[Opening, list[float]]) -> None:
    opening, line = given_
    wave = size(opening, line)
    if opening.reserve:
        assert wave.over == 0
        assert wave.offers == 0 or len(opening.flight) + wave.offers <= opening.room
    elif wave.offers:
        assert over(opening, line[: wave.offers]) <= opening.over


def test_one_seat_by_race_and_by_reserve() -> None:
    goal = (Goal(1, 0.9),)
    assert size(Opening(goal, 1, (), True, 0.0), [0.5] * 9).offers == 1
    assert size(Opening(goal, 1, (), False, 1.0), [0.5] * 9).offers == 4
    assert size(Opening(goal, 1, (), False, 0.3), [0.5] * 9).offers == 2
    assert size(Opening(goal, 1, (0.5, 0.5, 0.5, 0.5), False, 1.0), [0.5]).offers == 0


def test_odds_never_rank() -> None:
    """Whoever stands first in line is asked, however unlikely their yes: only the length of the wave follows odds."""
    goal = (Goal(1, 0.8),)
    assert size(Opening(goal, 1, (), False, 1.0), [0.05, 0.95]).offers == 2
    assert size(Opening(goal, 1, (), False, 1.0), [0.95, 0.05]).offers == 1
