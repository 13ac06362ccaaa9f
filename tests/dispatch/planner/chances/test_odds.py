"""The odds of a yes: bounded, the same whatever the order of the rows, kind to newcomers, and near the truth."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planner.chances import odds
from dispatch.planner.chances.odds import Answer, Ask, Odds, fit

MODES = ("tutoring", "training", "performance", "support")

asks = st.builds(
    Ask,
    person=st.sampled_from([f"p{i}" for i in range(6)]),
    mode=st.sampled_from(MODES),
    lead=st.floats(0, 30_000),
    weekday=st.integers(0, 6),
    minute=st.integers(0, 1439),
    km=st.none() | st.floats(0, 90),
    place=st.sampled_from(["350502", "350503"]),
    lately=st.integers(0, 9),
)
answers = st.builds(Answer, asks, st.sampled_from(["yes", "no", "silent", "open"]), st.floats(0, 1))


@given(st.lists(answers, max_size=60), asks, st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_chances_are_chances(rows: list[Answer], ask: Ask, waited: float) -> None:
    found = fit(rows)
    assert 0 < found.chance(ask) < 1
    assert 0 <= found.still(ask, waited) <= found.chance(ask) + 1e-9 or waited > 0
    assert found.still(ask, 0) == pytest.approx(found.chance(ask))
    assert found.still(ask, 1) == pytest.approx(0)


@given(st.lists(answers, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_rows_is_nothing(rows: list[Answer], draw: random.Random) -> None:
    mixed = list(rows)
    draw.shuffle(mixed)
    assert fit(mixed) == fit(rows)


def ask(person: str = "p", mode: str = "support", **more: object) -> Ask:
    return replace(Ask(person, mode, 2000, 2, 1140, 3.0, "350502", 0), **more)  # type: ignore[arg-type]


def crowd(chance: float, people: int, each: int, seed: int = 1) -> list[Answer]:
    draw = random.Random(seed)
    return [
        Answer(ask(f"c{i}"), "yes" if draw.random() < chance else "no", draw.random())
        for i in range(people)
        for _ in range(each)
    ]


def test_nothing_known_is_the_prior() -> None:
    assert fit([]).chance(ask()) == pytest.approx(0.6)


def test_a_newcomer_has_the_odds_of_the_circumstances() -> None:
    """Neither above nor below the crowd, and not below a person who has said no."""
    found = fit([*crowd(0.7, 60, 6), Answer(ask("shy"), "no", 0.3), Answer(ask("shy"), "silent", 1.0)])
    newcomer = found.chance(ask("new"))
    assert newcomer == pytest.approx(0.7, abs=0.05)
    assert newcomer > found.chance(ask("shy")) > newcomer - 0.25


def test_a_person_and_their_kinds_come_through() -> None:
    rows = crowd(0.5, 60, 6)
    rows += [Answer(ask("keen"), "yes", 0.2) for _ in range(12)]
    rows += [Answer(ask("actor", "performance"), "yes", 0.2) for _ in range(12)]
    rows += [Answer(ask("actor"), "no", 0.2) for _ in range(12)]
    found = fit(rows)
    assert found.chance(ask("keen")) > 0.65
    assert found.chance(ask("actor", "performance")) > found.chance(ask("actor")) + 0.2


def test_circumstances_come_through() -> None:
    draw = random.Random(3)
    rows = []
    for i in range(2000):
        far = draw.random() < 0.5
        said = "yes" if draw.random() < (0.3 if far else 0.8) else "silent"
        rows.append(Answer(ask(f"c{i % 500}", km=30.0 if far else 1.0), said, 1.0 if said == "silent" else 0.1))
    found = fit(rows)
    assert found.chance(ask("new", km=30.0)) == pytest.approx(0.3, abs=0.05)
    assert found.chance(ask("new", km=1.0)) == pytest.approx(0.8, abs=0.05)
    assert found.why(ask("new", km=30.0))[0].factor == "km"


def test_silence_tells() -> None:
    """Where yeses come early, an offer that has waited long is hardly one any more."""
    rows = [Answer(ask(f"c{i}"), "yes" if i % 2 else "silent", 0.05 if i % 2 else 1.0) for i in range(400)]
    found = fit(rows)
    assert found.chance(ask()) == pytest.approx(0.5, abs=0.05)
    assert found.still(ask(), 0.5) < 0.1


def test_what_we_ended_ourselves_is_no_answer() -> None:
    """Offers taken back count as what they would have become: neither a yes nor a no."""
    rows = crowd(0.5, 100, 4)
    ended = [Answer(ask(f"e{i}"), "open", 0.2) for i in range(400)]
    assert fit([*rows, *ended]).chance(ask()) == pytest.approx(fit(rows).chance(ask()), abs=0.06)
    # The canary: taken as silence they would drag the odds down.
    as_silence = [replace(row, said="silent", waited=1.0) for row in ended]
    assert fit([*rows, *as_silence]).chance(ask()) < 0.35


def test_why_names_each_factor_once() -> None:
    found = fit(crowd(0.4, 50, 4))
    reasons = found.why(ask("c1"))
    assert {r.factor for r in reasons} == {*odds.FACTORS, "person", "kind"}
    total = found.base + sum(odds.math.log(r.times) for r in reasons)
    assert found.chance(ask("c1")) == pytest.approx(1 / (1 + odds.math.exp(-total)))


def test_odds_can_be_kept() -> None:
    assert Odds(0.4).chance(ask()) == pytest.approx(1 / (1 + odds.math.exp(-0.4)))


def test_rain_is_seen_in_what_is_said_together() -> None:
    """Everybody asked for one need says the same: the shock is large; where they answer by themselves there is none."""
    draw = random.Random(9)
    alone = [Answer(ask(f"c{i}"), "yes" if draw.random() < 0.5 else "no", 0.2, f"n{i // 5}") for i in range(600)]
    same = [Answer(ask(f"c{i}"), "yes" if i // 5 % 2 else "no", 0.2, f"n{i // 5}") for i in range(600)]
    assert fit(same).shock > 1
    assert fit(alone).shock < 0.5


def test_old_answers_fade() -> None:
    rows = [Answer(ask(f"c{i}"), "no", 0.2, age=600.0) for i in range(300)]
    rows += [Answer(ask(f"d{i}"), "yes", 0.2, age=1.0) for i in range(100)]
    assert fit(rows).chance(ask("new")) > 0.75
