"""The bench of a killed server: everybody comes back and has missed nothing; its times are never judged."""

from dispatch.bench import restart
from tests.dispatch.cli.program import citong


def test_p12_everybody_is_back_and_current_after_the_kill() -> None:
    done = citong("bench", "restart", "--sockets", "12", "--taps", "4", "--rate", "10", "--jitter", "2", "--json")
    assert done.code == 0, done.err
    found = done.data
    assert found["asked"] == {"sockets": 12, "taps": 4, "rate": 10.0, "opening": 300, "missed": restart.MISSED}
    assert found["jitter_seconds"] == 2
    assert found["open"]["open"] == 12
    for one in (found["alone"], found["all"]):
        assert one["gaps"] == 0
        assert one["answer"]["count"] == 4
        assert one["down_seconds"] > 0
        assert one["median_seconds"] <= one["last_seconds"]
    assert found["before"]["count"] == 4
    assert set(found["ratios"]) == {"p50", "p99"}
