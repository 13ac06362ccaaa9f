"""The phones of the benches, against a server that keeps no unused connection."""

import asyncio
from uuid import uuid4

from dispatch.bench import phones
from dispatch.bench.offers import Tap
from tests.waiting import PATIENCE

UNUSED_SECONDS = 0.1


async def test_a_phone_that_waited_long_for_its_tap_is_answered() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(UNUSED_SECONDS):
                await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except TimeoutError:
            pass
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = int(server.sockets[0].getsockname()[1])
        async with asyncio.timeout(PATIENCE), phones.phones(port, [Tap(uuid4(), "secret")]) as (phone,):
            await asyncio.sleep(3 * UNUSED_SECONDS)
            assert (await phone.tap())[:2] == (200, b"{}")
