"""What is swept, and when. A sweep does whatever is due by the database's clock; doing it twice changes nothing.

The clock only ticks: every tick of a sweep is one row, unique by job and due time, so of several clocks one does the
work. A clock whose process was asleep finds the row taken. Nothing is ever scheduled for one moment alone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from dispatch import queue
from dispatch.agenda import phases
from dispatch.notices import reminders, unreached, watches
from dispatch.offers import waves
from dispatch.planning import carrying, farming, plans
from dispatch.queue import Handler
from dispatch.roster import assignments, presence, seeking
from dispatch.swaps import deals
from volunteer import beats, journal, notices, signin
from volunteer.act import Act, now, system
from volunteer.api import idempotency
from volunteer.journal import Writing
from volunteer.notices import escalating, links
from volunteer.records import deadlines, locking
from volunteer.settings import Settings

log = logging.getLogger(__name__)

WATCH_SECONDS = 5.0
STOP_SECONDS = 5.0
LEASE_FLOOR, LEASE_MOST = 15, 600  # seconds that a tick counts as running; then its clock is taken for dead
FAILURES = 2  # of a sweep in a row: then it does not work
JUMP = timedelta(minutes=5)
KEPT = timedelta(days=1)

_CLAIM = """WITH clock AS (SELECT clock_timestamp() AS now),
wall AS (SELECT now, to_timestamp(floor(extract(epoch FROM now) / $2::int) * $2::int) AS due FROM clock),
last AS (SELECT due_at, fence, done_at FROM tick WHERE job = $1 ORDER BY due_at DESC LIMIT 1),
-- A clock that was set back goes on from the last due time instead of waiting until it comes round again.
next AS (
    SELECT CASE WHEN last.due_at > wall.due THEN last.due_at + $2::int * interval '1 second' ELSE wall.due END AS due
    FROM wall LEFT JOIN last ON true
)
INSERT INTO tick (job, due_at, fence) SELECT $1, next.due, coalesce(last.fence, 0) + 1 FROM next LEFT JOIN last ON true
WHERE last.due_at IS NULL OR last.done_at IS NOT NULL OR last.due_at + $3::int * interval '1 second' < next.due
ON CONFLICT (job, due_at) DO NOTHING RETURNING id, (SELECT now FROM clock) AS now"""
_DONE = "UPDATE tick SET done_at = clock_timestamp() WHERE id = $1"
_FORGET = "DELETE FROM tick WHERE due_at < clock_timestamp() - $1::interval"


@dataclass(frozen=True, slots=True)
class Sweep:
    """``do`` is called about ``every`` so many seconds, by one clock at a time, with an act of the database's now."""

    job: str
    every: int
    do: Callable[[Act], Awaitable[object]]


@dataclass(slots=True)
class _Beat:
    """When a sweep last ticked, by the monotonic clock, whether it is running, and how often in a row it failed."""

    at: float
    running: bool = False
    failed: int = 0


