"""What the answers so far say about those to come: the odds, fitted from the rows; the risk that a shift stays short.

Reads, never writes. The model is fitted at most every few minutes a process; the same rows give the same model.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from dispatch.planner.chances.counts import lacking, together
from dispatch.planner.chances.odds import Answer, Ask, Odds, Said, fit
from dispatch.planner.desk import km as distance
from dispatch.pool import point
from dispatch.quiet import ZONE
from dispatch.roster.seats import Seat
from dispatch.settings import policy

# A model is used so long before it is fitted anew.
FRESH_SECONDS: Final = 600
WEEK: Final = timedelta(days=7)
# Before anything is known: of ten who said yes nine come.
_KEEPS: Final = (9.0, 10.0)

_ASKED = """SELECT a.id, a.need_id, a.volunteer_id, a.status, a.offered_at, a.expires_at, a.answered_at,
  s.id AS shift_id, s.starts_at, e.mode, e.region_id, v.lat, v.lon, u.lat AS at_lat, u.lon AS at_lon,
  (SELECT count(*) FROM assignment b WHERE b.volunteer_id = a.volunteer_id AND b.source <> 'self'
    AND b.offered_at < a.offered_at AND b.offered_at >= a.offered_at - interval '7 days')::int AS lately,
  (SELECT count(*) FROM assignment b WHERE b.volunteer_id = a.volunteer_id AND b.id <> a.id
    AND b.status IN ('accepted', 'checked_in', 'completed') AND b.offered_at < a.offered_at
    AND b.occupies_from BETWEEN s.starts_at - interval '7 days' AND s.starts_at + interval '7 days')::int AS busy
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
JOIN venue u ON u.id = s.venue_id JOIN volunteer v ON v.id = a.volunteer_id """
_HISTORY = _ASKED + "WHERE a.offered_at >= $1 AND a.source <> 'self' AND a.status <> 'standby' ORDER BY a.id"
_OPEN = _ASKED + "WHERE s.id = ANY($1) AND a.status = ANY($2) ORDER BY a.id"
_BUSY = """SELECT volunteer_id, count(*)::int AS times FROM assignment
WHERE volunteer_id = ANY($1) AND status IN ('accepted', 'checked_in', 'completed')
  AND occupies_from BETWEEN $2::timestamptz - interval '7 days' AND $2::timestamptz + interval '7 days'
