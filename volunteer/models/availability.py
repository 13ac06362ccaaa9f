"""When people can serve: a weekly pattern in local time, and exceptions to it."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer


class Weekly(Model):
    """``weekday`` 0 = Monday. Local minutes of the day, half-open, 0..1440. ``kind``: available or preferred."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="weekly"
    )
    volunteer_id: UUID
    weekday = fields.SmallIntField()
    start = fields.SmallIntField()
    end = fields.SmallIntField()
    kind = fields.CharField(max_length=12, db_default="available")

    class Meta:
        table = "weekly"
        constraints = (
            CheckConstraint(check="weekday BETWEEN 0 AND 6", name="weekly_weekday"),
            CheckConstraint(check='0 <= start AND start < "end" AND "end" <= 1440', name="weekly_span"),
            CheckConstraint(check="kind IN ('available', 'preferred')", name="weekly_kind"),
        )


class Override(Model):
    """A span that overrides the pattern. ``kind``: available, preferred or unavailable. The later row wins."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="overrides"
    )
    volunteer_id: UUID
    starts_at = fields.DatetimeField(db_index=True)
    ends_at = fields.DatetimeField()
    kind = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()

    class Meta:
        table = "availability_override"
        constraints = (
            CheckConstraint(check="starts_at < ends_at", name="override_span"),
            CheckConstraint(check="kind IN ('available', 'preferred', 'unavailable')", name="override_kind"),
        )
