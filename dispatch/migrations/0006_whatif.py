from volunteer import schema
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0005_attendance"), ("volunteer", "0004_attempts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Hole",
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
                        related_name="holes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="holes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("missing", fields.IntField()),
                ("wished", fields.IntField()),
                (
                    "found",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "draft_hole",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "A need that the plan leaves below its wish. ``found``: the planner's words on it (``planner.plan.Unmet``).",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Draft",
            options={
                "table": "draft",
                "app": "dispatch",
                "constraints": [
                    UniqueConstraint(fields=("region_id",), name="one_running_draft", condition="state = 'running'"),
                    CheckConstraint(check="window_from < window_until", name="draft_window"),
                    CheckConstraint(
                        check="state IN ('running', 'ready', 'failed', 'cancelled', 'published', 'discarded')",
                        name="draft_state",
                    ),
                ],
                "pk_attr": "id",
                "table_description": "``progress``: the planner's last progress line, and in ``curve`` how score and bound came together. ``summary``:",
            },
        ),
        ops.AddField(
            model_name="Draft",
            name="assumptions",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Draft",
            name="hypothetical",
            field=fields.BooleanField(db_default=False),
        ),
    ]
