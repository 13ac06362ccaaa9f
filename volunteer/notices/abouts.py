"""What a notice is about, asked when it is shown or sent, so that it is never out of date.

The network knows no events or shifts: whoever owns a noun registers how it is told in :data:`resolvers`.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

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


def queried(sql: str) -> Resolver:
    """Facts from rows: ``$1`` are the ids; it gives id, state, title, title_en, starts_at, place and path."""

    async def resolve(refs: Sequence[UUID]) -> Mapping[UUID, Fact]:
        rows = await get_connection("default").execute_query_dict(sql, [list(refs)])
        return {row["id"]: _fact(row) for row in rows}

    return resolve


def _fact(row: Mapping[str, Any]) -> Fact:
    title = Pair(row["title"], row["title_en"] or row["title"])
    return Fact(title, row["starts_at"], row["place"], row["path"], row["state"])


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
