"""What time itself makes worth saying: a shift is near, a shift lacks people. Swept, so that nothing is planned ahead.

A reminder is owed once for each lead of the person and each call time: a shift that is moved is reminded of anew. An
alarm goes to who organises the event and to the coordinators of its region below the city, at two distances.
"""

from dispatch.roster import carers
from dispatch.roster.carers import COORDINATES, REACHABLE
from dispatch.settings import policy
from volunteer import journal
from volunteer.act import Act
from volunteer.journal import Writing

AT_ONCE = 500

# Nobody is reminded of what they said yes to a moment ago: the yes must be older than the lead.
_REMIND = """WITH line AS (
  SELECT a.id, a.volunteer_id, a.occupies_from AS call_at, s.starts_at, a.answered_at,
    a.occupies_from - coalesce(c.far, 1440) * interval '1 minute' AS far_at, coalesce(c.far, 1440) > 0 AS far,
    a.occupies_from - coalesce(c.near, 120) * interval '1 minute' AS near_at, coalesce(c.near, 120) > 0 AS near
  FROM assignment a JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
  LEFT JOIN contact c ON c.volunteer_id = a.volunteer_id
  WHERE a.status = 'accepted' AND e.state IN ('published', 'locked', 'running') AND a.occupies_from > $1),
due AS (
  SELECT id, volunteer_id, call_at AS until, CASE WHEN near AND near_at <= $1 THEN 'shift.soon'
    ELSE 'shift.ahead' END AS kind
  FROM line WHERE (near AND near_at <= $1 AND answered_at <= near_at)
    OR (far AND far_at <= $1 AND answered_at <= far_at AND NOT (near AND near_at <= $1)))
SELECT d.* FROM due d WHERE NOT EXISTS (SELECT 1 FROM notice o WHERE o.kind = d.kind AND o.ref = d.id
  AND o.volunteer_id = d.volunteer_id AND o.channel = 'app' AND o.until = d.until)
ORDER BY d.until, d.id LIMIT $2"""

_SHORT = f"""WITH short AS (
  SELECT s.id, s.starts_at, e.region_id, e.organiser_id, sum(n.min - n.taken)::int AS missing,
    CASE WHEN s.starts_at - $3 * interval '1 hour' <= $1 THEN s.starts_at
      ELSE s.starts_at - $3 * interval '1 hour' END AS until
  FROM need n JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
  WHERE e.state IN ('published', 'locked', 'running') AND n.taken < n.min AND s.starts_at > $1
    AND s.starts_at <= $1 + $2 * interval '1 hour'
  GROUP BY s.id, e.id),
told AS (
  SELECT id, until, missing, organiser_id AS volunteer_id FROM short WHERE organiser_id IS NOT NULL
  UNION SELECT h.id, h.until, h.missing, r.volunteer_id FROM short h JOIN role r
    ON {COORDINATES.format(region="h.region_id", at="$1")})
SELECT t.* FROM told t JOIN volunteer v ON v.id = t.volunteer_id AND {REACHABLE}
WHERE NOT EXISTS (SELECT 1 FROM notice o WHERE o.kind = 'shift.understaffed' AND o.ref = t.id
  AND o.volunteer_id = t.volunteer_id AND o.channel = 'app' AND o.until = t.until)
ORDER BY t.until, t.id, t.volunteer_id LIMIT $4"""  # noqa: S608


async def remind(act: Act) -> int:
    """Remind of accepted shifts, by each person's leads; how many were reminded."""

    async def verb(w: Writing) -> int:
        at = await w.clock()
        rows = await w.db.execute_query_dict(_REMIND, [at, AT_ONCE])
        for row in rows:
            await carers.owe(w, row["kind"], row["volunteer_id"], ref=row["id"], until=row["until"])
        return len(rows)

    return await journal.writing(act, verb)


async def alarm(act: Act) -> int:
    """Tell those who look after it of each near shift whose mandatory seats are empty; how many were told."""

    async def verb(w: Writing) -> int:
        terms = policy()
        if not terms.alarm_hours:
            return 0
        at = await w.clock()
        values = [at, terms.alarm_hours, min(terms.alarm_again_hours, terms.alarm_hours), AT_ONCE]
        rows = await w.db.execute_query_dict(_SHORT, values)
        for row in rows:
            about = {"ref": row["id"], "until": row["until"], "data": {"missing": row["missing"]}}
            await carers.owe(w, "shift.understaffed", row["volunteer_id"], **about)
        return len(rows)

    return await journal.writing(act, verb)
