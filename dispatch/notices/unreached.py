"""Whoever looks after an event is told when somebody who is asked for it, or due at it, gets no mail: their address
does not exist, says its server. The event's sheet shows who it is; a person calls them.
"""

from typing import Final

from dispatch.roster import carers
from dispatch.roster.carers import COORDINATES, REACHABLE
from volunteer import journal
from volunteer.act import Act
from volunteer.journal import Writing
from volunteer.notices import kinds
from volunteer.notices.kinds import Kind
from volunteer.words import Pair

AT_ONCE: Final = 500
KIND: Final = "person.unreached"

kinds.register({
    KIND: Kind(
        Pair("有志愿者的邮箱收不到信：{when}", "Somebody gets no mail: {when}"),
        Pair(
            "下面的班次中，有一位志愿者的邮箱地址无效，邀请和提醒可能收不到。请打开活动看是哪一位，并用电话联系。",
            "The mail address of somebody who is asked for this shift, or due at it, does not exist: offers and "
            "reminders may not arrive. Please look in the event who it is, and call them.",
        ),
        group="alarm",
        noun="line",
        alive=("offered", "accepted"),
    )
})  # fmt: skip

# Once a line and hour of its call: a shift that is moved is something new to say.
_UNREACHED: Final = f"""WITH line AS (
  SELECT a.id, a.volunteer_id AS person, a.occupies_from AS until, e.region_id, e.organiser_id FROM contact c
  JOIN volunteer p ON p.id = c.volunteer_id AND c.refused <> ''
    AND c.refused = encode(sha256(convert_to(p.email, 'UTF8')), 'hex')
  JOIN assignment a ON a.volunteer_id = p.id AND a.status IN ('offered', 'accepted') AND a.occupies_from > $1
  JOIN need n ON n.id = a.need_id JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
  WHERE e.state IN ('published', 'locked', 'running')),
told AS (
  SELECT id, person, until, organiser_id AS volunteer_id FROM line WHERE organiser_id IS NOT NULL
  UNION SELECT l.id, l.person, l.until, r.volunteer_id FROM line l JOIN role r
    ON {COORDINATES.format(region="l.region_id", at="$1")})
SELECT t.* FROM told t JOIN volunteer v ON v.id = t.volunteer_id AND v.id <> t.person AND {REACHABLE}
WHERE NOT EXISTS (SELECT 1 FROM notice o WHERE o.kind = '{KIND}' AND o.ref = t.id
  AND o.volunteer_id = t.volunteer_id AND o.channel = 'app' AND o.until = t.until)
ORDER BY t.until, t.id, t.volunteer_id LIMIT $2"""  # noqa: S608


async def sweep(act: Act) -> int:
    """Tell those who look after each such line; how many notices were owed."""

    async def verb(w: Writing) -> int:
        rows = await w.db.execute_query_dict(_UNREACHED, [await w.clock(), AT_ONCE])
        for row in rows:
            await carers.owe(w, KIND, row["volunteer_id"], ref=row["id"], until=row["until"])
        return len(rows)

    return await journal.writing(act, verb)
