"""A TCP proxy on which no line lasts: cut off, half closed, or held still for a while, as mobile networks do it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

WAYS = ("reset", "half-close", "stall")


class Wrecker:
    """Leads to ``port``. Each connection meets its fate after a time between ``life``, drawn from ``seed``; a stall
    lasts ``stall`` seconds and is survived. ``hits``: how many of each kind there were."""

    def __init__(self, port: int, seed: int, *, life: tuple[float, float] = (0.5, 3.0), stall: float = 2.0) -> None:
        self._port, self._draw, self._life, self._stall = port, random.Random(seed), life, stall
        self.port = 0
        self.hits: Counter[str] = Counter()
        self._open: set[asyncio.Task[None]] = set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._through(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:  # the server is down: so is the line
            writer.transport.abort()
            return
        moving = asyncio.Event()
        moving.set()
        pipes = [
            asyncio.create_task(self._pipe(reader, back, moving)),
            asyncio.create_task(self._pipe(there, writer, moving)),
        ]
        fate = asyncio.create_task(self._fate(writer, moving))
        try:
            await asyncio.wait({*pipes, fate}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*pipes, fate):
                task.cancel()
            await asyncio.gather(*pipes, fate, return_exceptions=True)
            writer.transport.abort()
            back.transport.abort()

    async def _fate(self, writer: asyncio.StreamWriter, moving: asyncio.Event) -> None:
        while True:
            await asyncio.sleep(self._draw.uniform(*self._life))
            way = self._draw.choice(WAYS)
            self.hits[way] += 1
            if way == "reset":
                return
            if way == "half-close":
                with suppress(OSError):  # it may be gone already
                    writer.write_eof()
                await asyncio.sleep(self._stall / 2)
                return
            moving.clear()
            await asyncio.sleep(self._stall)
            moving.set()

    @staticmethod
    async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, moving: asyncio.Event) -> None:
        while part := await reader.read(65536):
            await moving.wait()
            writer.write(part)
            await writer.drain()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Wrecker"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in set(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
