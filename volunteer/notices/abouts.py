"""What a notice is about, asked when it is shown or sent, so that it is never out of date.

The network knows no events or shifts: whoever owns a noun registers how it is told in :data:`resolvers`.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from volunteer.words import Pair


@dataclass(frozen=True, slots=True)
class Fact:
    """``path``: where the person finds it, below the public address. ``state``: by it a kind knows whether it still
    matters (an offer that was answered needs no letter)."""

    title: Pair
    starts_at: datetime | None = None
    place: str = ""
    path: str = "phone/"
    state: str = ""


Resolver = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Fact]]]
About = tuple[str, UUID]

resolvers: dict[str, Resolver] = {}


async def facts(wanted: Iterable[About]) -> dict[About, Fact]:
    """The facts of these nouns and ids; unknown ones are left out."""
    by_noun: dict[str, set[UUID]] = defaultdict(set)
    for noun, ref in wanted:
        by_noun[noun].add(ref)
    found: dict[About, Fact] = {}
    for noun, refs in by_noun.items():
        if noun in resolvers:
            told = await resolvers[noun](sorted(refs))
            found |= {(noun, ref): fact for ref, fact in told.items()}
    return found
