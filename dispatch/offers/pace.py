"""When a call asks, waits, suggests or rests: the judgement alone. Reads no rows and writes none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dispatch import quiet
from dispatch.lifecycle import OPEN
from dispatch.models import Call
from dispatch.offers.forecast import Flight
from dispatch.offers.limits import Terms
from dispatch.planner.chances.counts import together
from dispatch.planner.chances.wave import Goal
from dispatch.roster.seats import Seat
from dispatch.settings import policy

# A waiting call is looked at again when half of the time of the offer that ends first is over, not sooner than this.
_SOON: Final = timedelta(minutes=5)
# A replacement is worth sending for while so much of the shift is left.
_WORTHWHILE: Final = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at a call found. ``kind``: rest, wait, suggest or ask."""

    kind: str
    reason: str = ""
    due: datetime | None = None


def verdict(
    found: Call, seat: Seat, flight: Sequence[Flight], terms: Terms, at: datetime, shock: float = 0.0
) -> Verdict:
    """What this call needs now. The first wave that a person asked for, and one that a person agreed to, go out under
    any mode; all others as the limits say."""
    asking, starts = policy().asking, seat.shift.starts_at
    if seat.event.state not in OPEN or end(seat) <= at:
        return Verdict("rest", "over")
    wanted = goals(seat)
    if not wanted:
        return Verdict("rest", "filled")
    chances = [one.chance for one in flight]
    if flight and all(together(chances, goal.wanted, shock) >= goal.target for goal in wanted):
        return Verdict("wait", due=again(at, flight, seat))
    if seat.need.mode == "reserve" and seat.need.taken + len(flight) >= seat.need.max:
        return Verdict("wait", due=again(at, flight, seat))
    agreed = found.suggested > 0 or (found.number == 0 and found.cause in ("hand", "publish"))
    if not agreed and terms.mode == "off":
        return Verdict("rest", "off")
    if found.number >= terms.max_waves or found.asked >= terms.max_contacts:
        return Verdict("wait", due=again(at, flight, seat)) if flight else Verdict("rest", "limit")
    if not agreed and terms.mode == "suggest":
        return Verdict("suggest")
    waking = quiet.waking(at, starts, asking)
    return Verdict("ask") if waking <= at else Verdict("wait", due=waking)


def goals(seat: Seat) -> tuple[Goal, ...]:
    """What is still wanted: the mandatory seats surely, the wished ones more likely than not."""
    need, terms = seat.need, policy().asking
    pairs = ((need.min - need.taken, terms.target), (need.desired - need.taken, terms.wished))
    return tuple(Goal(wanted, target) for wanted, target in pairs if wanted > 0)


def again(at: datetime, flight: Sequence[Flight], seat: Seat) -> datetime:
    """When to look again: half-way to the next deadline, and when the shift begins (or is too far gone) at the
    latest."""
    last = seat.shift.starts_at if at < seat.shift.starts_at else end(seat)
    first = min((one.until for one in flight), default=last)
    return min(max(at + (first - at) / 2, at + _SOON), last)


def end(seat: Seat) -> datetime:
    """From when on it is too late to send for anybody: somebody who misses their shift is replaced while enough of it
    is left."""
    return max(seat.shift.starts_at, seat.shift.ends_at - _WORTHWHILE)
