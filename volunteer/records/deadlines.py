"""Who is told that the ten working days run out (办法 art. 11): whoever must sign next, then those above them.

Due columns and a sweep: one notice a matter, person and stage, said anew at the next stage.
"""

from typing import Final

from volunteer import journal, notices
from volunteer.act import Act
from volunteer.journal import Writing
from volunteer.records import steps

AT_ONCE: Final = 500

# Of each matter with records on their way: how many wait for the first signature, how many for the second, and which
# stage the oldest is at. Who is told: for the first signature the organiser and the leaders, for the second the
# recorders of the unit, else of the region; from the second stage on the coordinators of the region below the city too.
_WAITING: Final = """WITH waiting AS (
  SELECT matter, min(region_id) AS region, min(unit_id::text)::uuid AS unit, min(organiser_id::text)::uuid AS organiser,
    count(*) FILTER (WHERE state = 'proposed')::int AS first,
    count(*) FILTER (WHERE state = 'confirmed')::int AS second, count(*)::int AS records,
    CASE WHEN min(due_at) <= $1 THEN 3 WHEN min(late_at) <= $1 THEN 2 ELSE 1 END AS stage,
    CASE WHEN min(due_at) <= $1 THEN min(due_at) + interval '30 days' WHEN min(late_at) <= $1 THEN min(due_at)
      ELSE min(late_at) END AS until
  FROM service_record WHERE state = ANY($2) AND nudge_at <= $1 AND due_at > $1 - interval '30 days' GROUP BY matter),
hands AS (
  SELECT matter, organiser AS volunteer_id FROM waiting WHERE first > 0 AND organiser IS NOT NULL
  UNION SELECT r.matter, l.id::uuid FROM service_record r JOIN waiting t ON t.matter = r.matter AND t.first > 0,
    jsonb_array_elements_text(r.leaders) AS l(id) WHERE r.state = 'proposed'
  UNION SELECT t.matter, o.volunteer_id FROM waiting t JOIN role o ON t.second > 0 AND o.role = 'recorder'
    AND (o.unit_id = t.unit OR t.region LIKE o.region_id || '%') AND o.since <= $1 AND (o.until IS NULL OR o.until > $1)
  UNION SELECT t.matter, o.volunteer_id FROM waiting t JOIN role o ON t.stage > 1 AND o.role = 'coordinator'
    AND length(o.region_id) >= 6 AND t.region LIKE o.region_id || '%' AND o.since <= $1
    AND (o.until IS NULL OR o.until > $1))
SELECT h.volunteer_id, t.matter, t.until, t.stage, t.records FROM hands h JOIN waiting t ON t.matter = h.matter
JOIN volunteer v ON v.id = h.volunteer_id AND v.state IN ('registered', 'active', 'paused')
WHERE NOT EXISTS (SELECT 1 FROM notice o WHERE o.kind = CASE t.stage WHEN 1 THEN 'records.waiting' WHEN 2 THEN
  'records.late' ELSE 'records.overdue' END AND o.ref = t.matter AND o.volunteer_id = h.volunteer_id
  AND o.channel = 'app' AND o.until = t.until)
ORDER BY t.until, t.matter, h.volunteer_id LIMIT $3"""

KINDS: Final = {1: "records.waiting", 2: "records.late", 3: "records.overdue"}


async def remind(act: Act) -> int:
    """Tell whoever must sign, and who looks after them; how many were told."""

    async def verb(w: Writing) -> int:
        rows = await w.db.execute_query_dict(_WAITING, [await w.clock(), list(steps.OPEN), AT_ONCE])
        for row in rows:
            kind, person, data = KINDS[row["stage"]], row["volunteer_id"], {"records": row["records"]}
            await notices.owe(w, kind, person, ref=row["matter"], until=row["until"], data=data, anew=True)
            w.entry("notice.owed", topics=[f"volunteer:{person}"], ref=row["matter"], body={"kind": kind})
        return len(rows)

    return await journal.writing(act, verb)
