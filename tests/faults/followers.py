"""Who follows the live line in these tests: the real client, with a ledger of its own, and people to follow as."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from tests.dispatch.world import World
from tests.volunteer.api.wire import say
from volunteer import journal, people, signin
from volunteer.act import system
from volunteer.client import Client, Down, Entry, Fresh, LineError
from volunteer.models import Entry as Row
from volunteer.models import Volunteer

COUNTY, TOWN = "region:350502", "region:350502001"
A_PERSON = 4  # lines that one person may hold, one less than the limit


@dataclass
class Follower:
    """``ledger``: topic, number and ``n`` of each entry, in the order of its coming. ``ended``: why it gave up."""

    client: Client
    base: dict[str, int]
    ledger: list[tuple[str, int, int]] = field(default_factory=list)
    fresh: list[Fresh] = field(default_factory=list)
    downs: int = 0
    ended: LineError | None = None

    async def run(self) -> None:
        try:
            async with aclosing(self.client.told()) as line:
                async for told in line:
                    match told:
                        case Entry():
                            self.ledger.append((told.topic, told.seq, told.data.get("n", -1)))
                        case Fresh():
                            self.fresh.append(told)
                        case Down():
                            self.downs += 1
        except LineError as error:
            self.ended = error

    def seq(self, topic: str) -> int:
        return self.client.course.positions[topic] or 0

    def has(self, heads: dict[str, int]) -> bool:
        return all(self.seq(topic) >= head for topic, head in heads.items())


async def truth(base: dict[str, int]) -> dict[str, list[tuple[str, int, int]]]:
    """What every follower from ``base`` must have been told, topic by topic."""
    found = {}
    for topic, seq in base.items():
        rows = await Row.filter(topic=topic, seq__gt=seq).order_by("seq")
        found[topic] = [(topic, row.seq, row.body.get("n", -1)) for row in rows]
    return found


async def coordinator(tiny: World, region: str = "350502") -> tuple[Volunteer, str]:
    """A person who may follow the region's topics, and their token."""
    person = await tiny.person(email=f"boss{len(tiny.people)}@citong.test")
    await people.grant(system(), person.id, "coordinator", region=region)
    return person, await signin.token(system(), person.email or "")


async def followers(tiny: World, homes: list[str], count: int, made: type[Client] = Client) -> list[Follower]:
    """So many, from now on, on these servers in turn."""
    base = await journal.heads([COUNTY, TOWN])
    found: list[Follower] = []
    for number in range(count):
        if number % A_PERSON == 0:
            _, token = await coordinator(tiny)
        found.append(Follower(made(homes[number % len(homes)], token, dict(base)), dict(base)))
    return found


def running(following: list[Follower]) -> list["asyncio.Task[None]"]:
    return [asyncio.create_task(follower.run()) for follower in following]


@asynccontextmanager
async def flow(pause: float = 0.01) -> AsyncIterator[None]:
    """Entries in both topics all the while, one each ``pause`` seconds."""

    async def write() -> None:
        for n in itertools.count():
            await say([COUNTY, TOWN], n=n)
            await asyncio.sleep(pause)

    writing = asyncio.create_task(write())
    try:
        yield
    finally:
        await stop([writing])


async def stop(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
