"""The figures that plans are compared by."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.planner import problem as p
from dispatch.planning.assumptions import STRANGER
from dispatch.planning.measures import gini, measure
from tests.dispatch.planner import tiny

TOWN, VILLAGE = "350502001", "350502001201"


def posed() -> p.Problem:
    """Two events (one in a village that waited), one need each; three people of the town and one of another."""
    people = [tiny.person(name, region=TOWN, load=load) for name, load in (("a", 0), ("b", 600), ("c", 0))]
    away = [tiny.person("d", region="350503002"), tiny.person(f"{STRANGER}0-0", region=TOWN, at=tiny.FAR)]
    return tiny.problem(
        people=(*people, *away),
        events=(p.Event("e", mode="tutoring", region=TOWN), p.Event("f", mode="support", region=VILLAGE, waiting=90)),
        shifts=(tiny.shift(), tiny.shift("t", "f", day=1)),
        needs=(p.Need("n", "s", "steward", 1, 2, 3), p.Need("m", "t", "steward", 2, 2, 2)),
    )


def test_seats_are_counted_by_kind_and_place() -> None:
    found = measure(posed(), tiny.plan(("a", "n"), ("b", "n"), ("c", "n"), ("a", "m")), TOWN).dumped()
    assert found["cover"]["all"][""] == {"mandatory": 3, "filled": 2, "wished": 1, "more": 1}
    assert found["cover"]["mode"]["support"] == {"mandatory": 2, "filled": 1, "wished": 0, "more": 0}
    assert set(found["cover"]["county"]) == {"350502"}
    assert found["cover"]["town"][TOWN]["mandatory"] == 3


def test_work_is_shared_among_people_who_exist() -> None:
    found = measure(posed(), tiny.plan(("a", "n"), ("d", "n"), (f"{STRANGER}0-0", "m")), TOWN)
    assert (found.share.people, found.share.serving, found.share.idle) == (4, 2, 2)
    assert found.share.minutes == 240
    assert found.share.most == 600
    assert sum(found.share.buckets) == 4
    assert found.share.buckets[0] == 1  # c, who has never served
    assert (found.strangers, found.strange_lines) == (1, 1)


def test_ways_are_from_home_to_the_venue() -> None:
    found = measure(posed(), tiny.plan(("a", "n"), (f"{STRANGER}0-0", "m")), TOWN).ways
    assert found.lines == 2
    assert found.longest == found.metres > 50_000
    assert found.buckets == (1, 0, 0, 0, 1)


def test_a_place_that_waited_long_is_reached_by_anybody() -> None:
    assert measure(posed(), tiny.plan(("a", "m")), TOWN).reach == replace(
        measure(posed(), tiny.plan(), TOWN).reach, served=1
    )
    assert measure(posed(), tiny.plan(("a", "n")), TOWN).reach.served == 0


def test_gini_of_known_shares() -> None:
    assert gini([]) == gini([0, 0]) == gini([5, 5, 5]) == 0
    assert gini([0, 0, 0, 12]) == 750
    assert gini([1, 3]) == 250


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30), st.integers(1, 50))
def test_gini_lies_between_and_knows_no_unit(values: list[int], times: int) -> None:
    assert 0 <= gini(values) < 1000
    assert gini(values) == gini([times * value for value in values]) == gini(values[::-1])
