"""How people want to be told; letters that leave together; servers that are left alone."""

from volunteer import schema
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

FORWARD = [
    # A server that is in trouble is left alone by every process until then.
    "CREATE TABLE breaker (host varchar(200) PRIMARY KEY, trips int NOT NULL, open_until timestamptz NOT NULL)",
    "CREATE INDEX notice_led ON notice (lead_id) WHERE lead_id IS NOT NULL AND state = 'due'",
    "CREATE INDEX notice_inbox ON notice (volunteer_id, created_at DESC, id DESC) WHERE channel = 'app'",
    "CREATE INDEX notice_unread ON notice (escalate_at) WHERE escalate_at IS NOT NULL AND read_at IS NULL",
]
BACKWARD = ["DROP INDEX notice_unread", "DROP INDEX notice_inbox", "DROP INDEX notice_led", "DROP TABLE breaker"]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0004_attempts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Contact",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "volunteer",
                    fields.OneToOneField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contact",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "channels",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("quiet_from", fields.SmallIntField(db_default=1320)),
                ("quiet_until", fields.SmallIntField(db_default=480)),
                ("far", fields.IntField(db_default=1440)),
                ("near", fields.IntField(db_default=120)),
                ("digest", fields.SmallIntField(null=True)),
                ("refused", fields.CharField(db_default="", max_length=64)),
            ],
            options={
                "table": "contact",
                "app": "volunteer",
                "constraints": [
                    CheckConstraint(
                        check="quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439 AND (digest IS NULL OR digest BETWEEN 0 AND 1439)",
                        name="contact_hours",
                    ),
                    CheckConstraint(check="far BETWEEN 0 AND 20160 AND near BETWEEN 0 AND 1440", name="contact_leads"),
                ],
                "pk_attr": "id",
                "table_description": "What a person chose; whoever chose nothing has no row. ``channels``: group -> channels beside the inbox; a group",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Notice",
            name="escalate_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Notice",
            name="lead_id",
            field=fields.UUIDField(null=True),
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
