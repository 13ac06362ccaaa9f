"""A client of the live line for programs: it follows topics for ever and tells each entry once, in order.

Through cuts and restarts it comes back by itself, with full jitter, and goes on where it stood. Where the server cannot
go on from there it says so (:class:`Fresh`) and follows from where the topic stands. Nothing is ever written this way.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

VERSION: Final = 1
FIRST_SECONDS, MOST_SECONDS = 1.0, 30.0
STABLE_SECONDS = 60.0  # a line that stood so long was a good one: the next failure counts as the first
SILENCE_SECONDS = 60.0  # the server speaks every half minute: a line this quiet is dead
CROWDED_SECONDS = 60.0
OPEN_SECONDS = 20.0

_BEYOND: Final = 2**53 - 1  # no topic is there yet: the server answers with where it stands
_TOO_MANY, _SESSION_ENDED, _FOR_GOOD = 4429, 4501, range(4500, 5000)
_PASSING = (429, 500, 502, 503, 504)  # a server, or a proxy before it, that will be back


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the journal. ``at``: RFC 3339 in UTC; ``id``: of the thing; ``data``: ids, statuses and counts."""

    topic: str
    seq: int
    at: str
    kind: str
    id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fresh:
    """Numbers do not go on from where this client stood; it follows from ``seq``. ``why``: epoch, old or ahead."""

    topic: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Up:
    """The line stands."""


@dataclass(frozen=True, slots=True)
class Down:
    """The line is down and comes back after so many seconds; nothing is lost by that."""

    code: int
    seconds: float


Told = Entry | Fresh | Up | Down


class LineError(Exception):
    """Coming back is of no use until somebody mends something; the text says what."""


class NoServerError(LineError):
    """Nothing of ours answers at this address."""


class NotSignedInError(LineError):
    """The server does not know this token, or no longer."""


