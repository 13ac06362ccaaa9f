"""A proxy that loses replies: the server has done what it was asked, and nobody hears of it."""

import asyncio

from tests.faults.proxying import Pipe, Proxy


class Cutter(Proxy):
    """``share`` of the connections are cut when the server begins to answer; ``cuts``: how many were."""

    def __init__(self, port: int, share: float, seed: int) -> None:
        super().__init__(port, seed)
        self._share = share
        self.cuts = 0

    async def fate(self, asks: Pipe, answers: Pipe) -> None:
        if self.draw.random() < self._share:
            answers.open.clear()
            await answers.came.wait()
            self.cuts += 1
        else:
            await asyncio.Event().wait()
