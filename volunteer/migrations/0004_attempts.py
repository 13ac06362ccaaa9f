"""Sign-in attempts, counted over all processes. ``scope`` is a kind and a digest: neither an address nor a number."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    "CREATE TABLE attempt (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, scope varchar(80), at timestamptz)",
    "ALTER TABLE attempt ALTER scope SET NOT NULL, ALTER at SET NOT NULL",
    "CREATE INDEX attempt_scope ON attempt (scope, at)",
    "CREATE INDEX attempt_at ON attempt (at)",
]
BACKWARD = ["DROP TABLE attempt"]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0003_epoch")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
