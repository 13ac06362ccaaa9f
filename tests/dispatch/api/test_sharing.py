"""One reading for all who ask meanwhile, and never one that began before they asked."""

import asyncio
from itertools import count

import pytest

from dispatch.api.sharing import Shared
from dispatch.roster import assignments, seen
from tests.dispatch.api.conftest import SignIn
from tests.dispatch.world import World, by
from tests.waiting import PATIENCE


class Reader:
    """``open``: readings wait for it. Each gives its number."""

    def __init__(self) -> None:
        self.reads = count(1)
        self.open = asyncio.Event()

    async def read(self) -> int:
        number = next(self.reads)
        await self.open.wait()
        return number


async def test_who_asks_meanwhile_shares_the_next_reading() -> None:
    shared, reader = Shared[int](), Reader()
    first = asyncio.create_task(shared.get("k", reader.read))
    await asyncio.sleep(0)
    others = [asyncio.create_task(shared.get("k", reader.read)) for _ in range(50)]
    await asyncio.sleep(0.05)
    reader.open.set()
    async with asyncio.timeout(PATIENCE):
        assert [await one for one in (first, *others)] == [1, *[2] * 50]
    assert await shared.get("k", reader.read) == 3
    assert shared._readings == {}


async def test_keys_are_apart() -> None:
    shared, reader = Shared[int](), Reader()
    reader.open.set()
    assert sorted(await asyncio.gather(*(shared.get(key, reader.read) for key in range(4)))) == [1, 2, 3, 4]


async def test_a_reading_that_fails_or_is_left_spoils_none_of_the_others() -> None:
    shared, reader = Shared[int](), Reader()

    async def broken() -> int:
        await reader.open.wait()
        raise LookupError

    first = asyncio.create_task(shared.get("k", broken))
    await asyncio.sleep(0)
    gone, stays = [asyncio.create_task(shared.get("k", reader.read)) for _ in range(2)]
    await asyncio.sleep(0)
    gone.cancel()
    reader.open.set()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LookupError):
            await first
        assert await stays == 1
    assert shared._readings == {}


async def test_boards_that_come_back_at_once_are_read_few_times_and_see_what_was_just_done(
    tiny: World, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    need, person = await tiny.need(seats=2), await tiny.person()
    line = await tiny.offered(need, person)
    boss = await as_(await tiny.person(), role="coordinator", region="350502")
    reads, board = count(), seen.board

    async def counted(*args: object) -> object:
        next(reads)
        return await board(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(seen, "board", counted)
    answers = await asyncio.gather(*(boss.get("/api/board", params={"region": "350502"}) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert next(reads) < 20
    await assignments.accept(by(person), line.id)
    after = (await boss.get("/api/board", params={"region": "350502"})).json()
    assert after["totals"]["filled"] == 1
