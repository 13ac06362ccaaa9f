"""What coordinators and organisers want to be told of: near shifts in a region that lack so many people."""

from collections.abc import Sequence
from uuid import UUID

from dispatch.models import Watch
from volunteer import access, journal, notices
from volunteer.access import Thing
from volunteer.act import Act, fresh_id
from volunteer.errors import Fault, Forbidden, Invalid, Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Region

MOST = 20
AT_ONCE = 500

_SEEN = """WITH short AS (
  SELECT s.id, s.starts_at, e.region_id, sum(n.min - n.taken)::int AS missing
  FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
  WHERE e.state IN ('published', 'locked', 'running') AND n.taken < n.min AND s.starts_at > $1
    AND s.starts_at <= $1 + interval '14 days' GROUP BY s.id, e.id)
SELECT DISTINCT ON (w.volunteer_id, h.id) w.volunteer_id, h.id, h.starts_at AS until, h.missing
FROM watch w JOIN short h ON h.region_id LIKE w.region_id || '%' AND h.missing >= w.missing
  AND h.starts_at <= $1 + w.hours * interval '1 hour'
WHERE w.ended_at IS NULL
  -- The role must still reach as far as the rule.
  AND EXISTS (SELECT 1 FROM role r WHERE r.volunteer_id = w.volunteer_id AND r.role = ANY($2)
    AND w.region_id LIKE r.region_id || '%' AND r.since <= $1 AND (r.until IS NULL OR r.until > $1))
  AND NOT EXISTS (SELECT 1 FROM notice o WHERE o.kind = 'shift.watched' AND o.ref = h.id
    AND o.volunteer_id = w.volunteer_id AND o.channel = 'app' AND o.until = h.starts_at)
ORDER BY w.volunteer_id, h.id LIMIT $3"""


async def mine(act: Act) -> Sequence[Watch]:
    """One's own rules, the newest first."""
    return await Watch.filter(volunteer_id=_me(act), ended_at=None).order_by("-created_at", "id")


async def add(act: Act, *, region: str, hours: int, missing: int) -> Watch:
    """Be told of every shift in the region that lacks ``missing`` mandatory people or more within ``hours`` of its
    start; the same rule again is the same row. :class:`Invalid` for an unknown region, :class:`Refused` for one rule
    too many."""
    me = _me(act)

    async def verb(w: Writing) -> Watch:
        if not await Region.exists(code=region):
            raise Invalid([Fault("region", "没有这个区划代码", "no region has this code")])
        access.require(act.actor, "watch.write", Thing("region", region))
        live = Watch.filter(volunteer_id=me, ended_at=None)
        if same := await live.filter(region_id=region, hours=hours, missing=missing).first():
            return same
        if await live.count() >= MOST:
            raise Refused([Reason("too_many_watches", {"most": MOST})])
        row = Watch(id=fresh_id(act.at), volunteer_id=me, region_id=region, hours=hours, missing=missing)
        row.created_at = act.at
        await row.save(force_create=True)
        _tell(w, "watch.added", row)
        return row

    return await journal.writing(act, verb)


async def end(act: Act, watch_id: UUID) -> None:
    """Drop one of one's own rules. :class:`Missing` for another's."""
    me = _me(act)

    async def verb(w: Writing) -> None:
        row = await Watch.get_or_none(id=watch_id, volunteer_id=me, ended_at=None)
        if row is None:
            raise Missing("watch")
        row.ended_at = await w.clock()
        await row.save(update_fields=["ended_at"])
        _tell(w, "watch.ended", row)

    await journal.writing(act, verb)


async def sweep(act: Act) -> int:
    """Tell whoever watches; how many notices were owed. Once a shift and person, whatever number of rules see it."""

    async def verb(w: Writing) -> int:
        rows = await w.db.execute_query_dict(_SEEN, [await w.clock(), sorted(access.MAY["watch.write"]), AT_ONCE])
        for row in rows:
            person, data = row["volunteer_id"], {"missing": row["missing"]}
            await notices.owe(w, "shift.watched", person, ref=row["id"], until=row["until"], data=data, anew=True)
            w.entry("notice.owed", topics=[f"volunteer:{person}"], ref=row["id"], body={"kind": "shift.watched"})
        return len(rows)

    return await journal.writing(act, verb)


def _me(act: Act) -> UUID:
    if act.actor.id is None:
        raise Forbidden("watch.write", anonymous=True)
    return act.actor.id


def _tell(w: Writing, kind: str, row: Watch) -> None:
    body = {"region": row.region_id, "hours": row.hours, "missing": row.missing}
    w.entry(kind, topics=[f"volunteer:{row.volunteer_id}"], ref=row.id, body=body)
