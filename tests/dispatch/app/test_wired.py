"""What is put on the wire arrives as frames; a line that does not take it, or is not open, keeps nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dispatch.app.wired import Wired
from tests.waiting import PATIENCE, eventually
from volunteer.api.line import EAR, WIRE
from volunteer.live import Frame

Put = Callable[[bytes], bool]


@asynccontextmanager
async def served() -> AsyncIterator[tuple[int, list[Put], asyncio.Event]]:
    """A server whose sockets stay open until told; its port, and the way to write to each."""
    puts: list[Put] = []
    over = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        put = scope["extensions"][WIRE]
        assert not put(Frame.of("early").wire), "it is not open yet"
        await receive()
        await send({"type": "websocket.accept"})
        puts.append(put)
        await over.wait()
        await send({"type": "websocket.close"})
        assert not put(Frame.of("late").wire)

    async with serving(app) as port:
        try:
            yield port, puts, over
        finally:
            over.set()


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws=Wired, ws_per_message_deflate=False, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve([listening]))
    await eventually(lambda: server.started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def test_what_is_put_together_arrives_one_by_one_and_nothing_after_the_end() -> None:
    said = ["好" * 20, "x" * 200, ""]
    async with served() as (port, puts, over), connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None) as line:
        await eventually(lambda: bool(puts))
        assert puts[0](b"".join(Frame.of(text).wire for text in said))
        async with asyncio.timeout(PATIENCE):
            assert [await line.recv() for _ in said] == said
        over.set()
        await line.wait_closed()
        assert not puts[0](Frame.of("late").wire)


async def test_who_does_not_read_is_not_written_to_until_they_do() -> None:
    frame = Frame.of("x" * 60_000)
    async with served() as (port, puts, _), connect(
        f"ws://127.0.0.1:{port}/", compression=None, proxy=None, max_queue=1
    ) as line:  # fmt: skip
        await eventually(lambda: bool(puts))
        line.transport.pause_reading()
        taken = 0
        while puts[0](frame.wire):
            taken += 1
            await asyncio.sleep(0)
        line.transport.resume_reading()
        async with asyncio.timeout(PATIENCE):
            for _ in range(taken):
                assert await line.recv() == frame.text
        assert puts[0](frame.wire)


async def test_what_the_ear_takes_does_not_reach_the_application() -> None:
    texts: list[str] = []
    heard: list[bytes] = []

    def ear(said: bytes) -> bool:
        heard.append(said)
        return said == b"taken"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"][EAR](ear)
        await receive()
        await send({"type": "websocket.accept"})
        while len(texts) < 3:
            texts.append((await receive())["text"])
        await send({"type": "websocket.close"})

    async with serving(app) as port, connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None) as line:
        for said in ("taken", "好", "taken", iter(("tak", "en")), "taken", "last"):
            await line.send(said)
        await line.wait_closed()
    assert texts == ["好", "taken", "last"]  # what comes in parts is not shown to it
    assert heard == [b"taken", "好".encode(), b"taken", b"taken", b"last"]


async def test_who_is_sent_away_at_the_door_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"full"})

    async with serving(app) as port:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None).__aenter__()
    assert (refused.value.response.status_code, refused.value.response.body) == (503, b"full")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
