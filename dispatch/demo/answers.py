"""The first evening after publishing: some people say yes, some no, a few step back. Through the same verbs as ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from dispatch.demo.chance import stream
from dispatch.demo.city import Progress, nobody
from dispatch.demo.personas import address
from dispatch.models import Assignment
from dispatch.roster import assignments
from volunteer.act import Act, Actor, now
from volunteer.errors import Refused

# Of all offers so many are answered, those whose time is up first; never more than so many.
_SHARE: Final = 0.2
_MOST: Final = 160
# One in so many answers is a no; in the county that is planned again some more say no, and a few step back.
_NOES: Final = 9
_COUNTY_NOES: Final = 14
_COUNTY_LEAVES: Final = 4
_WHY: Final = ("busy", "far", "health", "not_my_thing", "other")


@dataclass(frozen=True, slots=True)
class Answers:
    """``refused``: yeses that came too late or clashed with another."""

    accepted: int
    declined: int
    cancelled: int
    refused: int


async def answer(draft_id: UUID, county: str, *, seed: int, progress: Progress = nobody) -> Answers:
    """Answer some of the offers that this draft made, and more of them with no in ``county``. The personas' own offers
    stay open."""
    draw = stream(seed, "answers")
    open_ = await _open(draft_id)
    first = open_[: min(_MOST, round(_SHARE * len(open_)))]
    there = [line for line in open_[len(first) :] if line.need.shift.event.region_id.startswith(county)]
    yes = [line for number, line in enumerate(first) if number % _NOES]
    no = [line for number, line in enumerate(first) if not number % _NOES]
    no += draw.sample(there, min(_COUNTY_NOES, len(there)))
    total, accepted, refused = len(yes) + len(no), [], 0
    for done, line in enumerate(yes):
        progress("answers", done, total)
        try:
            accepted.append(await assignments.accept(_by(line), line.id))
        except Refused:
            refused += 1
    declined = await _declined(draw, no)
    leaving = [line for line in yes if line.need.shift.event.region_id.startswith(county)][:_COUNTY_LEAVES]
    kept = {line.id for line in accepted}
    cancelled = [await assignments.cancel(_by(line), line.id, "busy") for line in leaving if line.id in kept]
    progress("answers", total, total)
    return Answers(len(accepted) - len(cancelled), declined, len(cancelled), refused)


async def _declined(draw: Random, lines: Sequence[Assignment]) -> int:
    count = 0
    for line in lines:
        try:
            await assignments.decline(_by(line), line.id, draw.choice(_WHY))
            count += 1
        except Refused:  # withdrawn meanwhile: the person said yes to something else at that time
            continue
    return count


async def _open(draft_id: UUID) -> list[Assignment]:
    found = Assignment.filter(draft_id=draft_id, status="offered").exclude(volunteer__email=address("volunteer"))
    return await found.prefetch_related("need__shift__event").order_by("expires_at", "need_id", "volunteer_id")


def _by(line: Assignment) -> Act:
    return Act(Actor(line.volunteer_id), now())
