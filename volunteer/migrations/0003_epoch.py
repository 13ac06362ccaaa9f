"""The first epoch, and the partial index that the mail sweep lives on."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    "INSERT INTO epoch (name, value) VALUES ('live', replace(gen_random_uuid()::text, '-', ''))",
    "CREATE INDEX notice_due ON notice (due_at) WHERE state = 'due'",
]
BACKWARD = ["DROP INDEX notice_due", "DELETE FROM epoch"]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0002_constraints")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
