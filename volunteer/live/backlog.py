"""What waits to be written to one socket: bounded in frames and in bytes, so that a slow reader costs only itself."""

import asyncio
from collections import deque
from dataclasses import dataclass

FRAMES = 256
BYTES = 256 * 1024
_TEXT = 0x81  # RFC 6455: a text frame, and its last part


@dataclass(frozen=True, slots=True)
class Frame:
    """One text frame, encoded once and shared by all sockets that get it. ``topic``: whose entries it carries;
    ``wire``: its bytes as servers send them, which are the same for everybody."""

    text: str
    size: int
    topic: str | None = None
    wire: bytes = b""

    @classmethod
    def of(cls, text: str, topic: str | None = None) -> "Frame":
        payload = text.encode()
        size = len(payload)
        if size < 126:
            head = bytes((_TEXT, size))
        else:
            head = bytes((_TEXT, 126)) + size.to_bytes(2) if size < 65_536 else bytes((_TEXT, 127)) + size.to_bytes(8)
        return cls(text, size, topic, head + payload)


class Backlog:
    """First in, first out. ``put`` never waits; ``take`` and ``room`` do."""

    def __init__(self, *, frames: int = FRAMES, size: int = BYTES) -> None:
        self._most_frames, self._most_bytes = frames, size
        self._waiting: deque[Frame] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, frame: Frame, *, force: bool = False) -> bool:
        """Queue it; ``False`` when it does not fit (nothing is queued then). ``force`` is for the protocol's own small
        frames, whose number the inbound limit bounds."""
        full = len(self._waiting) >= self._most_frames or self._bytes + frame.size > self._most_bytes
        if full and self._waiting and not force:
            return False
        self._waiting.append(frame)
        self._bytes += frame.size
        self._filled.set()
        self._emptied.clear()
        if not self._roomy():
            self._drained.clear()
        return True

    def drop(self, topic: str) -> None:
        """Forget what waits of one topic."""
        self._waiting = deque(frame for frame in self._waiting if frame.topic != topic)
        self._bytes = sum(frame.size for frame in self._waiting)
        self._eased()

    async def take(self) -> Frame:
        while not self._waiting:
            await self._filled.wait()
        frame = self._waiting.popleft()
        self._bytes -= frame.size
        self._eased()
        return frame

    async def room(self) -> None:
        """Return when a long catch-up may queue its next batch: less than half of the backlog is taken."""
        await self._drained.wait()

    async def empty(self) -> None:
        """Return when nothing waits any more (the last frame may still be on its way)."""
        await self._emptied.wait()

    def _eased(self) -> None:
        if self._roomy():
            self._drained.set()
        if not self._waiting:
            self._emptied.set()
            self._filled.clear()

    def _roomy(self) -> bool:
        return len(self._waiting) * 2 < self._most_frames and self._bytes * 2 < self._most_bytes
