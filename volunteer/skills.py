"""The catalogue of abilities, and what holding one means."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from volunteer import words
from volunteer.models import Inclusion, Skill
from volunteer.words import Pair

LEARNT_SECONDS = 60.0


@dataclass(slots=True)
class _Read:
    """When the names were read, by the monotonic clock."""

    at: float = -math.inf


_read = _Read()


async def catalogue() -> list[Skill]:
    """Every skill, training and language, by discipline and code."""
    return await Skill.all().order_by("discipline", "code")


async def learned(*, fresh: bool = False) -> None:
    """The names of the catalogue's codes are known to the sentences of reasons: those of a minute ago at the latest,
    with ``fresh`` those of now."""
    at = time.monotonic()
    if fresh or at - _read.at > LEARNT_SECONDS:
        rows = await Skill.all().only("code", "name", "name_en")
        words.learn({row.code: Pair(row.name, row.name_en or row.name) for row in rows})
        _read.at = at


async def expanded() -> dict[str, set[str]]:
    """For each skill of the catalogue: itself and all that it includes, at any depth."""
    known = [skill.code for skill in await Skill.all().only("code")]
    pairs = [(row.skill_id, row.included_id) for row in await Inclusion.all()]
    return closure(known, pairs)


def closure(known: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Each of ``known`` with all that is reached from it by ``pairs`` (holds, includes). Circles do no harm. Pure."""
    direct: dict[str, set[str]] = {}
    for holds, includes in pairs:
        direct.setdefault(holds, set()).add(includes)
    reached: dict[str, set[str]] = {}
    for skill in known:
        found, waiting = {skill}, [skill]
        while waiting:
            fresh = direct.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        reached[skill] = found
    return reached
