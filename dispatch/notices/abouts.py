"""What notices of the work are about, with its title, time and place of today.

Where a person looks: offers wait on the first page of the phone, what was taken in the week; alarms on the board.
"""

from volunteer.notices.abouts import Resolver, queried, resolvers

_NEED = "JOIN shift s ON s.id = n.shift_id"
_LINE = f"assignment a JOIN need n ON n.id = a.need_id {_NEED}"


def _placed(rows: str, id_: str, state: str, path: str) -> Resolver:
    """Of what has a shift ``s`` among its rows."""
    return queried(
        f"SELECT {id_} AS id, {state} AS state, e.title, e.title_en, s.starts_at, v.name AS place, {path} AS path "  # noqa: S608  words of our own
        f"FROM {rows} JOIN event e ON e.id = s.event_id JOIN venue v ON v.id = s.venue_id WHERE {id_} = ANY($1)"
    )


def _staffed(short: str) -> str:
    return f"CASE WHEN {short} THEN 'short' ELSE 'staffed' END"


resolvers.update({
    "assignment": _placed(_LINE, "a.id", "a.status",
        "CASE a.status WHEN 'offered' THEN 'phone/' ELSE 'phone/week' END"),
    "event": queried("""SELECT id, state, title, title_en, starts_at, '' AS place, 'phone/week' AS path
FROM event WHERE id = ANY($1)"""),
    "shift": _placed("shift s", "s.id",
        _staffed("EXISTS (SELECT 1 FROM need n WHERE n.shift_id = s.id AND n.taken < n.min)"), "'board/'"),
    # Somebody's line, as whoever looks after the event finds it.
    "line": _placed(_LINE, "a.id", "a.status", "'desk/events/' || e.id"),
    # A seat that somebody left.
    "seat": _placed(_LINE, "a.id", _staffed("n.taken < n.min"), "'board/'"),
    # What a side of a swap gets, or gives when it gets nothing; and a swap as whoever decides about it finds it.
    "swap": _placed(f"""swap_side d JOIN swap w ON w.id = d.swap_id LEFT JOIN assignment a ON a.id = d.line_id
JOIN need n ON n.id = coalesce(d.need_id, a.need_id) {_NEED}""", "d.id", "w.state", "'phone/'"),
    "swap_case": _placed(f"{_LINE} JOIN swap w ON w.given_id = a.id", "w.id", "w.state", "'desk/events/' || e.id"),
    "team_offer": _placed(f"team_offer o JOIN need n ON n.id = o.need_id {_NEED}", "o.id", "o.state", "'phone/'"),
})  # fmt: skip
