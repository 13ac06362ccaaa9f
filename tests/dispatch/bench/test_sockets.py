"""The bench of idle sockets on a real server: what it counts is what happened; its times are never judged."""

from pathlib import Path
from typing import Final

import pytest

from dispatch.bench import servers, sockets
from tests.dispatch.cli.program import citong
from tests.faults.mutilated import program

# The canary: the second entry that the fourth line should be told is passed over.
FORGETTING: Final = """
from volunteer.api.line import Line
def tell_all(self, following, told):
    for _, frame in told.each:
        self.entries = getattr(self, "entries", 0) + 1
        if (self.number, self.entries) != (3, 2):
            self.tell(following, frame)
Line.tell_all = tell_all
"""


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


async def test_p11_canary_one_entry_that_one_socket_is_not_told_is_missed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers.Server, "program", program(FORGETTING, "serve"))
    with pytest.raises(servers.NoAnswerError, match="sockets lost 1 entries"):
        await sockets._measured(database_url, tmp_path, 6, 5, 20, 300, 0.1, lambda _: None)
