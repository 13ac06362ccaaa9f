"""How sure a region's shifts are to be staffed, and who could stand by where several are not. Reads, never writes.

Views: every function runs inside one read transaction.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from dispatch.lifecycle import OPEN
from dispatch.models import Call
from dispatch.offers import forecast
from dispatch.offers.forecast import Model, Risk
from dispatch.roster import calls
from volunteer.spans import Span

View = dict[str, Any]
# So many shifts at most, the next to begin first; so many clocks of one shift.
MOST: Final = 2000
_CLOCKS: Final = 6

_AHEAD = """SELECT s.id FROM shift s JOIN event e ON e.id = s.event_id
WHERE e.region_id LIKE $1 AND e.state = ANY($5) AND s.starts_at >= greatest($2::timestamptz, $4::timestamptz)
  AND s.starts_at < $3 ORDER BY s.starts_at, s.id LIMIT $6"""


async def risks(region: str, window: Span, model: Model, at: datetime) -> dict[UUID, Risk]:
    """The risk of each shift of the region that lies ahead in the window."""
    values = [f"{region}%", window.start, window.end, at, list(OPEN), MOST]
    rows = await get_connection("default").execute_query_dict(_AHEAD, values)
    return await forecast.risks([row["id"] for row in rows], model, at)


async def shown(region: str, window: Span, model: Model, at: datetime) -> list[View]:
    """Each shift with its risk, the offers in flight with their deadlines, and the calls of its needs."""
    found = await risks(region, window, model, at)
    needs = {need: shift for shift, risk in found.items() for need in risk.needs}
    asking: dict[UUID, list[View]] = defaultdict(list)
    for call in await Call.filter(need_id__in=list(needs)).order_by("need_id"):
        asking[needs[call.need_id]].append(calls.row(call))
    return [_shift(shift, risk, asking[shift]) for shift, risk in found.items()]


def _shift(shift: UUID, risk: Risk, asking: list[View]) -> View:
    clocks = sorted(one.until for offers in risk.flight.values() for one in offers)
    return {
        "shift_id": shift,
        "risk": round(risk.short, 3),
        "flight": len(clocks),
        "until": clocks[:_CLOCKS],
        "needs": [{"need_id": need, "risk": round(short, 3)} for need, short in risk.needs.items()],
        "calls": asking,
    }


def dangers(found: dict[UUID, Risk]) -> dict[UUID, tuple[float, float]]:
    """Of each need its risk, and how many mandatory seats stay empty on average."""
    return {need: (chance, risk.empty[need]) for risk in found.values() for need, chance in risk.needs.items()}
