"""What a resident, village or unit asks for."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from volunteer.models import Region, Volunteer


class Order(Model):
    """``channel``: phone, web, call, visit, proxy. ``wish``: what is asked for (skills, time windows) as given."""

    id = fields.UUIDField(primary_key=True)
    title = fields.CharField(max_length=120)
    mode = fields.CharField(max_length=12)
    channel = fields.CharField(max_length=10)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="orders"
    )
    region_id: str
    requester: fields.ForeignKeyNullableRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="orders"
    )
    requester_id: UUID | None
    wish: dict[str, Any] = fields.JSONField(default=dict)
    state = fields.CharField(max_length=12, db_default="draft", db_index=True)
    answer_by = fields.DatetimeField(null=True, db_index=True)
    version = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "service_order"
        constraints = (
            CheckConstraint(check="mode IN ('tutoring', 'training', 'performance', 'support')", name="order_mode"),
        )
