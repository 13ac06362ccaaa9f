"""Teams asked as a whole."""

from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0016_moved_lines"), ("volunteer", "0010_records")]

    initial = False

    operations = [
        ops.CreateModel(
            name="TeamOffer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="team_offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "team",
                    fields.ForeignKeyField(
                        "volunteer.Team",
                        source_field="team_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="team_offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(db_default="offered", max_length=10)),
                ("offered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answered_by", fields.UUIDField(null=True)),
                ("version", fields.IntField(db_default=1)),
            ],
            options={
                "table": "team_offer",
                "app": "dispatch",
                "constraints": [
                    UniqueConstraint(
                        fields=("need_id", "team_id"), name="one_open_offer_a_team", condition="state = 'offered'"
                    ),
                    CheckConstraint(
                        check="state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn')",
                        name="team_offer_state",
                    ),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Assignment",
            name="team_offer_id",
            field=fields.UUIDField(null=True, db_index=True),
        ),
    ]
