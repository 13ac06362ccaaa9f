"""Many phones at one moment, over HTTP, on one and on two server processes: the promises of the assignment core.

The short form runs with all other tests; ``make faults`` runs the long one. Each test keeps a ledger of its own: what
its clients were told is compared with what the rows say.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from tortoise import connections

from dispatch import invariants
from dispatch.models import Assignment, Need
from dispatch.roster import assignments
from tests.dispatch import world
from tests.dispatch.world import World
from tests.e2e.house import House, housed
from tests.faults.cutting import Cutter
from tests.faults.mutilated import Mutilated
from tests.faults.phones import Phones
from tests.waiting import eventually
from volunteer.act import system
from volunteer.models import Entry, IdempotencyKey

LONG: Final = os.environ.get("CITONG_FAULTS") == "long"
PHONES: Final = 200 if LONG else 40
ROUNDS: Final = 20 if LONG else 1
ENDING: Final = 1000 if LONG else 40
TAPS: Final = 5000 if LONG else 60
PAIRS: Final = 1000 if LONG else 20

# The canaries: no yes is judged by the clock; and each request is another one to the server, whatever its key.
CLOCKLESS: Final = """
from dispatch.roster import seats
seats.lapsed = lambda line, at: False
"""
FORGETFUL: Final = """
from uuid import uuid4
from volunteer.api import idempotency
idempotency.key = lambda header: uuid4().hex
"""


@pytest_asyncio.fixture(scope="module")
async def tiny(module_db: str) -> World:
    return await world.make()


@pytest_asyncio.fixture(scope="module")
async def houses(module_db: str, run_folder: Path) -> AsyncIterator[list[House]]:
    """Two server processes on one database."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(housed(module_db, run_folder / f"race-{uuid4().hex}.log", pool=10))
            for _ in range(2)
        ]


async def sound() -> None:
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("seats", [1, 2, 7])
async def test_p1_the_last_seats_have_exactly_so_many_winners(
    tiny: World, houses: list[House], processes: int, seats: int
) -> None:
    phones = Phones([house.port for house in houses[:processes]])
    people = await tiny.crowd(PHONES)
    await phones.know(*people)
    for _ in range(ROUNDS):
        need = await tiny.need(seats=seats, mode="race", after=timedelta(hours=3 * random.randrange(100)))
        lines = await tiny.all_offered(need, people)
        async with phones.client() as client:
            taps = [
                phones.post(client, number, person, f"/api/assignments/{line.id}/accept")
                for number, (person, line) in enumerate(zip(people, lines, strict=True))
            ]
            answers = await asyncio.gather(*taps)
        told = Counter(answer.status_code for answer in answers)
        assert told[200] == seats
        assert set(told) <= {200, 409, 410}
        losers = [answer.json() for answer in answers if answer.status_code != 200]
        assert all(answer["reasons"] and "next" in answer for answer in losers)
        rows = {row.id: row.status for row in await Assignment.filter(need_id=need.id)}
        won = {line.id for line, answer in zip(lines, answers, strict=True) if answer.status_code == 200}
        assert {id_ for id_, status in rows.items() if status == "accepted"} == won
        assert (await Need.get(id=need.id)).taken == seats
        for id_ in won:  # so that everybody is free in the next round
            await assignments.release(system(), id_, quiet=True)


async def at_the_end(tiny: World, houses: list[House], count: int) -> list[str]:
    """So many offers that end within the next moments; phones tap around that moment, the servers' own clocks sweep.
    What went wrong, by the rows and the journal."""
    phones = Phones([house.port for house in houses])
    need = await tiny.need(seats=count, after=timedelta(days=30))
    people = await tiny.crowd(count)
    await phones.know(*people)
    pairs = list(zip(people, await tiny.all_offered(need, people), strict=True))
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    await Assignment.filter(need_id=need.id).update(expires_at=ends)

    async def tap(client: httpx2.AsyncClient, number: int) -> int:
        await asyncio.sleep(max(0, (ends - datetime.now(UTC)).total_seconds() + random.uniform(-0.6, 0.4)))
        person, line = pairs[number]
        return (await phones.post(client, number, person, f"/api/assignments/{line.id}/accept")).status_code

    async with phones.client() as client:
        told = await asyncio.gather(*(tap(client, number) for number in range(count)))

    async def swept() -> bool:
        await assignments.expire_due(system())  # so many at once, and the servers' clocks sweep too
        return not await Assignment.filter(need_id=need.id, status="offered").exists()

    await eventually(swept)
    wrong = []
    for (_, line), status in zip(pairs, told, strict=True):
        row = await Assignment.get(id=line.id)
        kinds = await Entry.filter(ref=line.id, topic=f"volunteer:{line.volunteer_id}").values_list("kind", flat=True)
        assert row.answered_at is not None
        if (row.status, status, row.answered_at < ends) not in {("accepted", 200, True), ("expired", 410, False)}:
            wrong.append(f"told {status}, {row.status} {row.answered_at - ends} after the end")
        if kinds != [f"assignment.{row.status}"]:
            wrong.append(f"{row.status}, and the journal says {kinds}")
    if (await Need.get(id=need.id)).taken != told.count(200):
        wrong.append(f"{told.count(200)} were told yes, which is not how many seats are taken")
    return wrong


async def test_p2_no_yes_after_the_end_and_no_end_after_a_yes(tiny: World, houses: list[House]) -> None:
    assert await at_the_end(tiny, houses, ENDING) == []


