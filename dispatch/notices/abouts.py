"""What notices of the work are about: an assignment, an event, a shift or a seat that
somebody left, with its title, time and place of today."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from volunteer.notices.abouts import Fact, resolvers
from volunteer.words import Pair

_ASSIGNMENT = """SELECT a.id, a.status AS state, e.title, e.title_en, s.starts_at, v.name AS place, a.status AS shown
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
JOIN venue v ON v.id = s.venue_id WHERE a.id = ANY($1)"""
_EVENT = """SELECT e.id, e.state, e.title, e.title_en, e.starts_at, '' AS place, 'event' AS shown
FROM event e WHERE e.id = ANY($1)"""
_SHIFT = """SELECT s.id, CASE WHEN EXISTS (SELECT 1 FROM need n WHERE n.shift_id = s.id AND n.taken < n.min)
  THEN 'short' ELSE 'staffed' END AS state, e.title, e.title_en, s.starts_at, v.name AS place, 'shift' AS shown
FROM shift s JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id WHERE s.id = ANY($1)"""
_SEAT = """SELECT a.id, CASE WHEN n.taken < n.min THEN 'short' ELSE 'staffed' END AS state, e.title, e.title_en,
  s.starts_at, v.name AS place, 'seat' AS shown
FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
JOIN venue v ON v.id = s.venue_id WHERE a.id = ANY($1)"""

# What a side of a swap gets, or gives when it gets nothing; and a swap as whoever decides about it finds it.
_SWAP = """SELECT d.id, w.state, e.title, e.title_en, s.starts_at, v.name AS place, 'swap' AS shown
FROM swap_side d JOIN swap w ON w.id = d.swap_id LEFT JOIN assignment a ON a.id = d.line_id
JOIN need n ON n.id = coalesce(d.need_id, a.need_id) JOIN shift s ON s.id = n.shift_id
JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id WHERE d.id = ANY($1)"""
_TEAM_OFFER = """SELECT o.id, o.state, e.title, e.title_en, s.starts_at, v.name AS place, 'offered' AS shown
FROM team_offer o JOIN need n ON n.id = o.need_id JOIN shift s ON s.id = n.shift_id
JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id WHERE o.id = ANY($1)"""
_SWAP_CASE = """SELECT w.id, w.state, e.title, e.title_en, s.starts_at, v.name AS place,
  'desk/events/' || e.id AS shown
FROM swap w JOIN assignment a ON a.id = w.given_id JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id
JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id WHERE w.id = ANY($1)"""

# Where a person looks: offers wait on the first page of the phone, what was taken in the week; alarms on the board.
_PATHS = {"offered": "phone/", "swap": "phone/", "shift": "board/", "seat": "board/"}


def _resolver(sql: str) -> Any:
    async def resolve(refs: Sequence[UUID]) -> Mapping[UUID, Fact]:
        rows = await get_connection("default").execute_query_dict(sql, [list(refs)])
        return {row["id"]: _fact(row) for row in rows}

    return resolve


def _fact(row: Mapping[str, Any]) -> Fact:
    title = Pair(row["title"], row["title_en"] or row["title"])
    shown: str = row["shown"]
    path = shown if "/" in shown else _PATHS.get(shown, "phone/week")
    return Fact(title, row["starts_at"], row["place"], path, row["state"])


resolvers.update({
    "assignment": _resolver(_ASSIGNMENT), "event": _resolver(_EVENT), "shift": _resolver(_SHIFT),
    "seat": _resolver(_SEAT), "swap": _resolver(_SWAP), "swap_case": _resolver(_SWAP_CASE),
    "team_offer": _resolver(_TEAM_OFFER),
})  # fmt: skip
