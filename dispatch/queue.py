"""Work that may run on another machine: jobs in PostgreSQL, taken by any worker, at least once.

``put`` writes the job in the transaction that it belongs to. A job whose worker died is taken again by another after
half a minute; one that fails is tried three times in all and then parked, so that it harms nobody. Whatever a job does
must therefore stand being done twice: results are written by run and fence.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from tortoise import connections

from volunteer import database
from volunteer.errors import CitongError
from volunteer.journal import Writing

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], Awaitable[object]]

TRIES = 3
AGAIN_AFTER = (timedelta(seconds=5), timedelta(seconds=30))
AT_ONCE = 2  # jobs of one worker
HEARTBEAT = timedelta(seconds=30)  # a job whose worker was not heard of for so long is taken by another
STOP_SECONDS = 5.0  # what a running job gets to end by itself when its worker stops
LONGEST_PAUSE = 10.0
KEPT = timedelta(days=7)

_INSTALL_LOCK = 0x63697175
# Every name is given, so that no environment variable of another program moves the tables.
_NAMES = DBSettings(
    prefix="",
    channel=Channel("citong_queue"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
)
_PUT = QueryQueueBuilder(_NAMES).build_enqueue_query("skip")
# When a job was begun: a row that was written before and outlives its worker. Picks would not do, since who is picked
# may still wait when its worker is taken down by another.
_STARTS = """CREATE TABLE IF NOT EXISTS job_start (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
job bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX IF NOT EXISTS job_start_job ON job_start (job)"""
_TRIES = "SELECT count(*) AS n FROM job_start WHERE job = $1"
_START = "INSERT INTO job_start (job) VALUES ($1) RETURNING id"
_UNDO = "DELETE FROM job_start WHERE id = $1"
_SWEEP_STARTS = "DELETE FROM job_start WHERE job NOT IN (SELECT id FROM pgqueuer)"
_STATE = """SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
count(*) FILTER (WHERE status = 'picked') AS picked, count(*) FILTER (WHERE status = 'failed') AS parked,
coalesce(extract(epoch FROM max(now() - execute_after) FILTER (WHERE status = 'queued')), 0)::float8 AS oldest
FROM pgqueuer"""
_SWEEP = "DELETE FROM pgqueuer_log WHERE created < now() - $1::interval AND job_id NOT IN (SELECT id FROM pgqueuer)"


class JobFailed(Exception):
    """What the queue keeps of a failure: the job and the error's name, never its words (they may hold data)."""


async def put(w: Writing, job: str, payload: Mapping[str, Any], *, once: str | None = None) -> None:
    """Queue ``job`` with ``payload`` (ids only), if and when ``w`` commits. With ``once``, a word of the caller's,
    nothing happens while such a job with the same word waits or runs."""
    data = json.dumps(dict(payload), default=str).encode()
    key = None if once is None else f"{job}:{once}"
    await w.db.execute_query_dict(_PUT, [[0], [job], [data], [timedelta(0)], [key], ["null"]])


async def install(url: str) -> None:
    """Bring the queue's tables up to date. Safe when several programs start at once."""
    connection: Any = await asyncpg.connect(database.dsn(url))  # type: ignore[no-untyped-call]
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _INSTALL_LOCK)
        queries = _queries(connection)
        if await queries.schema_is_installed():
            await queries.apply_upgrade()
        else:
            async with connection.transaction():
                await queries.install()
        await connection.execute(_STARTS)
    finally:
        await connection.close()


async def state() -> dict[str, float]:
    """How many jobs are ``queued``, ``picked`` and ``parked``, and for how many seconds the ``oldest`` has been due."""
    rows = await connections.get("default").execute_query_dict(_STATE)
    return dict(rows[0])


async def sweep(w: Writing) -> None:
    """Forget what was said of jobs that ended a week ago."""
    await w.db.execute_query(_SWEEP, [KEPT])
    await w.db.execute_query(_SWEEP_STARTS)


def _queries(connection: Any) -> Queries:
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(_NAMES),
        QueryQueueBuilder(_NAMES),
        QuerySchedulerBuilder(_NAMES),
    )


