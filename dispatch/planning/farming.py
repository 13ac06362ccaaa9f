"""Parts of a large plan on any worker: the run hands them out as jobs, whoever is free solves one, the run takes the
answers.

At least once, as all jobs: a part whose worker died is taken by another; an answer counts once, and only for the run
that asked (draft and fence). Nobody waits for what nobody does: when no part is being worked on for a while, the run
solves the rest itself. Of a cancelled run every part is dropped, and a process that works on one is ended.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from dispatch import queue
from dispatch.models import Draft, DraftPart
from dispatch.planning import runs
from dispatch.settings import policy
from volunteer import journal
from volunteer.act import fresh_id, now, system
from volunteer.journal import Writing

LOOK_EVERY = 0.3
IDLE = 3.0  # seconds without anybody at work on a part: the run does not wait longer
LOST = timedelta(seconds=45)  # a part taken so long ago without a beat is nobody's


class Farm:
    """The parts of one claimed run."""

    def __init__(self, draft_id: UUID, fence: int) -> None:
        self.draft_id, self.fence = draft_id, fence
        self.given = 0

    async def give(self, number: int, data: bytes) -> None:
        """Hand out a part."""

        async def verb(w: Writing) -> None:
            part = await DraftPart.create(
                id=fresh_id(now()), draft_id=self.draft_id, fence=self.fence, number=number, data=data
            )
            await queue.put(w, "part", {"part": part.id})

        await journal.writing(system(), verb)
        self.given += 1

    async def answers(self) -> AsyncIterator[tuple[int, list[int]]]:
        """Each part's answer as it comes; ends with the last one, or when nobody works on any."""
        told: set[int] = set()
        idle = 0.0
        while len(told) < self.given and idle < IDLE:
            rows = await DraftPart.filter(draft_id=self.draft_id, fence=self.fence)
            for row in rows:
                if row.answer is not None and row.number not in told:
                    told.add(row.number)
                    yield row.number, row.answer
            at = now()
            busy = any(row.answer is None and row.beat_at and at - row.beat_at < LOST for row in rows)
            idle = 0.0 if busy else idle + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)

    async def clear(self) -> None:
        """Forget the run's parts; jobs that still wait find nothing to do."""

        async def verb(_: Writing) -> None:
            await DraftPart.filter(draft_id=self.draft_id, fence__lte=self.fence).delete()

        await journal.writing(system(), verb)


async def solve(part_id: UUID) -> None:
    """Solve one part, if its run still wants it."""
    part = await DraftPart.get_or_none(id=part_id)
    if part is None or not await _wanted(part):
        return
    stop = asyncio.Event()
    beating = asyncio.create_task(_beat(part, stop))
    try:
        draft = await Draft.get(id=part.draft_id)
        rows = await runs.part(
            bytes(part.data),
            seconds=draft.seconds,
            seed=draft.seed,
            gap=policy().gap,
            memory_mb=policy().planner_memory_mb,
            stop=stop,
        )
    finally:
        beating.cancel()
    if rows is None:
        return

    async def verb(_: Writing) -> None:
        await DraftPart.filter(id=part_id, answer__isnull=True).update(answer=rows)

    await journal.writing(system(), verb)


async def sweep(_: Writing) -> None:
    """Forget the parts of runs that are over."""
    await DraftPart.filter(draft__state__not="running").delete()


async def _wanted(part: DraftPart) -> bool:
    """Whether the run goes on and the part has no answer yet."""
    open_ = await DraftPart.exists(id=part.id, answer__isnull=True)
    return open_ and await Draft.exists(id=part.draft_id, state="running", fence=part.fence)


async def _beat(part: DraftPart, stop: asyncio.Event) -> None:
    """Say that somebody is at work, until the run is over or has another answer; then end that work."""

    async def verb(w: Writing) -> None:
        await DraftPart.filter(id=part.id).update(beat_at=await w.clock())

    while not stop.is_set():
        if not await _wanted(part):
            stop.set()
            return
        await journal.writing(system(), verb)
        await asyncio.sleep(LOOK_EVERY)
