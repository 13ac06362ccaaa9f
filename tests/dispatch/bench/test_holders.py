"""The light sockets of the benches read what servers write, however it is cut into parts."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.bench.holders import Field, Holder

TOPIC = "region:350502"


class Wire:
    """What a holder writes, and that it lives."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def abort(self) -> None:
        self.aborted = True


def framed(frame: dict[str, Any]) -> bytes:
    payload = json.dumps(frame, separators=(",", ":")).encode()
    size = len(payload)
    head = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    return b"\x81" + head + payload


def holder() -> tuple[Holder, Wire]:
    field = Field()
    field.topic, field.seq, field.over = TOPIC, 3, True
    made, wire = Holder(field, "secret"), Wire()
    made._transport = wire  # type: ignore[assignment]
    return made, wire


def entry(seq: int, kind: str = "assignment.accepted") -> dict[str, Any]:
    return {
        "k": "ev",
        "t": TOPIC,
        "s": seq,
        "at": "2026-01-01T00:00:00Z",
        "e": kind,
        "id": f"i{seq}",
        "d": {"x": "好" * 99},
    }


@given(st.lists(st.integers(1, 400), max_size=30))
def test_parts_of_any_size_say_the_same(sizes: list[int]) -> None:
    made, wire = holder()
    said = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + framed({"k": "hello", "epoch": "e"})
    said += framed({"k": "evs", "t": TOPIC, "a": [{"s": 4}, {"s": 5}]}) + framed({"k": "live", "t": TOPIC, "s": 5})
    said += framed(entry(6)) + framed(entry(7, "thing.done")) + framed({"k": "ping", "h": {}}) + framed(entry(9))
    for size in sizes:
        made.data_received(said[:size])
        said = said[size:]
    made.data_received(said)
    assert (made.seq, made.live, made.gaps, made.refused) == (9, True, 1, 0)
    assert {key: len(at) for key, at in made.field.heard.items()} == {b"i6": 1, b"i9": 1}
    assert wire.sent.count(b'{"k":"pong"}') == 1
    assert not wire.aborted


def test_a_server_that_is_full_is_counted_and_heeded() -> None:
    made, wire = holder()
    made.data_received(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n\r\n")
    assert (made.refused, made._least, wire.aborted) == (1, 10.0, True)
    assert 10.0 <= made._wait() <= 20.0
    assert made._wait() <= 2.0
    waits = set()
    for _ in range(5):
        made._least = 10.0
        waits.add(made._wait())
    assert len(waits) == 5  # not all of them at the same moment