class Worker:
    """Takes jobs and runs their handlers until told to stop. ``connected``: it holds its line to the queue."""

    def __init__(self, url: str, handlers: Mapping[str, Handler]) -> None:
        self._url = database.dsn(url)
        self._handlers = dict(handlers)
        self._running: set[asyncio.Task[object]] = set()
        self._alone = asyncio.Lock()
        self._stopping = False
        self._queries: Queries | None = None
        self.connected = False

    @property
    def free(self) -> bool:
        """It could take another job."""
        return self.connected and len(self._running) < AT_ONCE

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; after each loss of the database again, with growing pauses. Jobs that still run
        when it stops go back to the queue."""
        failures = 0
        while not stop.is_set():
            try:
                await self._session(stop)
                failures = 0
            except (*database.GONE, OSError, asyncpg.exceptions.PostgresError) as error:
                failures += 1
                log.warning("the queue is away", extra={"error": type(error).__name__, "failures": failures})
            except Exception:  # whatever it is, a worker that ended would be missed by everybody
                failures += 1
                log.exception("the queue's worker stumbled")
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(0.1, min(LONGEST_PAUSE, 0.2 * 2 ** min(failures, 10)))):
                    await stop.wait()

    async def _session(self, stop: asyncio.Event) -> None:
        connection: Any = await asyncpg.connect(  # type: ignore[no-untyped-call]
            self._url, timeout=5, command_timeout=30, server_settings={"application_name": "citong queue"}
        )
        try:
            self._queries, self._stopping = _queries(connection), False
            manager = QueueManager(self._queries, _NAMES.channel)
            for job in self._handlers:
                manager.entrypoint(job, accepts_context=False, on_failure="hold")(self._carry)
            connection.add_termination_listener(lambda _: manager.shutdown.set())
            ending = asyncio.create_task(self._end(stop, manager))
            self.connected = True
            try:
                await manager.run(
                    dequeue_timeout=timedelta(seconds=10),
                    batch_size=1,
                    max_concurrent_tasks=AT_ONCE,
                    heartbeat_timeout=HEARTBEAT,
                )
            finally:
                self.connected = False
                ending.cancel()
        finally:
            connection.terminate()

    async def _end(self, stop: asyncio.Event, manager: QueueManager) -> None:
        """Stopped, or cut off: take no more, and soon send what still runs back to the queue."""
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(manager.shutdown.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            self._stopping = True
            manager.shutdown.set()
            if self._running:
                await asyncio.wait(self._running, timeout=STOP_SECONDS)
            for task in self._running:
                task.cancel()
        finally:
            for task in waits:
                task.cancel()

    async def _carry(self, job: Job) -> None:
        assert self._queries is not None
        tries = int(str((await self._queries.driver.fetch(_TRIES, job.id))[0]["n"]))
        if tries >= TRIES:
            log.error("a job took its workers down and is parked", extra={"job": job.entrypoint, "id": job.id})
            raise JobFailed(f"{job.entrypoint}: its workers died")
        async with self._alone:
            if tries and self._running:  # it may take its worker down: nobody else is to go with it
                await asyncio.wait(self._running)
            if self._stopping:
                raise RetryRequested(timedelta(0), "its worker stops")
            start = (await self._queries.driver.fetch(_START, job.id))[0]["id"]
            task = asyncio.ensure_future(self._handlers[job.entrypoint](json.loads(job.payload or b"{}")))
            self._running.add(task)
            if tries:
                await self._ended(task)
        await self._ended(task)
        if task.cancelled():
            await self._queries.driver.fetch(_UNDO, start)
            raise RetryRequested(timedelta(0), "its worker stops")
        tries += 1
        error = task.exception()
        if error is not None:
            self._failed(job, tries, error)

    async def _ended(self, task: "asyncio.Task[object]") -> None:
        try:
            await asyncio.wait({task})
        finally:
            self._running.discard(task)
            task.cancel()

    def _failed(self, job: Job, tries: int, error: BaseException) -> None:
        name = type(error).__name__
        final = tries >= TRIES or isinstance(error, CitongError)
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else ""
        said = {"job": job.entrypoint, "id": job.id, "error": name, "place": place, "tries": tries, "parked": final}
        log.error("a job failed", extra=said)
        if final:
            raise JobFailed(f"{job.entrypoint}: {name}")
        raise RetryRequested(AGAIN_AFTER[min(tries, len(AGAIN_AFTER)) - 1], name)