@dataclass
class Clock:
    """One a process. :attr:`alive` is what readiness asks."""

    sweeps: Sequence[Sweep]
    _beats: dict[str, _Beat] = field(default_factory=dict)
    _ticks: set["asyncio.Task[Any]"] = field(default_factory=set)
    _seen: tuple[datetime, float] | None = None
    _away: bool = False
    _scheduler: AsyncIOScheduler | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Clock"]:
        """Tick until the way out. A sweep that runs then gets a moment to end; else another clock does it."""
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        for sweep in self.sweeps:
            self._beats[sweep.job] = _Beat(self._monotonic())
            trigger = IntervalTrigger(seconds=sweep.every, timezone=UTC)
            scheduler.add_job(self._tick, trigger, [sweep], id=sweep.job, next_run_time=now())
        scheduler.start()
        self._scheduler = scheduler
        watching = asyncio.create_task(self._watch(scheduler), name="clock watch")
        try:
            yield self
        finally:
            watching.cancel()
            scheduler.pause()
            if self._ticks:
                await asyncio.wait(self._ticks, timeout=STOP_SECONDS)
            scheduler.shutdown(wait=False)

    @property
    def alive(self) -> bool:
        """Every sweep has ticked not long ago, or is running, and none fails again and again."""
        failing = any(beat.failed >= FAILURES for beat in self._beats.values())
        return not failing and all(not self._late(sweep, 3) for sweep in self.sweeps)

    def _late(self, sweep: Sweep, periods: int) -> bool:
        beat = self._beats[sweep.job]
        if beat.running:
            return self._monotonic() - beat.at > LEASE_MOST  # no sweep takes so long: it hangs
        return self._monotonic() - beat.at > periods * sweep.every + WATCH_SECONDS

    async def _watch(self, scheduler: AsyncIOScheduler) -> None:
        """The scheduler goes by the wall clock: when that is set back it would sleep through the difference."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for sweep in self.sweeps:
                if self._late(sweep, 1) and not self._beats[sweep.job].running:
                    log.warning("a sweep was late and is woken", extra={"job": sweep.job})
                    scheduler.modify_job(sweep.job, next_run_time=now())

    async def _tick(self, sweep: Sweep) -> None:
        beat, task = self._beats[sweep.job], asyncio.current_task()
        assert task is not None
        self._ticks.add(task)
        beat.at, beat.running = self._monotonic(), True
        try:
            if await self._once(sweep):
                beat.failed = 0
            self._away = False
        except Exception as error:
            if not journal.away(error):
                beat.failed += 1
                log.exception("a sweep failed", extra={"job": sweep.job})
            elif not self._away:
                log.warning("sweeps wait for the database", extra={"job": sweep.job, "error": type(error).__name__})
            self._away = journal.away(error)
        finally:
            self._ticks.discard(task)
            beat.at, beat.running = self._monotonic(), False

    async def _once(self, sweep: Sweep) -> bool:
        """Whether the tick was ours, and is done."""
        claimed = await claim(sweep)
        if claimed is None:
            return False
        tick, at = claimed
        if self._steady(at):
            await sweep.do(system(at))
        await _mark(tick)
        return True

    def _steady(self, at: datetime) -> bool:
        """Whether the database's clock went on as ours did. A jump ahead is said aloud before anything expires by it;
        the next tick believes it."""
        before, self._seen = self._seen, (at, self._monotonic())
        if before is None:
            return True
        ahead = (at - before[0]) - timedelta(seconds=self._monotonic() - before[1])
        if ahead > JUMP:
            log.error("the database's clock jumped ahead", extra={"seconds": int(ahead.total_seconds())})
        return ahead <= JUMP

    @staticmethod
    def _monotonic() -> float:
        return asyncio.get_running_loop().time()


async def claim(sweep: Sweep) -> tuple[int, datetime] | None:
    """The row of the sweep's present tick and the database's now, unless another clock has it or is still at the one
    before."""
    lease = min(LEASE_MOST, max(LEASE_FLOOR, 3 * sweep.every))

    async def verb(w: Writing) -> tuple[int, datetime] | None:
        rows = await w.db.execute_query_dict(_CLAIM, [sweep.job, sweep.every, lease])
        return (rows[0]["id"], rows[0]["now"]) if rows else None

    return await journal.writing(system(), verb)


async def _mark(tick: int) -> None:
    async def verb(w: Writing) -> None:
        await w.db.execute_query_dict(_DONE, [tick])

    await journal.writing(system(), verb)


# ---- what there is to do ----


def sweeps(settings: Settings) -> list[Sweep]:
    """All of them. Whoever has something that falls due adds a line."""
    return [
        Sweep("offers", 5, assignments.expire_due),
        Sweep("waiting lists", 5, seeking.promote_due),
        Sweep("swaps", 10, deals.lapse_due),
        Sweep("phases", 10, phases.turn_due),
        Sweep("waves", 3, waves.sweep),
        Sweep("notices", 2, lambda _: notices.send_due(settings)),
        Sweep("reminders", 30, reminders.remind),
        Sweep("alarms", 60, reminders.alarm),
        Sweep("watches", 60, watches.sweep),
        Sweep("unreached", 60, unreached.sweep),
        Sweep("records", 30, locking.lock_due),
        Sweep("unsigned records", 300, deadlines.remind),
        Sweep("onlookers", 60, presence.sweep),
        Sweep("unread", 60, escalating.climb),
        Sweep("plans", 10, resume_plans),
        Sweep("old keys", 3600, lambda act: idempotency.sweep(act.at)),
        Sweep("old sign-ins", 3600, lambda act: signin.sweep(act.at)),
        Sweep("old links", 3600, lambda act: links.sweep(act.at)),
        Sweep("old jobs", 3600, forget),
    ]


def handlers(settings: Settings, url: str) -> dict[str, Handler]:
    """What a worker can do: the queue's jobs by name. ``url``: where the rows are."""

    async def plan(payload: Mapping[str, Any]) -> None:
        await carrying.carry(UUID(payload["draft"]), url, settings)

    async def mail(_: Mapping[str, Any]) -> None:
        await notices.send_due(settings)

    async def part(payload: Mapping[str, Any]) -> None:
        await farming.solve(UUID(payload["part"]))

    return {"plan": plan, "part": part, "mail": mail}


async def resume_plans(act: Act) -> None:
    """Runs whose worker died without giving them back."""
    stopped = await plans.unfinished()

    async def verb(w: Writing) -> None:
        for draft in stopped:
            await queue.put(w, "plan", {"draft": draft}, once=str(draft))

    if stopped:
        await journal.writing(act, verb)


async def forget(act: Act) -> None:
    """Ticks of yesterday, jobs of last week."""

    async def verb(w: Writing) -> None:
        await w.db.execute_query_dict(_FORGET, [KEPT])
        await queue.sweep(w)
        await beats.sweep(w)
        await farming.sweep(w)

    await journal.writing(act, verb)
