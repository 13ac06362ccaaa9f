"""The log, read back: what came after a number, and whether that number can still be continued from."""

from collections.abc import Mapping
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
_TOPICS = 500

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


async def since(positions: Mapping[str, int], limit: int = BATCH) -> list[Heard]:
    """What came after each position, at most ``limit`` a topic, of at most 500 topics, in one query."""
    asked = list(positions.items())[:_TOPICS]
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
