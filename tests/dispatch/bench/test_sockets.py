"""The bench of idle sockets on a real server: what it counts is what happened; its times are never judged."""

from tests.dispatch.cli.program import citong


def test_p11_every_entry_reached_every_socket() -> None:
    words = ("--sockets", "12", "--taps", "4", "--rate", "10", "--hold", "1", "--json")
    done = citong("bench", "sockets", *words)
    assert done.code == 0, done.err
    found = done.data
    assert found["asked"] == {"sockets": 12, "taps": 4, "rate": 10.0, "opening": 300, "hold": 1.0}
    assert found["open"]["open"] == 12
    assert (found["one"]["entry"]["count"], found["all"]["entry"]["count"]) == (4, 48)
    assert found["one"]["answer"]["count"] == found["all"]["answer"]["count"] == 4
    assert found["event"]["entry"]["count"] == 12
    assert found["event"]["answer"]["count"] == 5
    for phase in ("one", "event", "all"):
        for span in ("answer", "entry"):
            assert 0 < found[phase][span]["p50"] <= found[phase][span]["p99"] <= found[phase][span]["max"]
    assert set(found["ratios"]) == {"answer", "entry"}
    assert found["idle_core"] >= 0
    assert set(found["us_each"]) == {"server_seconds", "holders_seconds"}
