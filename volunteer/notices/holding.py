"""Mail that is held: after a restore nothing leaves but what signs people in, until the operator says so.

What was owed at the moment of the backup may have left since, and what is owed now may follow from a past that others
remember differently. Held is not lost: what is still of use when it is released leaves then, under its old Message-ID.
"""

from tortoise import connections

from volunteer import journal
from volunteer.act import Act
from volunteer.journal import Writing

# A breaker that no time closes, for every way out.
HOST = "*"
HOLD = """INSERT INTO public.breaker (host, trips, open_until) VALUES ('*', 1, 'infinity')
ON CONFLICT (host) DO UPDATE SET open_until = 'infinity';
"""
_RELEASE = "DELETE FROM breaker WHERE host = $1 RETURNING host"
_HELD = """SELECT count(*) AS due FROM notice WHERE state = 'due' AND channel <> 'app'
AND (until IS NULL OR until > clock_timestamp())"""
_IS = "SELECT 1 FROM breaker WHERE host = $1"


async def held() -> bool:
    return bool(await connections.get("default").execute_query_dict(_IS, [HOST]))


async def release(act: Act) -> int | None:
    """Let mail go again; how many messages were waiting, or none when it was not held."""

    async def verb(w: Writing) -> int | None:
        if not await w.db.execute_query_dict(_RELEASE, [HOST]):
            return None
        return int((await w.db.execute_query_dict(_HELD))[0]["due"])

    return await journal.writing(act, verb)
