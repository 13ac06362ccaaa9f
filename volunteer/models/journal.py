"""What happened, what is owed to whom, and which requests were already answered."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer


class Topic(Model):
    """An audience, and the number of its newest entry. Bumped inside the writing transaction: no gaps, commit order."""

    name = fields.CharField(max_length=60, primary_key=True)
    seq = fields.BigIntField(db_default=0)
    touched_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "topic"


class Entry(Model):
    """One fact that happened, once per audience. ``body`` holds ids, statuses, counts: never names or numbers."""

    id = fields.BigIntField(primary_key=True, generated=True)
    topic = fields.CharField(max_length=60)
    seq = fields.BigIntField()
    at = fields.DatetimeField(db_index=True)
    kind = fields.CharField(max_length=40)
    ref = fields.UUIDField(null=True, db_index=True)
    actor = fields.UUIDField(null=True)
    body: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "entry"
        constraints = (UniqueConstraint(fields=("topic", "seq"), name="entry_once"),)


class Epoch(Model):
    """One row. A new value tells every client that numbers before it mean nothing (restore from a backup)."""

    name = fields.CharField(max_length=8, primary_key=True)
    value = fields.CharField(max_length=32)

    class Meta:
        table = "epoch"


class Notice(Model):
    """A message owed to a person through a channel. ``state``: due, sent, failed, dropped. ``message_id`` is fixed when
    the row is written, so that a repeated delivery is recognised. ``data`` fills the words at sending time. The row of
    the channel ``app`` is what the inbox shows. ``lead_id``: leaves in one letter with that row. ``escalate_at``: when
    the next channel is tried if nobody has read it."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="notices"
    )
    volunteer_id: UUID
    kind = fields.CharField(max_length=40)
    ref = fields.UUIDField(null=True)
    channel = fields.CharField(max_length=10)
    data: dict[str, Any] = fields.JSONField(default=dict)
    message_id = fields.CharField(max_length=120, unique=True)
    state = fields.CharField(max_length=10, db_default="due")
    due_at = fields.DatetimeField(db_index=True)
    until = fields.DatetimeField(null=True)
    tries = fields.IntField(db_default=0)
    claimed_until = fields.DatetimeField(null=True)
    fence = fields.IntField(db_default=0)
    sent_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    lead_id = fields.UUIDField(null=True)
    escalate_at = fields.DatetimeField(null=True)
    error = fields.CharField(max_length=200, db_default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "notice"
        constraints = (
            UniqueConstraint(fields=("kind", "ref", "volunteer_id", "channel"), name="notice_once"),
            CheckConstraint(check="state IN ('due', 'sent', 'failed', 'dropped')", name="notice_state"),
        )


class IdempotencyKey(Model):
    """An answered request: same key, same body, same answer. ``scope`` = actor, method and path."""

    id = fields.UUIDField(primary_key=True)
    scope = fields.CharField(max_length=300)
    key = fields.CharField(max_length=255)
    digest = fields.CharField(max_length=64)
    status = fields.SmallIntField(db_default=0)
    answer = fields.BinaryField(null=True)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "idempotency_key"
        constraints = (UniqueConstraint(fields=("scope", "key"), name="answered_once"),)


class Tick(Model):
    """One due run of a sweep: several clocks may tick, one row exists."""

    id = fields.BigIntField(primary_key=True, generated=True)
    job = fields.CharField(max_length=40)
    due_at = fields.DatetimeField()
    fence = fields.BigIntField(db_default=0)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tick"
        constraints = (UniqueConstraint(fields=("job", "due_at"), name="tick_once"),)
