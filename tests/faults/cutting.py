"""A TCP proxy that loses replies: the server has done what it was asked, and nobody hears of it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cutter:
    """``share`` of the connections are cut when the server begins to answer; ``cuts``: how many were."""

    def __init__(self, port: int, share: float, seed: int) -> None:
        self._port, self._share, self._draw = port, share, random.Random(seed)
        self.port = 0
        self.cuts = 0
        self._open: set[asyncio.Task[None]] = set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._through(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        doomed = self._draw.random() < self._share
        asking = asyncio.create_task(self._pipe(reader, back))
        try:
            await self._answers(there, writer, doomed)
        except ConnectionError:
            pass
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            for end in (writer, back):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()

    @staticmethod
    async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: bool) -> None:
        while part := await reader.read(65536):
            if doomed:
                self.cuts += 1
                writer.transport.abort()
                raise ConnectionResetError
            writer.write(part)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Cutter"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in set(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
