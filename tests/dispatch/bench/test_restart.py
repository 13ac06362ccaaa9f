"""The bench of a killed server: everybody comes back and has missed nothing; its times are never judged."""

from pathlib import Path
from typing import Final

import pytest

from dispatch.bench import restart, servers
from tests.dispatch.cli.program import citong
from tests.faults.mutilated import program

# The canary: whoever comes back is told all that was missed but the first.
SKIPPING: Final = """
from volunteer.live import window
past = window.past
async def later(topic, seq):
    return (await past(topic, seq))[1:]
window.past = later
"""


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


async def test_p12_canary_whoever_comes_back_and_is_not_current_is_noticed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers.Server, "program", program(SKIPPING, "serve"))
    with pytest.raises(servers.NoAnswerError, match=r"sockets lost \d+ entries"):
        await restart._measured(database_url, tmp_path, 4, 2, 10, 300, 1.0, lambda _: None)
