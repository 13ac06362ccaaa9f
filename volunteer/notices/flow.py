"""Whether what is owed leaves: judged by what waits, and by who has sent something lately, in any process."""

from datetime import timedelta
from typing import Final, Literal

from tortoise import connections

from volunteer.notices import holding
from volunteer.notices.carriers import carriers
from volunteer.settings import Settings

# So long may something wait that is due, while nothing else leaves either.
PATIENCE: Final = timedelta(seconds=40)

_FLOW = """WITH owed AS (SELECT due_at, lead_id FROM notice WHERE state = 'due' AND channel = ANY($2::text[])
    AND (until IS NULL OR until > clock_timestamp()))
SELECT EXISTS (SELECT 1 FROM breaker WHERE host = $4) AS held,
EXISTS (SELECT 1 FROM breaker WHERE host = ANY($1::text[])) AND EXISTS (SELECT 1 FROM owed) AS away,
EXISTS (SELECT 1 FROM owed WHERE due_at < clock_timestamp() - $3::interval AND lead_id IS NULL)
AND NOT EXISTS (SELECT 1 FROM beat WHERE part = 'mail' AND due_at > clock_timestamp()) AS stuck"""

Flow = Literal["ok", "off", "held", "away", "stuck"]


async def flow(settings: Settings) -> Flow:
    """``off``: the operator has no server for it; ``held``: since a restore; ``away``: a server took nothing the last
    time and something waits for it; ``stuck``: something is due, and nobody sends anything."""
    found = carriers(settings)
    if not found:
        return "off"
    hosts, channels = [one.host for one in found], [name for one in found for name in one.channels]
    values = [hosts, channels, PATIENCE, holding.HOST]
    row = (await connections.get("default").execute_query_dict(_FLOW, values))[0]
    words: tuple[Flow, ...] = ("held", "away", "stuck")
    return next((word for word in words if row[word]), "ok")
