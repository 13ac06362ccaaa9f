"""How a need is being filled, and how far that may go by itself."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Event, Need
from volunteer.models import Region, Volunteer


class Call(Model):
    """One need that asks people, wave after wave. ``due_at``: when it is looked at next. ``number``: waves sent since
    it was opened; ``asked``: people asked by them. ``filled``: how likely the mandatory seats were to be filled when it
    was last looked at. ``cause``: publish, hand or dropout. ``reason``: why it rests (filled, limit, nobody, off, over,
    person). ``suggested``: how many the next wave would ask, once a person says so."""

    id = fields.UUIDField(primary_key=True)
    need: fields.OneToOneRelation[Need] = fields.OneToOneField(
        "dispatch.Need", on_delete=fields.CASCADE, related_name="call"
    )
    need_id: UUID
    state = fields.CharField(max_length=10)
    cause = fields.CharField(max_length=8)
    reason = fields.CharField(max_length=8, db_default="")
    number = fields.IntField(db_default=0)
    asked = fields.IntField(db_default=0)
    suggested = fields.IntField(db_default=0)
    filled = fields.FloatField(null=True)
    due_at = fields.DatetimeField(null=True, db_index=True)
    opened_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    by_id = fields.UUIDField(null=True)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "call"
        constraints = (
            CheckConstraint(check="state IN ('running', 'suggested', 'resting')", name="call_state"),
            CheckConstraint(check="cause IN ('publish', 'hand', 'dropout')", name="call_cause"),
            CheckConstraint(
                check="reason IN ('', 'filled', 'limit', 'nobody', 'off', 'over', 'person')", name="call_reason"
            ),
            CheckConstraint(check="(state = 'running') = (due_at IS NOT NULL)", name="call_looks_again"),
        )


class Limit(Model):
    """How far waves go by themselves in a region or for one event (exactly one of both). ``mode``: off, suggest or
    automatic."""

    id = fields.UUIDField(primary_key=True)
    region: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="limits"
    )
    region_id: str | None
    event: fields.ForeignKeyNullableRelation[Event] = fields.ForeignKeyField(
        "dispatch.Event", null=True, db_index=True, on_delete=fields.CASCADE, related_name="limits"
    )
    event_id: UUID | None
    mode = fields.CharField(max_length=10)
    max_waves = fields.IntField()
    max_contacts = fields.IntField()
    by: fields.ForeignKeyNullableRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="limits"
    )
    by_id: UUID | None
    at = fields.DatetimeField()

    class Meta:
        table = "asking_limit"
        constraints = (
            UniqueConstraint(fields=("region_id",), name="one_limit_per_region"),
            UniqueConstraint(fields=("event_id",), name="one_limit_per_event"),
            CheckConstraint(check="num_nonnulls(region_id, event_id) = 1", name="limit_for_one"),
            CheckConstraint(check="mode IN ('off', 'suggest', 'automatic')", name="limit_mode"),
            CheckConstraint(check="max_waves >= 1 AND max_contacts >= 1", name="limit_counts"),
        )
