"""What people want to be told of."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from volunteer.models import Region, Volunteer


class Watch(Model):
    """Shifts in the region that lack ``missing`` mandatory people or more within ``hours`` of their start."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="watches"
    )
    volunteer_id: UUID
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="watches"
    )
    region_id: str
    hours = fields.SmallIntField()
    missing = fields.SmallIntField(db_default=1)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "watch"
        constraints = (CheckConstraint(check="hours BETWEEN 1 AND 336 AND missing >= 1", name="watch_bounds"),)
