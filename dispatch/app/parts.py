"""The parts that run beside the requests, opened in order and closed the other way round."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise import connections

from dispatch import jobs, queue
from dispatch import words as _  # noqa: F401 - registers the sentences of the work
from dispatch.app import rehearsal
from dispatch.app.watchdog import Watchdog, Watched
from dispatch.holes.keeping import Keeper
from dispatch.jobs import Clock
from dispatch.models import Assignment, Event
from dispatch.notices import abouts as _abouts  # noqa: F401 - registers what notices of the work are about
from dispatch.planning import carrying
from dispatch.queue import Worker
from dispatch.settings import policy
from volunteer import database, embedded, live
from volunteer.access import Thing
from volunteer.api.lines import Limits, Lines
from volunteer.live import Hub
from volunteer.settings import Settings

log = logging.getLogger(__name__)

REACH_SECONDS = 8.0

# Of each process: the bell, the queue, and a run that is carried out beside it.
BESIDE_THE_POOL = 2 + carrying.POOL
_MOST = """SELECT current_setting('max_connections')::int
- current_setting('superuser_reserved_connections')::int AS most"""


class CrowdedError(Exception):
    """More connections than the database has; the message is one line and names the remedy."""


# Whoever stands on an event's roster follows it: asked, or there.
ROSTER = ("offered", "standby", "accepted", "checked_in", "completed")


@dataclass(frozen=True, slots=True)
class Parts:
    """``worker`` is none where the queue is worked on elsewhere."""

    hub: Hub
    lines: Lines
    clock: Clock
    worker: Worker | None
    watchdog: Watchdog


@asynccontextmanager
async def rows(settings: Settings, *, filled: bool = False) -> AsyncIterator[str]:
    """The database, its schema up to date, and its address. Without an address in the settings our own PostgreSQL under
    ``var`` runs meanwhile; it stops with the last program that uses it. ``filled``: with the whole pool open."""
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        if not url:
            server = await asyncio.to_thread(embedded.ensure, settings.var / "postgres")
            stack.push_async_callback(asyncio.to_thread, server.release)
            url = server.url()
        await _reached(url, settings)
        await database.migrate(url)
        await queue.install(url)
        await stack.enter_async_context(database.opened(url, pool=settings.pool, filled=filled))
        yield url


async def _reached(url: str, settings: Settings) -> None:
    """Pass when the database answers and has room for us; one that is silent is given up soon, where a migration may
    take its time. Raises :class:`CrowdedError`."""
    async with asyncio.timeout(REACH_SECONDS), database.opened(url, pool=2):
        most = (await connections.get("default").execute_query_dict(_MOST))[0]["most"]
    wanted = settings.workers * (settings.pool + BESIDE_THE_POOL)
    if wanted > most:
        raise CrowdedError(
            f"{settings.workers} processes with pools of {settings.pool} may want {wanted} connections, and the "
            f"database gives {most}; lower CITONG_POOL or CITONG_WORKERS, or raise its max_connections"
        )


@asynccontextmanager
async def running(settings: Settings, *, worker: bool = True, limits: Limits | None = None) -> AsyncIterator[Parts]:
    """All parts of a serving process."""
    live.resolvers["event"] = event
    async with rows(settings, filled=True) as url, AsyncExitStack() as stack:
        await rehearsal.rehearse(settings.pool)
        hub = await stack.enter_async_context(Hub(url, permits=max(1, settings.pool // 2)).opened())
        lines = await stack.enter_async_context(Lines(hub, limits).opened())
        await stack.enter_async_context(Keeper(hub, policy().repair).opened())
        clock = await stack.enter_async_context(Clock(jobs.sweeps(settings)).opened())
        own = await stack.enter_async_context(working(url, settings)) if worker else None
        watched = Watched(settings, own, clock, hub, lines)
        watchdog = await stack.enter_async_context(Watchdog(watched).opened())
        yield Parts(hub, lines, clock, own, watchdog)


@asynccontextmanager
async def working(url: str, settings: Settings) -> AsyncIterator[Worker]:
    """A worker of the queue, until the way out; what it has not ended then goes back to the queue."""
    stop = asyncio.Event()
    worker = Worker(url, jobs.handlers(settings, url))
    task = asyncio.create_task(worker.run(stop), name="queue worker")
    task.add_done_callback(_heard)
    try:
        yield worker
    finally:
        stop.set()
        await asyncio.wait({task})


def _heard(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the queue's worker ended", exc_info=error)


async def event(id_: UUID) -> Thing | None:
    """Where an event lies, whose it is, and who is on its roster: what its topic is guarded by."""
    found = await Event.get_or_none(id=id_).only("region_id", "unit_id")
    if found is None:
        return None
    lines = Assignment.filter(need__shift__event_id=id_, status__in=ROSTER)
    people: list[Any] = await lines.values_list("volunteer_id", flat=True)
    return Thing("topic", found.region_id, found.unit_id, frozenset(people))
