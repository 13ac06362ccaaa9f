"""Phones that say yes while things break, the ledger of what they were told, and what the rows say otherwise."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import httpx2

from dispatch import invariants
from dispatch.models import Assignment
from tests.dispatch.world import World
from tests.e2e.house import House
from tests.faults.phones import Phones
from volunteer.models import Entry, IdempotencyKey, Volunteer

PHONES: Final = 6

Offers = Sequence[tuple[Volunteer, Assignment]]


@dataclass
class Ledger:
    """What the phones tried and what they were told at last, by line; how they were put off meanwhile. ``unknown``: cut
    off, and not asked again."""

    tried: set[UUID] = field(default_factory=set)
    told: dict[UUID, int] = field(default_factory=dict)
    unknown: set[UUID] = field(default_factory=set)
    put_off: Counter[str] = field(default_factory=Counter)


async def offers(tiny: World, count: int) -> Offers:
    """So many people, each with an open offer."""
    need = await tiny.need(seats=count, after=timedelta(days=20))
    people = await tiny.crowd(count)
    return list(zip(people, await tiny.all_offered(need, people), strict=True))


class Taps:
    """Phones that say yes to these offers, ``pause`` seconds after each answer. Whoever is put off asks again with the
    same key until told otherwise, ``beside`` it another house in turn; ``patient=False``: every second phone gives up
    when it is cut off (not when nobody is at the door: how long a house takes to start costs no offers). ``more``: who
    makes further offers when these are all tried; without it there is an end."""

    def __init__(
        self,
        house: House,
        made: Offers,
        *,
        pause: float = 0.05,
        patient: bool = True,
        beside: Sequence[House] = (),
        more: Callable[[], Awaitable[Offers]] | None = None,
    ) -> None:
        self._made, self._pause, self._patient = list(made), pause, patient
        self._more, self._making = more, asyncio.Lock()
        self._phones = Phones([one.port for one in (house, *beside)])
        self.ledger = Ledger()
        self._resting = asyncio.Event()

    @property
    def left(self) -> int:
        """Offers that nobody has tried yet. With none left, nothing that breaks from then on is met by a tap."""
        return len(self._made)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Ledger]:
        """They tap until the way out, or until there is nothing left to say yes to. Who is under way then is answered
        first; whoever leaves by an error waits for nobody: the house may be gone for good."""
        await self._phones.know(*{person.id: person for person, _ in self._made}.values())
        async with self._phones.client() as client:
            tasks = [asyncio.create_task(self._taps(client, number)) for number in range(PHONES)]
            try:
                yield self.ledger
                self._resting.set()
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _taps(self, client: httpx2.AsyncClient, number: int) -> None:
        while not self._resting.is_set() and await self._any():
            person, line = self._made.pop()
            self.ledger.tried.add(line.id)
            await self._tap(client, number, person, line.id)
            await asyncio.sleep(self._pause)

    async def _any(self) -> bool:
        async with self._making:
            if not self._made and self._more is not None:
                self._made += await self._more()
                await self._phones.know(*(person for person, _ in self._made))
        return bool(self._made)

    async def _tap(self, client: httpx2.AsyncClient, number: int, person: Volunteer, line: UUID) -> None:
        key, path = uuid4().hex, f"/api/assignments/{line}/accept"
        for again in itertools.count(number):
            try:
                answer = await self._phones.post(client, again, person, path, key)
            except httpx2.TransportError as error:
                if number % 2 and not self._patient and not isinstance(error, httpx2.ConnectError):
                    self.ledger.unknown.add(line)
                    return
            else:
                if answer.status_code != 503:
                    self.ledger.told[line] = answer.status_code
                    return
                assert int(answer.headers["retry-after"]) > 0
                self.ledger.put_off[answer.json()["code"]] += 1
            await asyncio.sleep(0.1)


async def broken(ledger: Ledger) -> list[str]:
    """What the rows say otherwise than the phones were told, and what is half done."""
    wrong = [found.line() for found in await invariants.findings() if not found.holds]
    for id_ in ledger.tried:
        line = await Assignment.get(id=id_)
        entries = await Entry.filter(ref=id_, topic=f"volunteer:{line.volunteer_id}").count()
        keys = await IdempotencyKey.filter(scope__contains=str(id_)).values_list("status", flat=True)
        if ledger.told.get(id_) == 200 and line.status != "accepted":
            wrong.append(f"{id_} was acknowledged and is {line.status}")
        done = line.status == "accepted"
        if (entries, list(keys)) != ((1, [200]) if done else (0, [])):
            wrong.append(f"{id_} is {line.status} with {entries} entries and keys {keys}")
    return wrong
