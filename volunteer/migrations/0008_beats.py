"""Beats: which part of which process works, and until when that may be believed."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    "CREATE TABLE beat (part varchar(10), process uuid, at timestamptz, due_at timestamptz)",
    "ALTER TABLE beat ALTER at SET NOT NULL, ALTER due_at SET NOT NULL, ADD PRIMARY KEY (part, process)",
]
BACKWARD = ["DROP TABLE beat"]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0007_push")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
