"""The two ends of a push: phones that speak HTTP to one server, and a board on the socket of another.

All times are of one clock, this program's ``time.perf_counter``.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from websockets.asyncio.client import ClientConnection, connect

from dispatch.bench.offers import Tap
from dispatch.bench.servers import PATIENCE_SECONDS, NoAnswerError

# ---- phones ----


@dataclass(frozen=True, slots=True)
class Said:
    """When a yes was sent off, and when its answer was there."""

    assignment: UUID
    tapped: float
    answered: float


class Phone:
    """One connection that says yes to one offer; opened for the tap, as a server closes one that stays unused."""

    def __init__(self, port: int, tap: Tap) -> None:
        self._port, self._tap = port, tap
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection, opened if it is not yet."""
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self._port)
        return self._line

    async def accept(self) -> Said:
        """Raises :class:`NoAnswerError` for anything but 200."""
        status, body, said = await self.tap()
        if status != 200:
            raise NoAnswerError(f"an accept was answered with {status}: {body[:200].decode('utf-8', 'replace')}")
        return said

    async def tap(self) -> tuple[int, bytes, Said]:
        """Say yes; whatever the answer is. Raises :class:`NoAnswerError` when there is none."""
        head = (
            f"POST /api/assignments/{self._tap.assignment}/accept HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._tap.token}\r\nIdempotency-Key: {uuid4().hex}\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
        reader, writer = await self.open()
        tapped = time.perf_counter()
        writer.write(head.encode("ascii"))
        try:
            status, body = await _answer(reader)
        except asyncio.IncompleteReadError:
            raise NoAnswerError("the server closed a line before its answer") from None
        return status, body, Said(self._tap.assignment, tapped, time.perf_counter())

    async def close(self) -> None:
        if self._line is not None:
            self._line[1].close()
            with suppress(ConnectionError):  # the server was first
                await self._line[1].wait_closed()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(head[0].split(" ")[1]), body


@asynccontextmanager
async def phones(port: int, taps: list[Tap]) -> AsyncIterator[list[Phone]]:
    """A phone for each tap."""
    held = [Phone(port, tap) for tap in taps]
    try:
        yield held
    finally:
        for phone in held:
            await phone.close()


# ---- the board ----


@dataclass
class Board:
    """A socket that follows one topic. ``arrived``: when the accept of each assignment came in; ``gaps``, ``again``,
    ``resets``: numbers passed over, numbers told twice, calls to start over; by the board's own count."""

    topic: str
    arrived: dict[UUID, float] = field(default_factory=dict)
    gaps: int = 0
    again: int = 0
    resets: int = 0
    live: asyncio.Event = field(default_factory=asyncio.Event)
    _last: int | None = None
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, line: ClientConnection) -> None:
        async for text in line:
            at = time.perf_counter()
            frame: dict[str, Any] = json.loads(text)
            match frame["k"]:
                case "ev":
                    self._note(frame, at)
                case "evs":
                    for item in frame["a"]:
                        self._note(item, at)
                case "live":
                    self._last = int(frame["s"])
                    self.live.set()
                case "ping":
                    await line.send('{"k":"pong"}')
                case "reset":
                    self.resets += 1

    def _note(self, item: dict[str, Any], at: float) -> None:
        number = int(item["s"])
        if self._last is not None:
            self.gaps += max(0, number - self._last - 1)
            self.again += number <= self._last
        self._last = number
        if item["e"] == "assignment.accepted":
            self.arrived.setdefault(UUID(item["id"]), at)
            self._moved.set()

    async def heard(self, said: list[Said]) -> None:
        """Return when the board knows of all these; raises :class:`NoAnswerError` when it never does."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not all(one.assignment in self.arrived for one in said):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            lost = sum(one.assignment not in self.arrived for one in said)
            raise NoAnswerError(f"the board never heard of {lost} of {len(said)} accepts") from None


@asynccontextmanager
async def board(port: int, token: str, topic: str) -> AsyncIterator[Board]:
    """A board that has caught up with its topic and stands on the line."""
    made = Board(topic)
    async with connect(
        f"ws://127.0.0.1:{port}/live", additional_headers={"Authorization": f"Bearer {token}"}, compression=None,
        proxy=None, ping_interval=None,
    ) as line:  # fmt: skip
        await line.send(json.dumps({"k": "hello", "v": 1, "build": "bench", "since": {"epoch": ""}}))
        epoch = json.loads(await line.recv())["epoch"]
        await line.send(json.dumps({"k": "sub", "t": topic, "s": 0, "r": 1, "epoch": epoch}))
        listening = asyncio.create_task(made.listen(line))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await made.live.wait()
            yield made
        finally:
            listening.cancel()
