"""Many clocks and many needs at once: each wave leaves once, and nobody is asked more often than the week allows."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dispatch import settings
from dispatch.models import Call
from dispatch.offers import pace, waves
from dispatch.roster import calls, seats
from tests.dispatch.calling import asked, automatic, crowd, of, policy, sweep, tiny
from tests.dispatch.world import World, itself
from volunteer.journal import Writing

__all__ = ["policy", "tiny"]
pytestmark = pytest.mark.usefixtures("policy")


async def both(times: int = 2) -> None:
    await asyncio.gather(*(sweep() for _ in range(times)))


async def test_two_clocks_send_each_wave_once(tiny: World) -> None:
    await crowd(tiny, 9)
    needs = [await tiny.need(after=timedelta(hours=3 * i)) for i in range(4)]
    for need in needs:
        await waves.call(itself(), need.id)
    await both(3)
    for need in needs:
        assert len(await asked(need)) == 1
        assert (await of(need)).number == 1


async def test_the_due_time_is_what_keeps_clocks_apart(tiny: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: a call that stays due is sent again by the next clock."""
    await crowd(tiny, 9)
    await automatic()
    need = await tiny.need(seats=3, min=1, desired=3, mode="race")
    monkeypatch.setattr(pace, "again", lambda at, flight, seat: at - timedelta(seconds=1))
    monkeypatch.setattr(waves, "size", lambda opening, chances: waves.Wave(1, 0.5, 0.0, met=False))
    await waves.call(itself(), need.id)
    await both(3)
    assert (await of(need)).number > 1


async def budget_of(tiny: World, needs: int) -> int:
    """Calls many needs at once, three people in reach, and tells how often the most asked person was asked."""
    await crowd(tiny, 3)
    for i in range(needs):
        await waves.call(itself(), (await tiny.need(after=timedelta(hours=3 * i))).id)
    due = await Call.filter(state="running")
    await asyncio.gather(*(waves.advance(itself(), call.id) for call in due))
    counted = await calls.contacts(waves.get_connection("default"), [p.id for p in tiny.people], datetime.now(UTC))
    return max(counted.values())


async def test_nobody_is_asked_more_often_than_the_week_allows(tiny: World) -> None:
    assert await budget_of(tiny, 16) == settings.policy().asking.a_week


async def test_without_the_lock_people_are_asked_too_often(tiny: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary of the budget: count without holding the people, and the race is lost."""

    async def unheld(w: Writing, people: object) -> None:
        await asyncio.sleep(0.05)

    monkeypatch.setattr(seats, "hold", unheld)
    assert await budget_of(tiny, 16) > settings.policy().asking.a_week
