"""What a crowd's taps ask is asked before anybody taps, on every connection of a serving process.

The first questions of a connection cost more than the same cost later: PostgreSQL has yet to read its own tables, and
plans a statement five times before it keeps a plan. Who comes first after a start would wait for that, and when it
is a crowd, all of it at once. Reads only, about whoever is found.
"""

import asyncio
from contextlib import suppress

from tortoise.connection import get_connection

from dispatch import bars
from dispatch.models import Assignment, Need
from dispatch.roster import assignments, openings, seen, verdicts
from volunteer import journal, people
from volunteer.act import Act, Actor, now
from volunteer.errors import Refused
from volunteer.models import Volunteer
from volunteer.spans import Span

TIMES = 6
LONGEST_SECONDS = 2.0  # then whoever waits for this process is worth more


async def rehearse(pool: int) -> None:
    """Ask on each of so many connections, which are nobody else's yet."""
    left = pool
    held = asyncio.Event()
    over = asyncio.get_running_loop().time() + LONGEST_SECONDS

    async def reads() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            held.set()
        with suppress(TimeoutError):  # somebody else holds one after all: the others know enough
            async with asyncio.timeout_at(over):
                await held.wait()  # until each has its own: none is asked for two
        for _ in range(TIMES):
            if asyncio.get_running_loop().time() < over:
                await _asked()

    await asyncio.gather(*(journal.reading(reads, []) for _ in range(pool)))


async def _asked() -> None:
    await people.actors([""], now())
    person = await Volunteer.filter(state="active").only("id").first()
    if person is None:
        return
    await seen.offers(person.id, "zh")
    at = now()
    who = await openings.seeker(person.id, Span(at, at + openings.AHEAD))
    await openings.next_for(who, at, "zh")
    need = await Need.filter(max__gt=0).only("id").first()
    if need is not None:
        await verdicts.why_not(person.id, need.id)
        await bars.around(get_connection("default"), [need.id])
    line = await Assignment.all().only("id", "volunteer_id").first()
    if line is not None:
        await seen.shown([line.id], "zh")
        with suppress(Refused):
            await assignments.over(Act(Actor(line.volunteer_id), at), line.id)
