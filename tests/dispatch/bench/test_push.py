"""The push bench on two real servers: what it counts is what happened; its times are never judged."""

import json

import pytest

from dispatch.bench import push
from tests.dispatch.cli.program import citong


def test_nearest_rank_of_known_times() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert push.spread(reversed(seconds)) == {"p50": 50.0, "p99": 99.0, "max": 100.0, "count": 100}
    assert push.spread([0.0305]) == {"p50": 30.5, "p99": 30.5, "max": 30.5, "count": 1}


def test_ratios_are_of_like_to_like() -> None:
    one = {"entry": {"p50": 12.0, "p99": 60.0}, "lag": {"p50": 3.0, "p99": 6.0}}
    found = {"bare": {"round_trip": {"p50": 1.5, "p99": 6.0}}, "single": one, "crowd": one}
    assert push.ratios(found)["single"] == {"entry": {"p50": 8.0, "p99": 10.0}, "lag": {"p50": 2.0, "p99": 1.0}}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, dict[str, float]]]:
    done = citong("bench", "push", "--single", "9", "--accepts", "20", "--at-once", "5", "--entries", "30", "--json")
    assert done.code == 0, done.err
    figures: dict[str, dict[str, dict[str, float]]] = json.loads(done.out)
    return figures


def test_every_accept_reached_the_board_once(found: dict[str, dict[str, float]]) -> None:
    assert found["ledger"] == {"heard": 59, "gaps": 0, "again": 0, "resets": 0}
    assert found["asked"] == {"single": 9, "crowd": 20, "at_once": 5, "entries": 30, "rate": 300, "taps": 0}


def test_every_figure_is_of_all_accepts_of_its_phase(found: dict[str, dict[str, dict[str, float]]]) -> None:
    for phase, count in (("single", 9), ("crowd", 20)):
        for span in ("answer", "entry", "lag"):
            one = found[phase][span]
            assert one["count"] == count
            assert one["p50"] <= one["p99"] <= one["max"]
        assert found[phase]["answer"]["p50"] > 0
        assert found[phase]["entry"]["p50"] > 0
    for span in ("lag", "entry"):
        assert found["steady"][span]["count"] == 30
    assert found["bare"]["round_trip"]["count"] == 9
    assert found["bare"]["round_trip"]["p50"] > 0
    assert set(found["ratios"]) == {"single", "crowd"}


def test_a_crowd_that_is_too_small_is_refused_by_name() -> None:
    done = citong("bench", "push", "--accepts", "0")
    assert done.code == 2
    assert "--accepts" in done.err
