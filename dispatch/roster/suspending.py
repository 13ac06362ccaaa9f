"""Whoever is suspended leaves what they were to do: coming seats are free at once, offers and waiting lists are over.

Nobody who is there is sent away by it, and what is over stays as it was: it may still become a record. Whose absences
are to be looked at is said here; what follows from them a person decides.
"""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch.lifecycle import PENDING
from dispatch.models import Assignment, Swap
from dispatch.roster import assignments, pacts, seats
from dispatch.settings import policy
from volunteer import journal, standing
from volunteer.act import SYSTEM, Act
from volunteer.journal import Writing
from volunteer.models import Suspension

BOUND: Final = ("offered", "standby", "accepted")

# Who missed so many shifts ($2) or more without an excuse since $1, of those who take part ($3: regions).
_ABSENT: Final = """SELECT v.id, v.name, v.number, count(*)::int AS absences, max(s.starts_at) AS last
FROM assignment a JOIN volunteer v ON v.id = a.volunteer_id JOIN need n ON n.id = a.need_id
JOIN shift s ON s.id = n.shift_id
WHERE a.status = 'no_show' AND NOT a.excused AND v.state IN ('registered', 'active', 'paused')
  AND s.starts_at > clock_timestamp() - make_interval(months => $1) AND ($3::text[] IS NULL
  OR EXISTS (SELECT 1 FROM unnest($3::text[]) AS p(code) WHERE v.region_id LIKE p.code || '%'))
GROUP BY v.id HAVING count(*) >= $2 ORDER BY absences DESC, last DESC, v.id LIMIT $4"""


async def suspend(act: Act, volunteer_id: UUID, reason: str) -> Suspension:
    """They take part in nothing from now on, here and in the network; all of it or nothing."""

    async def verb(w: Writing) -> Suspension:
        _ = await standing.held(w, volunteer_id)
        lines = Assignment.filter(volunteer_id=volunteer_id, status__in=BOUND).order_by("need_id", "id")
        await seats.grip(w, [line.need_id for line in await lines])
        at, itself = await w.clock(), replace(act.joined(w), actor=SYSTEM)
        for line in await lines:
            if line.status != "accepted":
                _ = await assignments.withdraw(itself, line.id, "suspended", quiet=True)
            elif line.occupies_until > at:
                _ = await assignments.let_go(itself, line.id, "suspended")
        waiting = Swap.filter(sides__volunteer_id=volunteer_id, state__in=PENDING).order_by("id").distinct()
        for found in await waiting:
            swap = await Swap.filter(id=found.id).select_for_update().get()
            if swap.state in PENDING:
                _ = await pacts.ended(w, swap, "lapse", "changed", at)
        return await standing.suspend(act.joined(w), volunteer_id, reason)

    return await journal.writing(act, verb, patience=60)


async def review(act: Act) -> list[dict[str, Any]]:
    """Whose unexcused absences within one's scope are to be looked at, the most first; ``advised``: so many that a
    suspension is what the policy advises."""
    terms = policy().absences
    values = [terms.months, terms.review, standing.reach(act), standing.MOST]
    rows = await get_connection("default").execute_query_dict(_ABSENT, values)
    return [{**row, "advised": row["absences"] >= terms.suspend} for row in rows]
