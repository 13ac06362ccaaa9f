"""Seats that people give each other."""

from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0012_parts"), ("volunteer", "0007_push")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Swap",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("state", fields.CharField(db_default="proposed", max_length=8)),
                (
                    "proposer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="proposer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swaps",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "given",
                    fields.ForeignKeyField(
                        "dispatch.Assignment",
                        source_field="given_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swaps",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("approval", fields.BooleanField(db_default=False)),
                ("reason", fields.CharField(db_default="", max_length=12)),
                ("by_id", fields.UUIDField(null=True)),
                ("proposed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(db_default=1)),
            ],
            options={
                "table": "swap",
                "app": "dispatch",
                "constraints": [
                    UniqueConstraint(
                        fields=("given_id",), name="one_open_swap_a_seat", condition="state IN ('proposed', 'agreed')"
                    ),
                    CheckConstraint(check="kind IN ('swap', 'handover')", name="swap_kind"),
                    CheckConstraint(
                        check="state IN ('proposed', 'agreed', 'done', 'refused', 'lapsed')", name="swap_state"
                    ),
                    CheckConstraint(
                        check="(state IN ('done', 'refused', 'lapsed')) = (ended_at IS NOT NULL)", name="swap_ends_once"
                    ),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SwapSide",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "swap",
                    fields.ForeignKeyField(
                        "dispatch.Swap",
                        source_field="swap_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="sides",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("place", fields.SmallIntField()),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swap_sides",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "line",
                    fields.ForeignKeyField(
                        "dispatch.Assignment",
                        source_field="line_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swap_sides",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swap_sides",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("agreed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "swap_side",
                "app": "dispatch",
                "constraints": [
                    UniqueConstraint(fields=("swap_id", "volunteer_id"), name="one_side_a_person"),
                    UniqueConstraint(fields=("swap_id", "place"), name="one_side_a_place"),
                    CheckConstraint(check="num_nonnulls(line_id, need_id) >= 1", name="side_gives_or_gets"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
