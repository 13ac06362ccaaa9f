"""Standing by: few people, where they save most; nobody saves more than there is to lose."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planner.chances.standby import Danger, places


def danger(need: str, risk: float, start: int = 0, weight: float = 1.0) -> Danger:
    return Danger(need, risk, weight, start, start + 120)


def test_one_person_covers_several_shifts_of_a_day() -> None:
    dangers = [danger("a", 0.3), danger("b", 0.3, 200), danger("c", 0.3, 400)]
    fit = {"a": ["one", "two"], "b": ["one"], "c": ["one", "two"]}
    found = places(dangers, fit, {"one": 0.8, "two": 0.9}, most=1)
    assert [(place.person, place.needs) for place in found] == [("one", ("a", "b", "c"))]


def test_at_the_same_time_a_person_helps_once() -> None:
    apart = places([danger("a", 0.5), danger("b", 0.5, 300)], {"a": ["x"], "b": ["x"]}, {"x": 1.0}, most=1)
    together = places([danger("a", 0.5), danger("b", 0.5)], {"a": ["x"], "b": ["x"]}, {"x": 1.0}, most=1)
    assert apart[0].saves == 1.0
    assert together[0].saves == 0.75


def test_whoever_could_be_called_twice_goes_where_it_matters_more() -> None:
    dangers = [danger("early", 0.5, 0, 1), danger("grave", 0.5, 60, 9)]
    found = places(dangers, {"early": ["x"], "grave": ["x"]}, {"x": 1.0}, most=1)
    assert found[0].needs == ("early", "grave")
    assert found[0].saves == 0.5 * 9 + 0.5 * 0.5


def test_a_single_shift_is_no_case_for_standing_by() -> None:
    assert places([danger("a", 0.9)], {"a": ["x"]}, {"x": 1.0}, most=3) == []


def test_what_is_important_goes_first() -> None:
    dangers = [danger("a", 0.2, 0, 9), danger("b", 0.2, 300, 9), danger("c", 0.3, 0), danger("d", 0.3, 300)]
    fit = {"a": ["grave"], "b": ["grave"], "c": ["light"], "d": ["light"]}
    found = places(dangers, fit, {"light": 1.0, "grave": 1.0}, most=2)
    assert [place.person for place in found] == ["grave", "light"]


names = st.sampled_from([f"p{i}" for i in range(4)])
many = st.lists(
    st.builds(lambda r, s, w: (r, s, w), st.floats(0, 1), st.integers(0, 600), st.floats(0.1, 9)),
    min_size=1,
    max_size=6,
)


@given(many, st.lists(st.sets(names), min_size=6, max_size=6), st.integers(0, 4))
@settings(max_examples=300)
def test_nobody_saves_more_than_there_is_to_lose(rows: list, who: list[set[str]], most: int) -> None:
    dangers = [danger(f"n{i}", risk, start, weight) for i, (risk, start, weight) in enumerate(rows)]
    fit = {d.need: sorted(who[i]) for i, d in enumerate(dangers)}
    found = places(dangers, fit, dict.fromkeys([f"p{i}" for i in range(4)], 0.9), most=most)
    assert len(found) <= most
    assert len({place.person for place in found}) == len(found)
    assert sum(place.saves for place in found) <= sum(d.risk * d.weight for d in dangers) + 1e-9
    for place in found:
        assert len(place.needs) >= 2
        assert all(place.person in fit[need] for need in place.needs)
