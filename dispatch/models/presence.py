"""Who is looking: rows that live as long as a page beats, and are gone soon after it."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Need, Shift
from volunteer.models import Region, Volunteer


class Onlooker(Model):
    """One open page. ``shift``: what it has open; ``need``: the seat that is worked on there, since ``held_at``;
    ``until``: when it counts as gone; ``ousted_by``: who took the seat over, with a ``word``."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="looks"
    )
    volunteer_id: UUID
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="onlookers"
    )
    region_id: str
    shift: fields.ForeignKeyNullableRelation[Shift] = fields.ForeignKeyField(
        "dispatch.Shift", null=True, on_delete=fields.CASCADE, related_name="onlookers"
    )
    shift_id: UUID | None
    need: fields.ForeignKeyNullableRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", null=True, on_delete=fields.CASCADE, related_name="onlookers"
    )
    need_id: UUID | None
    since = fields.DatetimeField()
    held_at = fields.DatetimeField(null=True)
    until = fields.DatetimeField(db_index=True)
    ousted_by = fields.UUIDField(null=True)
    word = fields.CharField(max_length=80, db_default="")

    class Meta:
        table = "onlooker"
        constraints = (
            UniqueConstraint(fields=("need_id",), name="one_holder_a_seat", condition="need_id IS NOT NULL"),
        )
