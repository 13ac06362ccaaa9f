from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0006_whatif"), ("volunteer", "0004_attempts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Call",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "need",
                    fields.OneToOneField(
                        "dispatch.Need",
                        source_field="need_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="call",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("state", fields.CharField(max_length=10)),
                ("cause", fields.CharField(max_length=8)),
                ("reason", fields.CharField(db_default="", max_length=8)),
                ("number", fields.IntField(db_default=0)),
                ("asked", fields.IntField(db_default=0)),
                ("suggested", fields.IntField(db_default=0)),
                ("filled", fields.FloatField(null=True)),
                ("due_at", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("by_id", fields.UUIDField(null=True)),
                ("version", fields.IntField(db_default=1)),
            ],
            options={
                "table": "call",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "One need that asks people, wave after wave. ``due_at``: when it is looked at next. ``number``: waves sent since it",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Limit",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="limits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "event",
                    fields.ForeignKeyField(
                        "dispatch.Event",
                        source_field="event_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="limits",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("mode", fields.CharField(max_length=10)),
                ("max_waves", fields.IntField()),
                ("max_contacts", fields.IntField()),
                (
                    "by",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="limits",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "asking_limit",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "How far waves go by themselves in a region or for one event (exactly one of both). ``mode``: off, suggest or",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Call",
            constraint=CheckConstraint(check="state IN ('running', 'suggested', 'resting')", name="call_state"),
        ),
        ops.AddConstraint(
            model_name="Call",
            constraint=CheckConstraint(check="cause IN ('publish', 'hand', 'dropout')", name="call_cause"),
        ),
        ops.AddConstraint(
            model_name="Call",
            constraint=CheckConstraint(
                check="reason IN ('', 'filled', 'limit', 'nobody', 'off', 'over', 'person')", name="call_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="Call",
            constraint=CheckConstraint(check="(state = 'running') = (due_at IS NOT NULL)", name="call_looks_again"),
        ),
        ops.AddConstraint(
            model_name="Limit", constraint=UniqueConstraint(fields=("region_id",), name="one_limit_per_region")
        ),
        ops.AddConstraint(
            model_name="Limit", constraint=UniqueConstraint(fields=("event_id",), name="one_limit_per_event")
        ),
        ops.AddConstraint(
            model_name="Limit",
            constraint=CheckConstraint(check="num_nonnulls(region_id, event_id) = 1", name="limit_for_one"),
        ),
        ops.AddConstraint(
            model_name="Limit",
            constraint=CheckConstraint(check="mode IN ('off', 'suggest', 'automatic')", name="limit_mode"),
        ),
        ops.AddConstraint(
            model_name="Limit",
            constraint=CheckConstraint(check="max_waves >= 1 AND max_contacts >= 1", name="limit_counts"),
        ),
        ops.RemoveConstraint(
            model_name="Assignment",
            name="assignment_source",
            fields=None,
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(
                check="source IN ('plan', 'hand', 'self', 'repair', 'wave')", name="assignment_source"
            ),
        ),
    ]
