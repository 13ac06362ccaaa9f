"""Who is looking at a board, and who works on which seat."""

from uuid import uuid4

from tortoise import fields
from volunteer import schema
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0014_checks"), ("volunteer", "0008_beats")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Onlooker",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="looks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="onlookers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "shift",
                    fields.ForeignKeyField(
                        "dispatch.Shift",
                        source_field="shift_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="onlookers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="onlookers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("held_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ousted_by", fields.UUIDField(null=True)),
                ("word", fields.CharField(db_default="", max_length=80)),
            ],
            options={
                "table": "onlooker",
                "app": "dispatch",
                "pk_attr": "id",
                "constraints": [
                    UniqueConstraint(fields=("need_id",), name="one_holder_a_seat", condition="need_id IS NOT NULL"),
                ],
            },
            bases=["Model"],
        ),
    ]
