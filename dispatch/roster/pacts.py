"""Swaps and hand-overs that wait for somebody's word, as rows and entries: what every change of a seat must know.

Whoever changes a swap holds its people first, then its needs, then its row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch import lifecycle
from dispatch.lifecycle import PENDING, SWAP
from dispatch.models import Swap, SwapSide
from volunteer import notices
from volunteer.journal import Writing

# What happened to a line after which it is no more what people agreed to give each other.
_ENDS: Final = frozenset({"cancelled", "released", "missed", "checked_in", "moved", "swapped"})
_HANGING: Final = """SELECT DISTINCT w.id FROM swap w JOIN swap_side d ON d.swap_id = w.id
WHERE w.state = ANY($1) AND d.line_id = ANY($2)"""


async def changed(w: Writing, kind: str, line_ids: Collection[UUID]) -> None:
    """These lines (held by the caller) have changed by ``kind``: open swaps of any of them have lapsed."""
    if kind not in _ENDS:
        return
    rows = await w.db.execute_query_dict(_HANGING, [list(PENDING), list(line_ids)])
    for swap_id in sorted(row["id"] for row in rows):
        swap = await Swap.filter(id=swap_id).select_for_update().get()
        if swap.state in PENDING:
            await ended(w, swap, "lapse", "changed", await w.clock())


async def sides(swap_id: UUID) -> list[SwapSide]:
    """In the order in which seats are passed on."""
    return await SwapSide.filter(swap_id=swap_id).order_by("place")


async def ended(
    w: Writing, swap: Swap, verb: str, reason: str, at: datetime, *, by_id: UUID | None = None, words: str = ""
) -> Swap:
    """The held swap comes to nothing; whoever had said yes and did not end it themselves is told, with the ``words``
    of a coordinator."""
    all_ = await sides(swap.id)
    await store(w, swap, all_, verb, lifecycle.step(SWAP, swap.state, verb), reason=reason, ended_at=at, by_id=by_id)
    for side in all_:
        if side.agreed_at is not None and side.volunteer_id != w.act.actor.id:
            data = {"reason": words} if words else {}
            await notices.owe(w, f"swap.{swap.state}", side.volunteer_id, ref=side.id, data=data)
    return swap


async def store(w: Writing, swap: Swap, all_: Sequence[SwapSide], kind: str, state: str, **fields: Any) -> None:
    """Set these columns, one version on, and say so."""
    for name, value in {"state": state, "version": swap.version + 1, **fields}.items():
        setattr(swap, name, value)
    await swap.save(update_fields=["state", "version", *fields])
    await tell(w, _SAID.get(kind, kind), swap, all_)


_SAID: Final = {"refuse": "refused", "lapse": "lapsed", "agree": "agreed", "complete": "done"}


async def tell(w: Writing, kind: str, swap: Swap, all_: Sequence[SwapSide]) -> None:
    """One entry ``swap.<kind>`` to everybody in it; what a coordinator must decide, or has, also to its events."""
    names = ("id", "kind", "state", "reason", "approval", "expires_at", "version")
    topics = [f"volunteer:{side.volunteer_id}" for side in all_]
    if swap.approval:
        topics += [f"event:{event}" for event in await events_of(w, swap.id)]
    w.entry(f"swap.{kind}", topics=topics, ref=swap.id, body={"swap": {name: getattr(swap, name) for name in names}})


async def events_of(w: Writing, swap_id: UUID) -> list[UUID]:
    """The events whose seats change hands."""
    rows = await w.db.execute_query_dict(
        "SELECT DISTINCT s.event_id AS id FROM swap_side d JOIN need n ON n.id = d.need_id "
        "JOIN shift s ON s.id = n.shift_id WHERE d.swap_id = $1 ORDER BY 1",
        [swap_id],
    )
    return [row["id"] for row in rows]
