"""When everybody comes back at once: who is one too many at the door of the live line is told to come later."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from tests.volunteer.api.conftest import Person, Signed
from tests.volunteer.api.wire import Served, knock, serving
from tests.waiting import eventually
from volunteer import people
from volunteer.act import now
from volunteer.api import lines
from volunteer.api.lines import Limits
from volunteer.settings import Settings


async def test_p12_switched_off_it_says_come_back_later(db: str, settings: Settings, person: Person) -> None:
    who = await person(coordinator="350503")
    async with serving(db, settings.model_copy(update={"live": False})) as served:
        with pytest.raises(InvalidStatus) as refused:
            await knock(served.port, who).__aenter__()
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "10"


async def third_at_the_door(served: Served, who: Signed) -> int:
    """What one more is told while all permits are taken and two wait already; 0 when they wait as well. The database
    answers everybody else meanwhile, and all are let in when there are permits again."""
    async with AsyncExitStack() as permits:
        for _ in range(served.hub.admission._value):
            await permits.enter_async_context(served.hub.admission)
        waiting = [asyncio.create_task(knock(served.port, who).__aenter__()) for _ in range(2)]
        await eventually(lambda: served.lines._knocking == 2)
        third = asyncio.create_task(knock(served.port, who).__aenter__())
        await eventually(lambda: third.done() or served.lines._knocking == 3)
        assert await people.actor(who.token, now()) is not None
        await permits.aclose()
        for line in await asyncio.gather(*waiting):
            await line.close()
    try:
        await (await third).close()
    except InvalidStatus as refused:
        return refused.response.status_code
    return 0


async def test_p12_a_crowd_at_the_door_is_told_to_come_back_and_taps_go_first(
    db: str, settings: Settings, person: Person
) -> None:
    async with serving(db, settings, limits=Limits(knocks=2)) as served:
        assert await third_at_the_door(served, await person()) == 503


async def test_p12_canary_a_door_that_counts_nobody_lets_the_crowd_wait(
    db: str, settings: Settings, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines.Lines, "full", False)
    async with serving(db, settings, limits=Limits(knocks=2)) as served:
        assert await third_at_the_door(served, await person()) == 0
