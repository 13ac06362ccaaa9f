"""A board as a program follows it: read once, then moved by the entries of the live line alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx2

from tests.waiting import eventually
from volunteer.client import Client, Down, Entry, Fresh

View = dict[str, Any]


class Board:
    """``bars``: the shifts by id, as the snapshot held them and the entries changed them; ``heard``: kinds, in order;
    ``breaks``: whenever the line could not go on."""

    def __init__(self, view: View) -> None:
        self.bars: dict[str, View] = {bar["id"]: bar for row in view["rows"] for bar in row["shifts"]}
        self.positions: dict[str, int] = dict(view["live"]["topics"])
        self.heard: list[str] = []
        self.breaks: list[object] = []

    def hear(self, entry: Entry) -> None:
        assert entry.seq == self.positions[entry.topic] + 1, "an entry is missing or came twice"
        self.positions[entry.topic] = entry.seq
        self.heard.append(entry.kind)
        if (bar := entry.data.get("bar")) and bar["id"] in self.bars:
            self.bars[bar["id"]] = dict(bar)
        event = entry.data.get("event")
        for known in self.bars.values():
            if event and known["event_id"] == event["id"]:
                known |= {name: event[name] for name in ("state", "phase", "turns_to", "turns_at", "version")}


@asynccontextmanager
async def followed(http: httpx2.AsyncClient, query: dict[str, object]) -> AsyncIterator[Board]:
    """The board of this query, moved by its line until the way out."""
    view = (await http.get("/api/board", params=query)).json()
    board = Board(view)
    token = http.headers["authorization"].removeprefix("Bearer ")
    client = Client(str(http.base_url), token, board.positions)
    client.course.epoch = view["live"]["epoch"]

    async def listen() -> None:
        async with aclosing(client.told()) as line:
            async for told in line:
                if isinstance(told, Entry):
                    board.hear(told)
                elif isinstance(told, Fresh | Down):
                    board.breaks.append(told)

    task = asyncio.create_task(listen())
    try:
        yield board
        assert not task.done(), task
    finally:
        task.cancel()


async def same_as_fresh(http: httpx2.AsyncClient, query: dict[str, object], board: Board) -> None:
    """Snapshot and entries make what a fresh snapshot shows, down to each count and version."""
    fresh = Board((await http.get("/api/board", params=query)).json())
    await eventually(lambda: board.positions == fresh.positions)
    assert board.bars == fresh.bars
    assert board.breaks == []
