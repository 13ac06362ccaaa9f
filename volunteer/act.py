"""Who does something, and when: the argument of every write. The clock is read here and in ``dispatch.jobs`` only."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

if TYPE_CHECKING:
    from volunteer.journal import Writing

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held in a unit or a region (exactly one of both), e.g. ``coordinator`` in ``350502``."""

    role: str
    region: str | None = None
    unit: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, or the system itself (``SYSTEM``)."""

    id: UUID | None
    grants: tuple[Grant, ...] = ()
    session: UUID | None = None
    language: Language = "zh"


SYSTEM = Actor(id=None, grants=(Grant("system"),))


@dataclass(frozen=True, slots=True)
class Act:
    """``at``: aware UTC. ``writing``: the open transaction when a verb is called inside another one."""

    actor: Actor
    at: datetime
    writing: "Writing | None" = None

    def joined(self, writing: "Writing") -> "Act":
        """The same act inside an open transaction: verbs called with it share its fate."""
        return replace(self, writing=writing)


def now() -> datetime:
    return datetime.now(UTC)


def system(at: datetime | None = None) -> Act:
    """An act of the program itself: sweeps, imports, the demo."""
    return Act(SYSTEM, at or now())


def fresh_id(at: datetime) -> UUID:
    """A random public id, sortable by time (UUID version 7, RFC 9562 5.7)."""
    millis = int(at.timestamp() * 1000) & (1 << 48) - 1
    tail = int.from_bytes(os.urandom(10), "big")
    high = (millis << 16) | 0x7000 | (tail >> 68 & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (tail & (1 << 62) - 1)
    return UUID(int=high << 64 | low)
