"""A TCP proxy in front of a server; what befalls its connections is for each kind to say."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self


class Pipe:
    """One direction of a connection. Nothing leaves it while it is not ``open``; ``came``: something has come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.open, self.came = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def run(self) -> None:
        while part := await self.reader.read(65536):
            self.came.set()
            await self.open.wait()
            self.writer.write(part)
            await self.writer.drain()


class Proxy:
    """Leads from ``port`` (while it is opened) to the server's. A connection ends with either end, or by its fate."""

    def __init__(self, port: int, seed: int) -> None:
        self._server, self.draw = port, random.Random(seed)
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()

    async def fate(self, asks: Pipe, answers: Pipe) -> None:
        """What befalls a connection; it is cut off when this returns."""
        raise NotImplementedError

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._through(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        task.add_done_callback(lambda _: writer.close())  # also when it was cancelled before it began

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._server)
        except OSError:  # the server is down: so is the connection
            writer.transport.abort()
            return
        asks, answers = Pipe(reader, back), Pipe(there, writer)
        fate = asyncio.create_task(self.fate(asks, answers))
        tasks = [asyncio.create_task(asks.run()), asyncio.create_task(answers.run()), fate]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (writer, back):  # before anything is awaited: this may be cancelled here too
                end.transport.abort() if fate.done() else end.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in set(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