GROUP BY volunteer_id"""
_NEEDS = "SELECT id, shift_id, min FROM need WHERE shift_id = ANY($1) ORDER BY id"

_SAID: Mapping[str, Said] = {
    "accepted": "yes", "checked_in": "yes", "completed": "yes", "no_show": "yes", "cancelled": "yes",
    "released": "yes", "declined": "no", "expired": "silent", "offered": "open", "withdrawn": "open", "filled": "open",
}  # fmt: skip
_KEPT: Mapping[str, Said] = {"checked_in": "yes", "completed": "yes", "no_show": "no", "cancelled": "no"}


@dataclass(frozen=True, slots=True)
class Model:
    """``says``: whether an offer is accepted; ``keeps``: whether who accepted comes."""

    says: Odds
    keeps: Odds


@dataclass(frozen=True, slots=True)
class Flight:
    """An open offer and how likely it still becomes a yes."""

    id: UUID
    until: datetime
    chance: float


@dataclass(slots=True)
class Risk:
    """One shift. ``short``: the probability that a mandatory seat of any of its needs stays empty, as things stand;
    ``needs``: the same for each; ``empty``: how many of its mandatory seats stay empty on average; ``flight``: open
    offers by need, the first to end first."""

    short: float = 0.0
    needs: dict[UUID, float] = field(default_factory=dict)
    empty: dict[UUID, float] = field(default_factory=dict)
    flight: dict[UUID, list[Flight]] = field(default_factory=lambda: defaultdict(list))


_kept: tuple[BaseDBAsyncClient, float, Model] | None = None


async def model(at: datetime) -> Model:
    """The model of all answers until ``at``, or one that is a few minutes old. Ask for it outside of transactions."""
    global _kept  # noqa: PLW0603 (one model a process and database)
    db, clock = get_connection("default"), asyncio.get_running_loop().time()
    if _kept is None or _kept[0] is not db or clock - _kept[1] > FRESH_SECONDS:
        rows = await db.execute_query_dict(_HISTORY, [at - timedelta(days=policy().asking.history_days)])
        _kept = (db, clock, await asyncio.to_thread(_fitted, rows, at))
    return _kept[2]


def _fitted(rows: Sequence[Mapping[str, Any]], at: datetime) -> Model:
    asked = [row for row in rows if row["expires_at"] is not None]
    answers = [Answer(_ask(r), _SAID[r["status"]], _waited(r, at), _batch(r), _age(r, at)) for r in asked]
    came = [Answer(_ask(r), _KEPT[r["status"]], 1.0, _batch(r), _age(r, at)) for r in rows if r["status"] in _KEPT]
    return Model(fit(answers), fit(came, prior=_KEEPS))


def _batch(row: Mapping[str, Any]) -> str:
    return f"{row['need_id']} {row['offered_at']}"


def _age(row: Mapping[str, Any], at: datetime) -> float:
    return float((at - row["offered_at"]) / timedelta(days=1))


def _ask(row: Mapping[str, Any]) -> Ask:
    return asking(
        row["volunteer_id"], row["mode"], row["offered_at"], row["starts_at"], row["region_id"], row["lately"],
        row["busy"], km=_km(row),
    )  # fmt: skip


def asking(
    volunteer_id: UUID,
    mode: str,
    at: datetime,
    starts: datetime,
    region: str,
    lately: int,
    busy: int,
    *,
    km: float | None,
) -> Ask:
    """An offer made at ``at``, as the model sees it."""
    here, lead = starts.astimezone(ZONE), (starts - at).total_seconds() / 60
    return Ask(
        str(volunteer_id), mode, lead, here.weekday(), here.hour * 60 + here.minute, km, region[:6], lately, busy
    )


def _km(row: Mapping[str, Any]) -> float | None:
    home, there = point(row["lat"], row["lon"]), point(row["at_lat"], row["at_lon"])
    return None if home is None or there is None else distance(home, there)


def _waited(row: Mapping[str, Any], at: datetime) -> float:
    """The share of the offer's time that was over when it was answered (or ended by us, or now). A cancel moves the
    time of the answer: then, and where it is unknown, more than 1, which tells nothing about waiting."""
    if row["status"] == "expired":
        return 1.0
    until = at if row["status"] == "offered" else row["answered_at"]
    if until is None or row["status"] in ("cancelled", "released"):
        return 2.0
    whole = (row["expires_at"] - row["offered_at"]).total_seconds()
    return float(max(0.0, (until - row["offered_at"]).total_seconds() / whole)) if whole > 0 else 1.0


async def risks(shift_ids: Collection[UUID], found: Model, at: datetime) -> dict[UUID, Risk]:
    """The risk of each of these shifts at ``at``."""
    db = get_connection("default")
    wanted = await db.execute_query_dict(_NEEDS, [list(shift_ids)])
    lines = await db.execute_query_dict(_OPEN, [list(shift_ids), ["offered", "accepted", "checked_in"]])
    made: dict[UUID, Risk] = {shift: Risk() for shift in shift_ids}
    chances: dict[UUID, list[float]] = defaultdict(list)
    for row in lines:
        ask = _ask(row)
        if row["status"] == "offered":
            flight = Flight(row["id"], row["expires_at"], found.says.still(ask, _waited(row, at)))
            made[row["shift_id"]].flight[row["need_id"]].append(flight)
            chances[row["need_id"]].append(flight.chance * found.keeps.chance(ask))
        else:
            chances[row["need_id"]].append(1.0 if row["status"] == "checked_in" else found.keeps.chance(ask))
    covered: dict[UUID, float] = defaultdict(lambda: 1.0)
    for need in wanted:
        full = together(chances[need["id"]], need["min"], found.says.shock)
        made[need["shift_id"]].needs[need["id"]] = 1 - full
        empty = lacking(chances[need["id"]], need["min"], found.says.shock)
        made[need["shift_id"]].empty[need["id"]] = empty
        covered[need["shift_id"]] *= full
    for shift, risk in made.items():
        risk.short = 1 - covered[shift]
        for offers in risk.flight.values():
            offers.sort(key=lambda one: (one.until, one.id))
    return made


async def flight(seat: Seat, found: Model, at: datetime) -> list[Flight]:
    """The open offers on one need."""
    rows = await get_connection("default").execute_query_dict(_OPEN, [[seat.shift.id], ["offered"]])
    mine = [row for row in rows if row["need_id"] == seat.need.id]
    return [Flight(r["id"], r["expires_at"], found.says.still(_ask(r), _waited(r, at))) for r in mine]


async def chances(
    seat: Seat, line: Sequence[tuple[UUID, float | None]], lately: Mapping[UUID, int], found: Model, at: datetime
) -> list[float]:
    """How likely each of these people (with the kilometres to the venue) is to say yes to this need, asked now."""
    starts, region, mode = seat.shift.starts_at, seat.event.region_id, seat.event.mode
    rows = await get_connection("default").execute_query_dict(_BUSY, [[who for who, _ in line], starts])
    busy = {row["volunteer_id"]: row["times"] for row in rows}
    asks = (asking(who, mode, at, starts, region, lately.get(who, 0), busy.get(who, 0), km=km) for who, km in line)
    return [found.says.chance(ask) for ask in asks]
