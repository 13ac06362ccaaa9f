"""Several clocks, one doing; clocks that step, sleep or lose the database tick on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest
from tortoise import connections

from dispatch import jobs
from dispatch.jobs import Clock, Sweep
from tests.waiting import eventually
from volunteer.act import Act
from volunteer.models import Tick


async def nothing(act: Act) -> None:
    return None


async def test_p18_of_many_clocks_one_does_each_due_time(db: str) -> None:
    done: list[datetime] = []

    async def do(act: Act) -> None:
        done.append(act.at)

    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(Clock([Sweep("thing", 1, do)]).opened())
        await eventually(lambda: len(done) >= 3)
    ticks = await Tick.filter(job="thing").order_by("due_at")
    assert len(ticks) == len(done)
    assert len({tick.due_at for tick in ticks}) == len(ticks)
    assert [tick.fence for tick in ticks] == list(range(1, len(ticks) + 1))
    assert all(tick.done_at for tick in ticks)


async def test_claims_at_once_have_one_winner(db: str) -> None:
    sweep = Sweep("thing", 3600, nothing)
    for _ in range(5):
        claims = await asyncio.gather(*(jobs.claim(sweep) for _ in range(8)))
        assert sum(claim is not None for claim in claims) <= 1
    assert await Tick.filter(job="thing").count() == 1


async def test_a_running_tick_is_left_alone_and_a_dead_one_is_not(db: str) -> None:
    sweep = Sweep("thing", 1, nothing)
    now = datetime.now(UTC)
    await Tick.create(job="thing", due_at=now - timedelta(seconds=5), fence=7)
    assert await jobs.claim(sweep) is None
    await Tick.filter(job="thing").update(due_at=now - timedelta(seconds=60))
    assert await jobs.claim(sweep) is not None
    assert (await Tick.filter(job="thing").order_by("-due_at").first()).fence == 8


async def test_p28_a_database_clock_that_was_set_back_does_not_stop_the_sweeps(db: str) -> None:
    sweep = Sweep("thing", 5, nothing)
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    await Tick.create(job="thing", due_at=ahead, fence=1, done_at=ahead)
    claimed = await jobs.claim(sweep)
    assert claimed is not None
    assert (await Tick.get(id=claimed[0])).due_at == ahead + timedelta(seconds=5)


async def test_p28_a_jump_ahead_is_said_before_anything_is_done(db: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock([])
    at = datetime.now(UTC)
    assert clock._steady(at)
    assert not clock._steady(at + timedelta(hours=1))
    assert "jumped ahead" in caplog.text
    assert clock._steady(at + timedelta(hours=1, seconds=1))
    assert clock._steady(at - timedelta(hours=1))


@asynccontextmanager
async def stepped(monkeypatch: pytest.MonkeyPatch, seconds: int) -> AsyncIterator[None]:
    """The wall clock as the scheduler reads it, set back."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime.now(tz) - timedelta(seconds=seconds)

    with monkeypatch.context() as patch:
        patch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
        patch.setattr(apscheduler.triggers.interval, "datetime", Shifted)
        yield


@pytest.mark.parametrize("guarded", [True, False])
async def test_m21_a_wall_clock_that_was_set_back_is_noticed(
    db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the watch (the canary) the scheduler sleeps through the difference."""
    monkeypatch.setattr(jobs, "WATCH_SECONDS", 0.5 if guarded else 3600)
    done: list[datetime] = []

    async def do(act: Act) -> None:
        done.append(act.at)

    monkeypatch.setattr(jobs, "now", lambda: apscheduler.schedulers.base.datetime.now(UTC))
    async with Clock([Sweep("thing", 1, do)]).opened() as clock:
        await eventually(lambda: len(done) >= 2)
        async with stepped(monkeypatch, 600):
            await asyncio.sleep(1.5)  # what was already on its way
            before = len(done)
            if guarded:
                await eventually(lambda: len(done) >= before + 3)
                assert clock.alive
            else:
                await asyncio.sleep(4)
                assert len(done) == before


async def test_a_sweep_that_fails_is_said_and_comes_again(
    db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "LEASE_FLOOR", 1)
    tries: list[int] = []

    async def do(act: Act) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError

    async with Clock([Sweep("thing", 1, do)]).opened() as clock:
        await eventually(lambda: len(tries) >= 2)
        assert clock.alive, "once is no news"
    assert "a sweep failed" in caplog.text


@pytest.mark.parametrize("looked_at", [True, False])
async def test_a_sweep_that_fails_again_and_again_is_a_dead_clock_until_it_works(
    db: str, monkeypatch: pytest.MonkeyPatch, looked_at: bool
) -> None:
    """One sweep of two; it ticks all the same. Canary: where failures are not counted the clock seems to be well."""
    monkeypatch.setattr(jobs, "LEASE_FLOOR", 1)
    if not looked_at:
        monkeypatch.setattr(jobs, "FAILURES", 10**6)
    tries: list[int] = []
    broken = True

    async def do(act: Act) -> None:
        tries.append(1)
        if broken:
            raise RuntimeError

    async def well(act: Act) -> None:
        return None

    async with Clock([Sweep("thing", 1, do), Sweep("other", 1, well)]).opened() as clock:
        await eventually(lambda: len(tries) >= 3)
        assert clock.alive is not looked_at
        broken = False
        await eventually(lambda: clock.alive)


async def test_p19_the_clock_goes_on_after_the_database_cut_everybody_off(db: str) -> None:
    done: list[datetime] = []

    async def do(act: Act) -> None:
        done.append(act.at)

    async with Clock([Sweep("thing", 1, do)]).opened():
        await eventually(lambda: len(done) >= 1)
        await connections.get("default").execute_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        before = len(done)
        await eventually(lambda: len(done) >= before + 2)


async def test_old_ticks_are_forgotten(db: str) -> None:
    now = datetime.now(UTC)
    for days in (0, 2):
        await Tick.create(job="thing", due_at=now - timedelta(days=days), fence=1)
    await jobs.forget(Act(jobs.system().actor, now))
    assert await Tick.all().count() == 1
