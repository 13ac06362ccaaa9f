"""A real server with the live line's doors, and clients that keep their own ledger of what they were told."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dispatch.app.wired import Wired
from tests.volunteer.api.conftest import Signed, application
from tests.waiting import PATIENCE, eventually
from volunteer import journal
from volunteer.act import system
from volunteer.api import entries
from volunteer.api import socket as door
from volunteer.api.lines import Limits, Lines
from volunteer.journal import Writing
from volunteer.live import Hub
from volunteer.settings import Settings


@dataclass
class Served:
    port: int
    lines: Lines
    app: Starlette
    server: uvicorn.Server

    @property
    def hub(self) -> Hub:
        return self.lines.hub


@asynccontextmanager
async def serving(url: str, settings: Settings, *, limits: Limits | None = None) -> AsyncIterator[Served]:
    """The line's doors on a free port, in this process."""
    app = application([entries], settings)
    app.routes.append(door.route)
    async with Hub(url).opened() as hub, Lines(hub, limits).opened() as lines:
        app.state.hub, app.state.lines = hub, lines
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, ws=Wired, ws_per_message_deflate=False, ws_max_size=65536, ws_ping_interval=None,
            lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve([listening]))
        await eventually(lambda: server.started)
        try:
            yield Served(listening.getsockname()[1], lines, app, server)
        finally:
            server.should_exit = True
            hub.release()
            await running


def knock(port: int, who: Signed | None = None, **kwargs: Any) -> connect:
    headers = dict(who.headers if who else {}) | kwargs.pop("headers", {})
    return connect(
        f"ws://127.0.0.1:{port}/live", additional_headers=headers, compression=None, proxy=None, open_timeout=PATIENCE,
        ping_interval=None, close_timeout=1, **kwargs,
    )  # fmt: skip


def hello(epoch: str, **since: int) -> str:
    return json.dumps({"k": "hello", "v": 1, "build": "test", "since": {"epoch": epoch} | since})


async def heard(line: ClientConnection) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(PATIENCE):
        frame: dict[str, Any] = json.loads(await line.recv())
    return frame


async def until(line: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """Frames up to the first of this kind, which comes last."""
    frames = [await heard(line)]
    while frames[-1]["k"] != kind:
        frames.append(await heard(line))
    return frames


async def closed(line: ClientConnection) -> int:
    """The code that the server closes with, whatever it says before."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await line.recv()
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 1006


async def say(topics: list[str], kind: str = "thing.done", *, fail: bool = False, **body: Any) -> None:
    """One entry to each topic; ``fail``: rolled back after it was numbered."""

    async def verb(w: Writing) -> None:
        w.entry(kind, topics=topics, body=body)
        if fail:
            raise LookupError

    await journal.writing(system(), verb)


@dataclass
class Reader:
    """A client that resumes where it stands and writes down everything it is told, in the order of its coming."""

    port: int
    who: Signed
    topics: dict[str, int]
    epoch: str = ""
    ledger: list[tuple[str, int, int]] = field(default_factory=list)
    resets: list[tuple[str, str]] = field(default_factory=list)
    live: set[str] = field(default_factory=set)

    async def stay(self, seconds: float | None = None, *, drop: bool = True) -> None:
        """Connect, read for so long (or for ever), and vanish, with a reset of the connection when ``drop``."""
        self.live.clear()
        line = await knock(self.port, self.who).__aenter__()
        try:
            await line.send(hello(self.epoch, **self.topics))
            async with asyncio.timeout(seconds):
                while True:
                    self.note(json.loads(await line.recv()))
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            line.transport.abort() if drop else await line.close()

    def note(self, frame: dict[str, Any]) -> None:
        match frame["k"]:
            case "hello":
                self.epoch = frame["epoch"]
            case "ev":
                self._entry(frame["t"], frame)
            case "evs":
                for item in frame["a"]:
                    self._entry(frame["t"], item)
            case "live":
                self.live.add(frame["t"])
            case "reset":
                self.resets.append((frame["t"], frame["why"]))

    def _entry(self, topic: str, item: dict[str, Any]) -> None:
        """The rule of every client: what it has is dropped, a hole would be an error."""
        if item["s"] <= self.topics[topic]:
            return
        assert item["s"] == self.topics[topic] + 1, f"a hole in {topic} before {item['s']}"
        self.topics[topic] = item["s"]
        self.ledger.append((topic, item["s"], item["d"]["n"]))
