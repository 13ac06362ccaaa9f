"""Browsers that may be pushed to."""

from uuid import uuid4

from tortoise import fields
from volunteer import schema
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(schema.Migration):
    dependencies = [("volunteer", "0006_links")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Subscription",
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
                        related_name="subscriptions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("endpoint", fields.CharField(unique=True, max_length=600)),
                ("p256dh", fields.CharField(max_length=100)),
                ("auth", fields.CharField(max_length=40)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "subscription", "app": "volunteer", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
