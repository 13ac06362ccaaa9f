"""A plan is carried out in a process of its own: reading a city, judging a plan and storing it take seconds of pure
computing, and whoever serves pages meanwhile must go on answering.

``carry`` starts it and waits; ``python -m dispatch.planning.carrying DRAFT PARENT`` is it. It dies with its parent, and
the planner's process dies with it.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from uuid import UUID

from tortoise.exceptions import OperationalError

from dispatch.models import Draft
from dispatch.planner.watch import die_with_parent
from dispatch.planning import plans
from volunteer import database, live, logs
from volunteer.settings import Settings

log = logging.getLogger(__name__)

# What it gets to give its run back when its worker stops.
GRACE = 8.0
LOOK_EVERY = 0.25
POOL = 4


class CarrierFell(Exception):
    """The process ended without having stored what came of the run."""


async def carry(draft_id: UUID, url: str, settings: Settings) -> None:
    """Carry out a queued run; returns when it is stored, or was nobody's business any more. Raises
    :class:`CarrierFell`."""
    known = {"CITONG_DATABASE_URL": url, "CITONG_LOG_LEVEL": settings.log_level}
    known["CITONG_LOG_JSON"] = str(settings.log_json).lower()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dispatch.planning.carrying", str(draft_id), str(os.getpid())),
        env=os.environ | known,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    ending = asyncio.create_task(child.wait())
    try:
        while not ending.done():
            await asyncio.wait({ending}, timeout=LOOK_EVERY)
            if not ending.done() and await _cancelled(draft_id):
                child.kill()
                await ending
                return
    finally:
        if child.returncode is None:
            await _end(child)
    if code := ending.result():
        raise CarrierFell(f"code {code}")


async def _cancelled(draft_id: UUID) -> bool:
    """Asked from here: the process itself may be deep in computing, and of a cancelled run nothing is to be saved."""
    try:
        return await Draft.filter(id=draft_id, state="cancelled").exists()
    except (*database.GONE, OperationalError) as error:
        log.warning("a cancelled run is looked for again", extra={"why": type(error).__name__})
        return False


async def _end(child: asyncio.subprocess.Process) -> None:
    child.terminate()
    try:
        async with asyncio.timeout(GRACE):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


async def _carried(draft_id: UUID, url: str) -> None:
    working = asyncio.current_task()
    assert working is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    async with database.opened(url, pool=POOL), live.ringing(url):
        await plans.execute(draft_id)
    os._exit(0)  # a thread that still judges a cancelled plan is waited for by nobody


def main(words: Sequence[str]) -> None:
    die_with_parent(int(words[1]))
    settings = Settings()
    logs.setup(settings.log_level, as_json=settings.log_json)
    asyncio.run(_carried(UUID(words[0]), settings.database_url.get_secret_value()))


if __name__ == "__main__":
    main(sys.argv[1:])
