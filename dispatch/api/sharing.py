"""Views that many ask for at once, as all boards do after a restart: read once for everybody who asked meanwhile.

Whoever asks is given a view whose reading began after that: nobody sees less than when reading for themselves. While
one reading is under way all who come wait for the next, so that there are never two of one view.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.requests import Request

V = TypeVar("V")


@dataclass
class _Reading(Generic[V]):
    """``began``: when the reading of ``view`` did; ``asking``: how many want it or the next one."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    view: V | None = None
    began: float = float("-inf")
    asking: int = 0


class Shared(Generic[V]):
    def __init__(self) -> None:
        self._readings: dict[Hashable, _Reading[V]] = {}

    async def get(self, key: Hashable, read: Callable[[], Awaitable[V]]) -> V:
        """The view of this key. The key says all that it depends on besides the rows."""
        asked = time.monotonic()
        reading = self._readings.setdefault(key, _Reading())
        reading.asking += 1
        try:
            async with reading.lock:
                if reading.view is not None and reading.began > asked:
                    return reading.view
                began = time.monotonic()
                view = await read()
                reading.view, reading.began = view, began
                return view
        finally:
            reading.asking -= 1
            if not reading.asking:
                self._readings.pop(key, None)


def shared(request: Request, name: str) -> Shared[Any]:
    """The application's readings of that name."""
    state = request.app.state
    if not hasattr(state, f"shared_{name}"):
        setattr(state, f"shared_{name}", Shared())
    made: Shared[Any] = getattr(state, f"shared_{name}")
    return made
