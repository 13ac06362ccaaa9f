"""Secret addresses: a calendar a person, links in letters that answer offers."""

from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields


class Migration(schema.Migration):
    dependencies = [("volunteer", "0005_contacts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Link",
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
                        related_name="links",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("ref", fields.UUIDField()),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "link",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A link in a letter that shows offers and takes answers to them, and nothing else, for whoever holds it. Only the",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Contact",
            name="calendar",
            field=fields.CharField(null=True, unique=True, max_length=64),
        ),
    ]
