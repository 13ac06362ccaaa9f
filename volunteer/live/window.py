"""The log, read back: what came after a number, and whether that number can still be continued from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from tortoise import connections

from volunteer.live.backlog import Frame

# Whoever is within either bound continues; entries themselves are kept, they are the audit trail.
RESUME_ENTRIES = 1_000
RESUME_AGE = timedelta(hours=72)

BATCH = 200
TOGETHER = 32 * 1024  # bytes that are written to a socket at once
TOPICS = 500

_SINCE = """SELECT e.topic, e.seq, e.at, e.kind, e.ref, e.body::text AS body
FROM unnest($1::text[], $2::bigint[]) AS asked(topic, seq)
CROSS JOIN LATERAL (
    SELECT * FROM entry WHERE entry.topic = asked.topic AND entry.seq > asked.seq ORDER BY entry.seq LIMIT $3
) AS e ORDER BY e.topic, e.seq"""

_TOO_OLD = """SELECT at < clock_timestamp() - $3::interval AS old FROM entry WHERE topic = $1 AND seq > $2
ORDER BY seq LIMIT 1"""

Why = Literal["epoch", "old", "ahead", "slow", "rights"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One entry as it travels. ``item`` is its JSON object without the topic, encoded once."""

    topic: str
    seq: int
    kind: str
    ref: UUID | None
    item: str

    def frame(self) -> Frame:
        return Frame.of(f'{{"k":"ev","t":"{self.topic}",{self.item[1:]}', self.topic)


@dataclass(frozen=True, slots=True)
class Told:
    """Consecutive entries of one topic, told together: each with its frame, and the bytes of all frames."""

    each: tuple[tuple[Heard, Frame], ...]
    wire: bytes

    @property
    def first(self) -> int:
        return self.each[0][0].seq

    @property
    def last(self) -> int:
        return self.each[-1][0].seq


def together(entries: Iterable[Heard], most: int = TOGETHER) -> Iterable[Told]:
    """In as few parts as ``most`` bytes allow."""
    part: list[tuple[Heard, Frame]] = []
    size = 0
    for heard in entries:
        frame = heard.frame()
        if part and size + frame.size > most:
            yield _told(part)
            part, size = [], 0
        part.append((heard, frame))
        size += frame.size
    if part:
        yield _told(part)


def _told(part: list[tuple[Heard, Frame]]) -> Told:
    return Told(tuple(part), b"".join(frame.wire for _, frame in part))


async def since(positions: Mapping[str, int], limit: int = BATCH) -> list[Heard]:
    """What came after each position, at most ``limit`` a topic, of at most 500 topics, in one query."""
    asked = list(positions.items())[:TOPICS]
    values = [[topic for topic, _ in asked], [seq for _, seq in asked], limit]
    rows = await connections.get("default").execute_query_dict(_SINCE, values)
    return [_heard(row) for row in rows]


async def past(topic: str, seq: int, limit: int = BATCH) -> list[Heard]:
    """Entries of ``topic`` above ``seq``, in order."""
    return await since({topic: seq}, limit)


async def reset(topic: str, seq: int, head: int) -> Why | None:
    """Why a follower at ``seq`` cannot continue: ``ahead`` (we were restored from a backup) or ``old`` (more than 1,000
    entries and more than 72 hours behind); ``None`` when it can."""
    if seq > head:
        return "ahead"
    if head - seq <= RESUME_ENTRIES:
        return None
    rows = await connections.get("default").execute_query_dict(_TOO_OLD, [topic, seq, RESUME_AGE])
    return "old" if not rows or rows[0]["old"] else None


def _heard(row: Mapping[str, Any]) -> Heard:
    ref = "null" if row["ref"] is None else f'"{row["ref"]}"'
    at = instant(row["at"])
    item = f'{{"s":{row["seq"]},"at":"{at}","e":"{row["kind"]}","id":{ref},"d":{row["body"]}}}'
    return Heard(row["topic"], row["seq"], row["kind"], row["ref"], item)


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
