"""A proxy on which no line lasts: cut off, half closed, or held still for a while, as mobile networks do it."""

import asyncio
from collections import Counter
from contextlib import suppress

from tests.faults.proxying import Pipe, Proxy

WAYS = ("reset", "half-close", "stall")


class Wrecker(Proxy):
    """Each connection meets its fate after a time between ``life``; a stall lasts ``stall`` seconds and is survived.
    ``hits``: how many of each kind there were."""

    def __init__(self, port: int, seed: int, *, life: tuple[float, float] = (0.5, 3.0), stall: float = 2.0) -> None:
        super().__init__(port, seed)
        self._life, self._stall = life, stall
        self.hits: Counter[str] = Counter()

    async def fate(self, asks: Pipe, answers: Pipe) -> None:
        while True:
            await asyncio.sleep(self.draw.uniform(*self._life))
            way = self.draw.choice(WAYS)
            self.hits[way] += 1
            if way == "reset":
                return
            if way == "half-close":
                with suppress(OSError):  # it may be gone already
                    answers.writer.write_eof()
                await asyncio.sleep(self._stall / 2)
                return
            for pipe in (asks, answers):
                pipe.open.clear()
            await asyncio.sleep(self._stall)
            for pipe in (asks, answers):
                pipe.open.set()
