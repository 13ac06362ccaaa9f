"""Parts of large plans, for any worker."""

from uuid import uuid4

from tortoise import fields
from volunteer import schema
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0011_needs_called_off")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DraftPart",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "draft",
                    fields.ForeignKeyField(
                        "dispatch.Draft",
                        source_field="draft_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="parted",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("fence", fields.IntField()),
                ("number", fields.IntField()),
                ("data", fields.BinaryField()),
                ("answer", fields.JSONField(null=True)),
                ("beat_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "draft_part",
                "app": "dispatch",
                "pk_attr": "id",
                "constraints": [UniqueConstraint(fields=("draft_id", "fence", "number"), name="draft_part_once")],
            },
            bases=["Model"],
        ),
    ]
