"""Whom to ask to stand by: few people, each where several shifts of a region are at risk. Proposes, never writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatch.offers import coverage, forecast, lineup
from dispatch.offers.forecast import Model
from dispatch.planner.chances.standby import Danger, places
from dispatch.planner.goals import PERCENT
from dispatch.pool import minute
from dispatch.roster import seats
from dispatch.roster.seats import Seat
from volunteer import journal
from volunteer.access import masked
from volunteer.models import Volunteer
from volunteer.spans import Span

# Needs safer than this need nobody to stand by; a need surely empty wants people, not somebody in reserve.
_LOW, _HIGH = 0.05, 0.95
# So many needs are looked at, the gravest first, and so many people of each line.
_NEEDS: Final = 30
_LINE: Final = 40


@dataclass(frozen=True, slots=True)
class Reserve:
    """``saves``: how many mandatory seats (by the priority's share) the person saves on average."""

    volunteer: UUID
    name: str
    needs: tuple[UUID, ...]
    saves: float


async def proposed(region: str, window: Span, at: datetime, most: int) -> list[Reserve]:
    """At most ``most`` people who could each cover two needs or more, who saves most first."""
    model = await forecast.model(at)

    async def query() -> dict[UUID, tuple[float, float]]:
        return coverage.dangers(await coverage.risks(region, window, model, at))

    found, _ = await journal.reading(query, [])
    risky = sorted((-empty, need) for need, (risk, empty) in found.items() if _LOW <= risk <= _HIGH)[:_NEEDS]
    held = [await seats.find(need) for _, need in risky]
    dangers = [_danger(seat, found[seat.need.id][0]) for seat in held]
    fit, come = await _lines(held, model, at)
    chosen = places(dangers, fit, come, most=most)
    named = {v.id: v for v in await Volunteer.filter(id__in=[UUID(one.person) for one in chosen])}
    return [
        Reserve(who, masked(named[who].name), tuple(map(UUID, one.needs)), round(one.saves, 3))
        for one in chosen
        if (who := UUID(one.person)) in named
    ]


def _danger(seat: Seat, risk: float) -> Danger:
    begins, ends = seat.occupies
    return Danger(str(seat.need.id), risk, PERCENT[seat.event.priority - 1] / 100, minute(begins), minute(ends))


async def _lines(
    held: Sequence[Seat], model: Model, at: datetime
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, float]]:
    """By need who could take it, and how likely each would come to any of them (the least likely counts)."""
    fit: dict[str, list[str]] = {}
    come: dict[str, float] = {}
    for seat in held:
        line = await lineup.drawn(seat, _LINE) or []
        fit[str(seat.need.id)] = [str(one.id) for one in line]
        chances = await forecast.chances(seat, [(one.id, one.km) for one in line], {}, model, at)
        for one, chance in zip(line, chances, strict=True):
            come[str(one.id)] = min(chance, come.get(str(one.id), 1.0))
    return fit, come
