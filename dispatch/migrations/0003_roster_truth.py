"""What only SQL can say: no person in two places at once; the sweeps' partial indexes."""

from volunteer import schema
from tortoise.migrations import operations as ops

# Without btree_gist (the embedded server does not ship it) a range over uuid stands in for equality.
FORWARD = [
    "CREATE TYPE uuidrange AS RANGE (subtype = uuid)",
    """ALTER TABLE assignment ADD CONSTRAINT nobody_twice_at_once EXCLUDE USING gist (
        uuidrange(volunteer_id, volunteer_id, '[]') WITH &&,
        tstzrange(occupies_from, occupies_until, '[)') WITH &&
    ) WHERE (status IN ('accepted', 'checked_in'))""",
    "CREATE INDEX offer_due ON assignment (expires_at) WHERE status = 'offered'",
]
BACKWARD = [
    "DROP INDEX offer_due",
    "ALTER TABLE assignment DROP CONSTRAINT nobody_twice_at_once",
    "DROP TYPE uuidrange",
]


class Migration(schema.Migration):
    dependencies = [("dispatch", "0002_constraints")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
