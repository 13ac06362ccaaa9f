"""Thousands of sockets in a process of their own, as light as they can be, so that what is measured is the server:
no library of sockets, and what reaches all of them is read once.

Driven by JSON lines on standard input, answered by one line each on standard output (``dispatch.bench.sockets`` and
``restart`` do that). Times are ``time.perf_counter``, which all processes of one machine share.
"""

import asyncio
import json
import random
import re
import resource
import sys
import time
from array import array
from typing import Any, Final, cast

import uvloop

from dispatch.bench.push import spread

PATIENCE_SECONDS: Final = 180
FIRST_SECONDS, MOST_SECONDS = 1.0, 30.0
_ENTRY: Final = re.compile(rb'\{"k":"ev","t":"[^"]*","s":(\d+),"at":"[^"]*","e":"([^"]*)","id":"([^"]*)"')
_LIVE: Final = re.compile(rb'\{"k":"live","t":"([^"]*)","s":(\d+)\}')
_KNOWN: Final = 500  # entries that are remembered as read


class Holder(asyncio.Protocol):
    """One phone's socket: follows its topics, answers pings, comes back with full jitter."""

    def __init__(self, field: "Field", token: str) -> None:
        self.field, self._token = field, token
        self.seq, self.live, self.gaps, self.refused = field.seq, False, 0, 0
        self.current_at = 0.0
        self._failures, self._least = 0, 0.0
        self._spread: float | None = None
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._upgraded = False

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self, "127.0.0.1", self.field.port)
        except OSError:
            self._again()

    # ---- the wire ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        wire = cast("asyncio.Transport", transport)
        self._transport, self._upgraded, self._buffer = wire, False, b""
        wire.write(
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport, self.live = None, False
        if not self.field.over:
            self._again()

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._buffer = self._buffer + data if self._buffer else data
        if not self._upgraded and not self._answered():
            return
        start = 0
        while (end := self._frame(start)) is not None:
            start = self._hear(start, end, at)
        self._buffer = self._buffer[start:]

    def _answered(self) -> bool:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.refused += 1
            asked = re.search(rb"(?i)retry-after: (\d+)", head)
            self._least = float(asked[1]) if asked else 0.0
            self._drop()
            return False
        self._upgraded, self._buffer = True, rest
        since = {"epoch": self.field.epoch, self.field.topic: self.seq}
        self._send(json.dumps({"k": "hello", "v": 1, "build": "bench", "since": since}).encode())
        return True

    def _frame(self, start: int) -> tuple[int, int] | None:
        """Where the payload of the frame at ``start`` lies, once all of it is there. Servers never mask."""
        buffer, begins = self._buffer, start + 2
        if len(buffer) < begins:
            return None
        size = buffer[start + 1] & 0x7F
        if size >= 126:
            begins += 2 if size == 126 else 8
            if len(buffer) < begins:
                return None
            size = int.from_bytes(buffer[start + 2 : begins], "big")
        return (begins, begins + size) if len(buffer) >= begins + size else None

    def _hear(self, start: int, where: tuple[int, int], at: float) -> int:
        """One frame; where the next one begins."""
        payload = self._buffer[where[0] : where[1]]
        kind = self._buffer[start] & 0x0F
        if kind != 1:
            if kind == 8:
                self._drop()
        elif (read := self.field.entry(payload)) is not None:
            if read[0] > self.seq and read[1] is not None:
                read[1].append(at)
            self._step(read[0])
        elif payload.startswith(b'{"k":"ping"'):
            self._send(b'{"k":"pong"}')
        elif _LIVE.match(payload):
            self.live, self._failures, self.current_at = True, 0, at
        elif payload.startswith(b'{"k":"evs"'):
            for item in json.loads(payload)["a"]:
                self._step(item["s"])
        elif payload.startswith(b'{"k":"bye"'):
            self._spread = json.loads(payload)["spread"] / 1000
        return where[1]

    def _step(self, seq: int) -> None:
        self.gaps += max(0, seq - self.seq - 1)
        self.seq = max(seq, self.seq)

    def _send(self, payload: bytes) -> None:
        """Masked with zeros, which leaves it as it is."""
        if self._transport is not None:
            size = len(payload)
            head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
            self._transport.write(head + b"\0\0\0\0" + payload)

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _again(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self._wait(), lambda: self.field.keep(loop.create_task(self.connect())))

    def _wait(self) -> float:
        """Full jitter, as every client of ours has it."""
        most = min(self.field.most, FIRST_SECONDS * 2.0 ** min(self._failures, 10))
        wait = self._least + random.random() * (max(most, self._least) if self._spread is None else self._spread)
        self._failures, self._spread, self._least = self._failures + 1, None, 0.0
        return wait


class Field:
    """All of them, who come back within ``most`` seconds. Each verb answers one line. ``heard``: a yes → when it was
    there, socket by socket."""

    def __init__(self, most: float = MOST_SECONDS) -> None:
        self.most = most
        self.port, self.topic, self.seq, self.epoch, self.over = 0, "", 0, "", False
        self.holders: list[Holder] = []
        self.heard: dict[bytes, array[float]] = {}
        self._read: dict[bytes, tuple[int, array[float] | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def gaps(self) -> int:
        """How many entries were lost on the way, of all sockets together."""
        return sum(holder.gaps for holder in self.holders)

    def keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def entry(self, payload: bytes) -> "tuple[int, array[float] | None] | None":
        """The number of an entry and, for a yes, where its arrivals are kept; ``None`` for another frame. All sockets
        are told the same, which is read once."""
        known = self._read.get(payload)
        if known is None and (found := _ENTRY.match(payload)):
            if len(self._read) >= _KNOWN:
                self._read.clear()
            yes = found[2] == b"assignment.accepted"
            known = int(found[1]), self.heard.setdefault(found[3], array("d")) if yes else None
            self._read[payload] = known
        return known

    async def open(self, said: dict[str, Any]) -> dict[str, Any]:
        """So many more, at a rate; when all are caught up."""
        self.port, self.topic, self.seq, self.epoch = said["port"], said["topic"], said["seq"], said["epoch"]
        began = time.perf_counter()
        made = [Holder(self, token) for token in said["tokens"]]
        self.holders += made
        for number, holder in enumerate(made):
            self.keep(asyncio.create_task(holder.connect()))
            await asyncio.sleep(max(0.0, began + number / said["rate"] - time.perf_counter()))
        await self._until(lambda: all(holder.live for holder in made))
        return {"seconds": round(time.perf_counter() - began, 2), "open": len(self.holders)}

    async def arrived(self, said: dict[str, Any]) -> dict[str, Any]:
        """How long each of these entries took to each of the sockets, from when its tap began. An entry that a socket
        was passed over with never comes: only how many are lost is answered then, at once."""
        tapped = {key.encode(): at for key, at in said["tapped"].items()}

        def there() -> bool:
            return all(len(self.heard.get(key, ())) >= len(self.holders) for key in tapped)

        await self._until(lambda: self.gaps or there())
        if self.gaps:
            return {"gaps": self.gaps}
        return spread(heard - at for key, at in tapped.items() for heard in self.heard[key])

    async def used(self, _: dict[str, Any]) -> dict[str, Any]:
        """What this process took of the processors."""
        return {"seconds": time.process_time()}

    async def current(self, said: dict[str, Any]) -> dict[str, Any]:
        """When everybody is back and has everything up to this number; in seconds from ``since``."""
        await self._until(lambda: all(holder.live and holder.seq >= said["seq"] for holder in self.holders))
        times = sorted(holder.current_at - said["since"] for holder in self.holders)
        return {
            "median_seconds": round(times[len(times) // 2], 2),
            "last_seconds": round(times[-1], 2),
            "refused": sum(holder.refused for holder in self.holders),
            "gaps": self.gaps,
        }

    async def _until(self, true: Any) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not true():  # noqa: ASYNC110 - sockets tell nobody
                await asyncio.sleep(0.05)


async def main(most: float) -> None:
    field = Field(most)
    lines = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        said = json.loads(line)
        answer = await getattr(field, said["do"])(said)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    field.over = True


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each socket is a file
    uvloop.run(main(float(sys.argv[1])))