async def half_of_the_replies_lost(tiny: World, house: House, taps: int) -> list[str]:
    """So many taps. Half of all replies are lost after the server has done its work; each phone asks again with the
    same key. What went wrong, by what the phones were told and by the rows."""
    async with Cutter(house.port, 0.5, seed=3).opened() as cutter:
        phones = Phones([cutter.port])
        need = await tiny.need(seats=taps, after=timedelta(days=40))
        people = await tiny.crowd(taps)
        await phones.know(*people)
        pairs = list(zip(people, await tiny.all_offered(need, people), strict=True))
        replayed = Counter[bool]()

        async def tap(number: int) -> int:
            person, line = pairs[number]
            key = uuid4().hex
            for _ in range(20):
                async with phones.client() as client:
                    try:
                        answer = await phones.post(client, 0, person, f"/api/assignments/{line.id}/accept", key)
                    except httpx2.TransportError:
                        continue
                replayed[answer.headers.get("idempotent-replayed") == "true"] += 1
                return answer.status_code
            return 0

        free = asyncio.Semaphore(8)

        async def one(number: int) -> int:
            async with free:
                return await tap(number)

        told = await asyncio.gather(*map(one, range(taps)))
    assert set(told) == {200}
    assert cutter.cuts > taps // 4
    wrong = [] if replayed[True] else ["nobody was answered from what was kept"]
    for _, line in pairs:
        entries = await Entry.filter(ref=line.id, topic=f"volunteer:{line.volunteer_id}").count()
        keys = await IdempotencyKey.filter(scope__endswith=f"/{line.id}/accept").count()
        if (entries, keys) != (1, 1):
            wrong.append(f"{entries} entries and {keys} keys for one yes")
    if (taken := (await Need.get(id=need.id)).taken) != taps:
        wrong.append(f"{taken} seats taken by {taps} people")
    return wrong


async def test_p3_a_lost_reply_and_a_retry_are_one_deed(tiny: World, houses: list[House]) -> None:
    assert await half_of_the_replies_lost(tiny, houses[0], TAPS) == []


async def test_p3_canary_a_server_that_mistakes_the_key_takes_a_retry_for_another_deed(
    tiny: World, module_db: str, run_folder: Path
) -> None:
    log = run_folder / f"forgetful-{uuid4().hex}.log"
    async with housed(module_db, log, Mutilated, without=FORGETFUL, pool=10) as house:
        wrong = await half_of_the_replies_lost(tiny, house, 60)
    assert "1 entries and 2 keys for one yes" in wrong


async def two_phones_say_yes(tiny: World, phones: Phones, number: int, *, apart: bool) -> list[httpx2.Response]:
    """One person, one phone on each server, two shifts: at the same time, or ``apart`` by touching ends."""
    person = await tiny.person()
    await phones.know(person)
    begins = timedelta(days=50 + number % 20)
    one = await tiny.need(after=begins)
    two = await tiny.need(after=begins + timedelta(hours=2 if apart else 1))
    lines = [await tiny.offered(need, person) for need in (one, two)]
    async with phones.client() as client:
        return await asyncio.gather(
            *(phones.post(client, n, person, f"/api/assignments/{line.id}/accept") for n, line in enumerate(lines))
        )


async def test_p5_one_person_never_in_two_places(tiny: World, houses: list[House]) -> None:
    """Two phones of one person say yes to two shifts at the same time, on two server processes; touching ends do."""
    phones = Phones([house.port for house in houses])
    for number in range(PAIRS):
        apart = number % 4 == 0
        answers = await two_phones_say_yes(tiny, phones, number, apart=apart)
        told = [answer.status_code for answer in answers]
        assert told.count(200) == (2 if apart else 1), [answer.text[:200] for answer in answers]
        assert set(told) <= {200, 409, 410}
    await sound()


# What these leave behind is broken: they come last.


async def test_p2_canary_a_server_that_trusts_its_sweep_says_yes_after_the_end(
    tiny: World, module_db: str, run_folder: Path
) -> None:
    log = run_folder / f"clockless-{uuid4().hex}.log"
    async with housed(module_db, log, Mutilated, without=CLOCKLESS, pool=10) as house:
        wrong = await at_the_end(tiny, [house], 40)
    assert any(line.startswith("told 200, accepted 0:") for line in wrong), wrong


class Unguarded(House):
    program = "tests.faults.unguarded"


async def test_p5_rests_on_the_constraint_when_no_code_guards_it(tiny: World, module_db: str, run_folder: Path) -> None:
    """Two servers that hold nobody's row: the constraint lets one phone win. Canary: without it both do."""
    db = connections.get("default")
    async with AsyncExitStack() as stack:
        ports = []
        for _ in range(2):
            log = run_folder / f"unguarded-{uuid4().hex}.log"
            ports.append((await stack.enter_async_context(housed(module_db, log, Unguarded, pool=10))).port)
        phones = Phones(ports)
        for number in range(PAIRS):
            told = [answer.status_code for answer in await two_phones_say_yes(tiny, phones, number, apart=False)]
            assert sorted(told) == [200, 409]
        assert await overlapping() == 0
        await db.execute_script("ALTER TABLE assignment DROP CONSTRAINT nobody_twice_at_once")
        for number in range(PAIRS * 10):
            await two_phones_say_yes(tiny, phones, number, apart=False)
            if await overlapping():
                break
        assert await overlapping() > 0, "the canary lives: something else than the constraint keeps P-5"


async def overlapping() -> int:
    return sum(found.count for found in await invariants.findings() if found.invariant.name == "I7")
