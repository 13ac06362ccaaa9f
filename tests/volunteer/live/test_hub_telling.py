"""Telling a crowd: everybody else has their turn meanwhile, and what happens meanwhile is told together."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.volunteer.api.wire import say
from tests.volunteer.live.test_hub import ONE, TWO, Ledger
from tests.waiting import PATIENCE, eventually
from volunteer.live import Frame, Heard, Hub, Told, hub


@pytest_asyncio.fixture
async def here(db: str) -> AsyncIterator[Hub]:
    async with Hub(db).opened() as here:
        yield here


class Crowd:
    """Followers who are told all at once, and what each call told, in the order of the calls."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def hear(self, heard: Heard, frame: Frame) -> None:
        raise AssertionError("who can hear all is not told one after the other")

    def hear_all(self, told: Told) -> None:
        assert told.wire == b"".join(frame.wire for _, frame in told.each)
        self.told.append((told.first, told.last))
        self.meanwhile()

    def stir(self) -> None: ...

    def start_over(self) -> None: ...


async def test_others_have_their_turn_while_many_are_told(here: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "SLICE", 10)
    turns, when = 0, []
    crowd = [Crowd() for _ in range(100)]
    for one in crowd:
        one.meanwhile = lambda: when.append(turns)
        await here.join({ONE: one})
    await say([ONE], n=1)
    async with asyncio.timeout(PATIENCE):
        while len(when) < 100:
            turns += 1
            assert here.told(ONE) == 0 < here.position(ONE) or not when
            await asyncio.sleep(0)
    assert len(set(when)) >= 10
    await eventually(lambda: here.told(ONE) == 1)


async def test_after_a_long_telling_it_rests_and_then_tells_all_at_once(
    here: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else waits for that: another topic is told meanwhile."""
    late = 0.0
    monkeypatch.setattr(hub, "REST_MOST", 3600.0)
    monkeypatch.setattr(Hub, "_now", staticmethod(lambda: asyncio.get_running_loop().time() + late))
    crowd, other = Crowd(), Ledger()

    def dawdle() -> None:
        nonlocal late
        late += 3600.0

    crowd.meanwhile = dawdle
    await here.join({ONE: crowd, TWO: other})
    await say([ONE], n=1)
    await eventually(lambda: crowd.told == [(1, 1)])
    for n in range(3):
        await say([ONE, TWO], n=n)
    await eventually(lambda: other.seqs == [1, 2, 3])
    assert crowd.told == [(1, 1)]
    late += 3600.0
    await say([TWO], n=4)  # it looks again at what it has to tell
    await eventually(lambda: crowd.told == [(1, 1), (2, 4)])


async def test_more_topics_than_one_read_takes_are_told_without_another_look(
    here: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.window, "TOPICS", 3)
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
    await asyncio.sleep(1.2)  # the look that was already on its way
    ledgers = {f"region:35050{n}": Ledger() for n in range(1, 9)}
    await here.join(ledgers)
    await say(list(ledgers), n=1)
    await eventually(lambda: all(ledger.seqs == [1] for ledger in ledgers.values()))
