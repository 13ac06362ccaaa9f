"""What notices of service records are about: a record, an objection to one, or all records of one matter."""

from volunteer.notices.abouts import queried, resolvers
from volunteer.records import steps

_RECORD = """SELECT id, state, title, title_en, plan_from AS starts_at, place, 'phone/hours' AS path
FROM service_record WHERE id = ANY($1)"""
_OBJECTION = """SELECT o.id, CASE WHEN o.upheld IS NULL THEN 'open' ELSE 'settled' END AS state, r.title, r.title_en,
  r.plan_from AS starts_at, r.place, '{path}' AS path
FROM objection o JOIN service_record r ON r.id = o.record_id WHERE o.id = ANY($1)"""
_MATTER = """SELECT DISTINCT ON (matter) matter AS id, CASE WHEN EXISTS (SELECT 1 FROM service_record w
    WHERE w.matter = r.matter AND w.state IN ({open})) THEN 'open' ELSE 'done' END AS state,
  title, title_en, plan_from AS starts_at, place, 'desk/hours' AS path
FROM service_record r WHERE matter = ANY($1) ORDER BY matter, plan_from, id"""


resolvers.update({
    "record": queried(_RECORD),
    "objection": queried(_OBJECTION.format(path="phone/hours")),
    "objected": queried(_OBJECTION.format(path="desk/hours")),
    "matter": queried(_MATTER.format(open=", ".join(f"'{state}'" for state in steps.OPEN))),
})  # fmt: skip