class NoTopicError(LineError):
    """There is no such topic, or it is not this person's to follow."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"there is no topic {topic} that you may follow")


@dataclass
class Course:
    """Where the client stands, and what follows from each frame: what is told and what is answered. No sockets here.

    ``positions``: topic → the last entry told; none = from now on. ``out``: frames to be sent."""

    positions: dict[str, int | None]
    epoch: str = ""
    spread: float | None = None
    out: list[str] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)
    _request: int = 0

    def greet(self) -> None:
        """The first frame of a line: go on with what is known of this epoch."""
        self.out.clear()
        self._asked.clear()
        self.spread = None
        known = {topic: seq for topic, seq in self.positions.items() if seq is not None} if self.epoch else {}
        self._asked = dict.fromkeys(known, 0)
        self._say({"k": "hello", "v": VERSION, "build": "python", "since": {"epoch": self.epoch, **known}})

    def hear(self, frame: Mapping[str, Any]) -> Iterator[Told]:
        """What this frame tells. Raises :class:`NoTopicError`."""
        match frame["k"]:
            case "hello":
                self._greeted(frame["epoch"])
            case "ev":
                yield from self._step(frame["t"], frame)
            case "evs":
                for item in frame["a"]:
                    yield from self._step(frame["t"], item)
            case "live":
                self._caught_up(frame["t"], frame["s"])
            case "reset":
                yield from self._reset(frame["t"], frame["why"], frame.get("s", 0))
            case "ping":
                self._say({"k": "pong"})
                for topic, head in frame["h"].items():
                    self._missing(topic, head)
            case "err":
                raise NoTopicError(next((t for t, request in self._asked.items() if request == frame["r"]), "?"))
            case "bye":
                self.spread = frame["spread"] / 1000

    def _greeted(self, epoch: str) -> None:
        self.epoch = epoch
        for topic in self.positions:
            if topic not in self._asked:
                self._ask(topic)

    def _step(self, topic: str, item: Mapping[str, Any]) -> Iterator[Told]:
        known, seq = self.positions.get(topic), item["s"]
        if known is None or seq <= known:
            return
        if seq > known + 1:
            self._missing(topic, seq)
            return
        self.positions[topic] = seq
        yield Entry(topic, seq, item["at"], item["e"], item["id"], item["d"])

    def _caught_up(self, topic: str, head: int) -> None:
        self._asked.pop(topic, None)
        if self.positions[topic] is None:
            self.positions[topic] = head
        self._missing(topic, head)

    def _reset(self, topic: str, why: str, head: int) -> Iterator[Told]:
        if why == "rights":
            raise NoTopicError(topic)
        known = self.positions[topic]
        if why != "slow" or known is None:  # after "slow" the log still has everything: nothing is lost
            self.positions[topic] = head
            if known is not None:
                yield Fresh(topic, head, why)
        self._ask(topic)

    def _missing(self, topic: str, head: int) -> None:
        known = self.positions.get(topic)
        if known is not None and known < head and topic not in self._asked:
            self._ask(topic)

    def _ask(self, topic: str) -> None:
        self._request += 1
        self._asked[topic] = self._request
        seq = self.positions[topic]
        self._say({"k": "sub", "t": topic, "s": _BEYOND if seq is None else seq, "r": self._request})

    def _say(self, frame: Mapping[str, Any]) -> None:
        self.out.append(json.dumps(frame, separators=(",", ":")))


class Client:
    """``server``: the address of its pages; ``since``: topic → the last number that is known, none = from now on."""

    def __init__(
        self, server: str, token: str, since: Mapping[str, int | None], *, draw: Callable[[], float] = random.random
    ) -> None:
        parts = urlsplit(server)
        scheme = {"http": "ws", "https": "wss"}.get(parts.scheme)
        if scheme is None or not parts.netloc:
            raise NoServerError(f"{server} is no address of a server; want https://host")
        self.server = server
        self._url = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/live"
        self._token, self._draw = token, draw
        self.course = Course(dict(since))
        self._failures = 0
        self._stood = False

    async def told(self) -> AsyncGenerator[Told, None]:
        """Everything, for ever. Raises :class:`LineError` when coming back is of no use."""
        clock = asyncio.get_running_loop().time
        while True:
            began, code, least = clock(), 1006, 0.0
            try:
                async with self._door() as socket:
                    self._stood = True
                    yield Up()
                    async for told in self._read(socket):
                        yield told
            except ConnectionClosed as end:
                code = end.rcvd.code if end.rcvd else 1006
            except InvalidStatus as refused:
                least = self._refused(refused)
            except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
                if not self._stood:
                    raise NoServerError(f"nothing answers at {self.server} ({type(error).__name__})") from error
            wait = self._after(code, least, stable=clock() - began > STABLE_SECONDS)
            yield Down(code, wait)
            await asyncio.sleep(wait)

    def _door(self) -> connect:
        return connect(
            self._url, additional_headers={"Authorization": f"Bearer {self._token}"}, compression=None, proxy=None,
            ping_interval=None, open_timeout=OPEN_SECONDS, close_timeout=1, max_size=2**20,
        )  # fmt: skip

    async def _read(self, socket: ClientConnection) -> AsyncGenerator[Told, None]:
        self.course.greet()
        while True:
            for frame in self.course.out:
                await socket.send(frame)
            self.course.out.clear()
            async with asyncio.timeout(SILENCE_SECONDS):
                text = await socket.recv()
            for told in self.course.hear(json.loads(text)):
                yield told

    def _refused(self, refused: InvalidStatus) -> float:
        """The least wait that a denied handshake asks for."""
        status = refused.response.status_code
        if status not in _PASSING:  # ours never denies a token here: it closes with a code that says why
            raise NoServerError(f"what answers at {self.server} knows no live line ({status})") from refused
        asked = refused.response.headers.get("Retry-After", "")
        return float(asked) if asked.isdecimal() else 0.0

    def _after(self, code: int, least: float = 0.0, *, stable: bool) -> float:
        """How long to stay away after this end: full jitter, so that a city does not come back in one wave. Whoever is
        told to stay away at least so long comes back within as long again: all were told at the same moment."""
        if code == _SESSION_ENDED:
            raise NotSignedInError("the server does not know this token, or its time is over")
        if code in _FOR_GOOD:
            raise LineError(f"the server ended the line for good (code {code}); this program may be too old for it")
        if stable:
            self._failures = 0
        if self.course.spread is not None:
            return self._draw() * self.course.spread
        most = min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(self._failures, 10))
        self._failures += 1
        least = max(least, CROWDED_SECONDS if code == _TOO_MANY else 0.0)
        return least + self._draw() * max(least, most)
