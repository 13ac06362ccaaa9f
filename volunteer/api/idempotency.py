"""A write that was already answered is answered the same again, byte for byte; never done twice.

The row is written in the transaction of the write itself: both stand or neither. The unique row makes a second request
with the same key wait for the first. Refusals and faults roll back and are not kept.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteer import journal
from volunteer.act import Act, fresh_id, system
from volunteer.api.problem import ProtocolError
from volunteer.errors import Refused
from volunteer.journal import Writing
from volunteer.models import IdempotencyKey

KEPT = timedelta(hours=72)

_KEY = re.compile(r"[!-~]{1,255}")
_CLAIM = """INSERT INTO idempotency_key (id, scope, key, digest, status, at) VALUES ($1, $2, $3, $4, 0, $5)
ON CONFLICT (scope, key) DO NOTHING RETURNING id"""
_KEEP = "UPDATE idempotency_key SET status = $2, answer = $3 WHERE id = $1"
_SWEEP = """DELETE FROM idempotency_key WHERE id IN
(SELECT id FROM idempotency_key WHERE at < $1 ORDER BY at LIMIT $2) RETURNING 1 AS gone"""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """``scope``: actor, method and path; ``digest``: of everything else that the request says."""

    scope: str
    key: str
    digest: str


Work = Callable[[Act], Awaitable[Answered]]


def key(header: str | None) -> str:
    """The key of a request. Raises :class:`ProtocolError` (key_missing) unless it has 1 to 255 printable characters."""
    if header is None or not _KEY.fullmatch(header):
        raise ProtocolError("key_missing")
    return header


def claim(act: Act, key: str, method: str, path: str, said: bytes) -> Claim:
    return Claim(f"{act.actor.id}:{method}:{path}"[:300], key, hashlib.sha256(said).hexdigest())


async def once(
    act: Act, asked: Claim, work: Work, *, patience: int | None = None, first: journal.First | None = None
) -> Answered:
    """Do ``work`` and keep its answer, or give the answer that was kept. :class:`ProtocolError` (key_reused) when the
    same key came with something else. ``first`` is asked before all that, and may raise a refusal of what was never
    done: nothing can have been kept for it."""

    async def verb(w: Writing) -> Answered:
        row = await w.db.execute_query_dict(_CLAIM, [fresh_id(act.at), asked.scope, asked.key, asked.digest, act.at])
        if not row:
            return await _kept(asked)
        try:
            answered = await work(act.joined(w))
        except Refused as error:
            if error.keeps:  # the refusal's note stays, the key does not: it never had an answer
                await IdempotencyKey.filter(id=row[0]["id"]).delete()
            raise
        await w.db.execute_query(_KEEP, [row[0]["id"], answered.status, answered.body])
        return answered

    return await journal.writing(act, verb, patience=patience, first=first)


async def _kept(asked: Claim) -> Answered:
    row = await IdempotencyKey.get(scope=asked.scope, key=asked.key)
    if row.digest != asked.digest:
        raise ProtocolError("key_reused")
    return Answered(row.status, row.answer or b"", replayed=True)


async def sweep(at: datetime, *, limit: int = 10_000) -> int:
    """Forget answers older than 72 hours. Returns how many; there may be more at the limit."""
    rows = await journal.writing(system(at), lambda w: w.db.execute_query_dict(_SWEEP, [at - KEPT, limit]))
    return len(rows)
