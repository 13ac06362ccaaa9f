"""Watch rules of coordinators and organisers."""

from uuid import uuid4

from tortoise import fields
from volunteer import schema
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0009_moves"), ("volunteer", "0004_attempts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Watch",
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
                        related_name="watches",
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
                        related_name="watches",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("hours", fields.SmallIntField()),
                ("missing", fields.SmallIntField(db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "watch",
                "app": "dispatch",
                "pk_attr": "id",
                "constraints": [
                    CheckConstraint(check="hours BETWEEN 1 AND 336 AND missing >= 1", name="watch_bounds"),
                ],
            },
            bases=["Model"],
        ),
    ]
