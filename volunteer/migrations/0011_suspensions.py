"""That somebody may not take part, by whom, and why."""

from uuid import uuid4

from tortoise import fields
from volunteer import schema
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("volunteer", "0010_records")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Suspension",
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
                        related_name="suspensions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("reason", fields.CharField(max_length=300)),
                ("before", fields.CharField(max_length=12)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("by_id", fields.UUIDField(null=True)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lifted_by", fields.UUIDField(null=True)),
            ],
            options={"table": "suspension", "app": "volunteer", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Suspension",
            constraint=UniqueConstraint(
                fields=("volunteer_id",), name="one_open_suspension", condition="lifted_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="Suspension",
            constraint=CheckConstraint(check="by_id <> volunteer_id", name="suspended_by_another"),
        ),
    ]
