"""Who looks after an event: its organiser, and the coordinators of its region below the city. They are told of what
cannot wait."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from volunteer import notices
from volunteer.journal import Writing

# Of the role ``r``: it is a coordinator's of the place {region}, below the city, held at {at}.
COORDINATES: Final = (
    "r.role = 'coordinator' AND length(r.region_id) >= 6 AND {region} LIKE r.region_id || '%' AND r.since <= {at} "
    "AND (r.until IS NULL OR r.until > {at})"
)
# Of the volunteer ``v``: can be told at all.
REACHABLE: Final = "v.state IN ('registered', 'active', 'paused')"

_CARERS: Final = f"""SELECT v.id FROM volunteer v WHERE {REACHABLE} AND v.id IN (
  SELECT organiser_id FROM event WHERE id = $1
  UNION SELECT r.volunteer_id FROM role r JOIN event e ON e.id = $1
    AND {COORDINATES.format(region="e.region_id", at="$2")}) ORDER BY v.id"""  # noqa: S608


async def alarm(
    w: Writing, kind: str, event_id: UUID, *, ref: UUID, until: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Owe everybody who looks after this event a notice about ``ref``."""
    for row in await w.db.execute_query_dict(_CARERS, [event_id, await w.clock()]):
        await owe(w, kind, row["id"], ref=ref, until=until, data=data)


async def owe(
    w: Writing, kind: str, person: UUID, *, ref: UUID, until: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """A notice, again when ``until`` has changed. No other entry says it to this person: without its own one an open
    screen would not learn of it."""
    await notices.owe(w, kind, person, ref=ref, until=until, data=data, anew=True)
    w.entry("notice.owed", topics=[f"volunteer:{person}"], ref=ref, body={"kind": kind})
