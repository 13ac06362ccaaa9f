"""The limits of what people choose, which were in the model alone: making a table does not make its constraints."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    """ALTER TABLE contact ADD CONSTRAINT contact_hours CHECK (quiet_from BETWEEN 0 AND 1439
        AND quiet_until BETWEEN 0 AND 1439 AND (digest IS NULL OR digest BETWEEN 0 AND 1439))""",
    """ALTER TABLE contact ADD CONSTRAINT contact_leads CHECK (far BETWEEN 0 AND 20160 AND near BETWEEN 0 AND 1440)""",
]
BACKWARD = [
    "ALTER TABLE contact DROP CONSTRAINT contact_leads",
    "ALTER TABLE contact DROP CONSTRAINT contact_hours",
]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0008_beats")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
