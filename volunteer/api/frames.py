"""The frames of the live line, version 1, as values and as text. Pure.

Unknown kinds and unknown fields are ignored, so that either side may learn new ones first. Everything else that does
not fit is a :class:`Bad` with the code that the socket closes with: up to 4499 "come back", from 4500 on "do not".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

VERSION = 1
MOST_TOPICS = 50
LONGEST_TOPIC = 60
BATCH_BYTES = 48 * 1024
_MOST = 2**53 - 1


class Code(IntEnum):
    """Close codes of our own."""

    RESTART = 1012
    LATE_HELLO = 4408
    NO_PONG = 4409
    SLOW = 4410
    TOO_MANY = 4429
    SESSION_ENDED = 4501
    PROTOCOL = 4504
    UPGRADE = 4526


class Bad(Exception):
    """A frame that ends the line."""

    def __init__(self, code: Code, why: str):
        self.code = code
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Hello:
    """``since``: topic → the last number that the client has, all of ``epoch``."""

    epoch: str
    since: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sub:
    """``epoch``: of the view that ``seq`` comes from, where the client says so."""

    topic: str
    seq: int
    request: int
    epoch: str | None


@dataclass(frozen=True, slots=True)
class Unsub:
    topic: str
    request: int


@dataclass(frozen=True, slots=True)
class Pong:
    pass


Inbound = Hello | Sub | Unsub | Pong


def read(text: str) -> Inbound | None:
    """What a client says; ``None`` for a kind that this release does not know. Raises :class:`Bad`."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Bad(Code.PROTOCOL, "a frame is one JSON object") from error
    if not isinstance(raw, dict):
        raise Bad(Code.PROTOCOL, "a frame is one JSON object")
    match raw.get("k"):
        case "hello":
            return _hello(raw)
        case "sub":
            epoch = None if raw.get("epoch") is None else _text(raw, "epoch", 64)
            return Sub(_text(raw, "t", LONGEST_TOPIC), _whole(raw.get("s"), "s"), _whole(raw.get("r", 0), "r"), epoch)
        case "unsub":
            return Unsub(_text(raw, "t", LONGEST_TOPIC), _whole(raw.get("r", 0), "r"))
        case "pong":
            return Pong()
        case str():
            return None
    raise Bad(Code.PROTOCOL, "k must name the kind of the frame")


def _hello(raw: Mapping[str, Any]) -> Hello:
    if _whole(raw.get("v"), "v") != VERSION:
        raise Bad(Code.UPGRADE, f"this server speaks version {VERSION}")
    since = raw.get("since", {})
    if not isinstance(since, dict):
        raise Bad(Code.PROTOCOL, "since must be an object")
    epoch = "" if since.get("epoch") is None else _text(since, "epoch", 64)
    topics = {topic: _whole(seq, "since") for topic, seq in since.items() if topic != "epoch"}
    if len(topics) > MOST_TOPICS:
        raise Bad(Code.TOO_MANY, f"at most {MOST_TOPICS} topics on one line")
    if any(len(topic) > LONGEST_TOPIC for topic in topics):
        raise Bad(Code.PROTOCOL, f"a topic has at most {LONGEST_TOPIC} characters")
    return Hello(epoch, topics)


def _text(raw: Mapping[str, Any], name: str, most: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise Bad(Code.PROTOCOL, f"{name} must be a text of at most {most} characters")
    return value


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Bad(Code.PROTOCOL, f"{name} must be a whole number from 0 to 2^53 - 1")
    return value


# ---- what the server says ----


def hello(epoch: str, connection: str, ping: int, now: str) -> str:
    return _written({"k": "hello", "v": VERSION, "epoch": epoch, "conn": connection, "ping": ping, "now": now})


def batches(topic: str, items: Iterable[str]) -> Iterable[str]:
    """Entries that are JSON texts already, in as few ``evs`` frames as their size allows."""
    part: list[str] = []
    size = 0
    for item in items:
        length = len(item.encode())
        if part and size + length > BATCH_BYTES:
            yield _batch(topic, part)
            part, size = [], 0
        part.append(item)
        size += length + 1
    if part:
        yield _batch(topic, part)


def _batch(topic: str, items: list[str]) -> str:
    return f'{{"k":"evs","t":"{topic}","a":[{",".join(items)}]}}'


def live(topic: str, seq: int) -> str:
    return _written({"k": "live", "t": topic, "s": seq})


def reset(topic: str, why: str, head: int | None = None) -> str:
    """``head``: where the topic stands, for who has no view to read and goes on from there."""
    where = {} if head is None else {"s": head}
    return _written({"k": "reset", "t": topic, "why": why} | where)


def here(topic: str) -> str:
    """Who looks at the topic has changed, or what they do there: ask again, if it is shown."""
    return _written({"k": "here", "t": topic})


def ping(heads: Mapping[str, int]) -> str:
    return _written({"k": "ping", "h": heads})


def ok(request: int) -> str:
    return _written({"k": "ok", "r": request})


def err(request: int, code: int) -> str:
    return _written({"k": "err", "r": request, "code": code})


def health(parts: Iterable[str]) -> str:
    """What does not work just now, by name; nothing: all does again."""
    return _written({"k": "health", "ill": list(parts)})


def bye(spread: int) -> str:
    """Come back after a random time below ``spread`` milliseconds."""
    return _written({"k": "bye", "code": int(Code.RESTART), "spread": spread})


def _written(frame: Mapping[str, Any]) -> str:
    return json.dumps(frame, separators=(",", ":"))
