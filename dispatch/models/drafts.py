"""A planner run and what it proposes: stored, awaiting a coordinator's yes."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Need
from volunteer.models import Region, Volunteer


class Draft(Model):
    """``progress``: the planner's last progress line, and in ``curve`` how score and bound came together. ``summary``:
    the plan without its lines and holes (parts, events that are off, measures). ``assumptions``: what was assumed
    otherwise than it is; ``hypothetical``: so much otherwise that nobody could carry the plan out. ``fence`` rises with
    each worker that takes the run: a result with an older one is dropped. ``gap`` = (bound - score) / bound, proven."""

    id = fields.UUIDField(primary_key=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="drafts"
    )
    region_id: str
    window_from = fields.DatetimeField()
    window_until = fields.DatetimeField()
    state = fields.CharField(max_length=10, db_default="running", db_index=True)
    seed = fields.IntField(db_default=0)
    seconds = fields.IntField(db_default=30)
    by: fields.ForeignKeyNullableRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="drafts"
    )
    by_id: UUID | None
    fence = fields.IntField(db_default=0)
    beat_at = fields.DatetimeField(null=True)
    progress: dict[str, Any] = fields.JSONField(default=dict)
    status = fields.CharField(max_length=10, db_default="")
    score = fields.BigIntField(null=True)
    bound = fields.BigIntField(null=True)
    gap = fields.FloatField(null=True)
    mandatory = fields.IntField(null=True)
    filled = fields.IntField(null=True)
    most = fields.IntField(null=True)
    digest = fields.CharField(max_length=64, db_default="")
    summary: dict[str, Any] = fields.JSONField(default=dict)
    assumptions: dict[str, Any] | None = fields.JSONField(null=True)
    hypothetical = fields.BooleanField(db_default=False)
    error = fields.CharField(max_length=300, db_default="")
    version = fields.IntField(db_default=1)
    created_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "draft"
        constraints = (
            UniqueConstraint(fields=("region_id",), name="one_running_draft", condition="state = 'running'"),
            CheckConstraint(check="window_from < window_until", name="draft_window"),
            CheckConstraint(
                check="state IN ('running', 'ready', 'failed', 'cancelled', 'published', 'discarded')",
                name="draft_state",
            ),
        )


class DraftPart(Model):
    """A part of a large run, as bytes of the planner's. ``fence``: of the run that asked; ``beat_at``: when somebody
    was last at work on it; ``answer``: the candidates that it chooses, once."""

    id = fields.UUIDField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "dispatch.Draft", db_index=True, on_delete=fields.CASCADE, related_name="parted"
    )
    draft_id: UUID
    fence = fields.IntField()
    number = fields.IntField()
    data = fields.BinaryField()
    answer: list[int] | None = fields.JSONField(null=True)
    beat_at = fields.DatetimeField(null=True)

    class Meta:
        table = "draft_part"
        constraints = (UniqueConstraint(fields=("draft_id", "fence", "number"), name="draft_part_once"),)


class Change(Model):
    """One difference between the plan and the roster. ``kind``: offer or withdraw. ``outcome`` after publishing:
    done or stale, with the broken rule in ``stale_rule``."""

    id = fields.UUIDField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "dispatch.Draft", db_index=True, on_delete=fields.CASCADE, related_name="changes"
    )
    draft_id: UUID
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", db_index=True, on_delete=fields.CASCADE, related_name="changes"
    )
    need_id: UUID
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="changes"
    )
    volunteer_id: UUID
    kind = fields.CharField(max_length=10)
    worth = fields.BigIntField(db_default=0)
    why: list[dict[str, Any]] = fields.JSONField(default=list)
    runner_up_id = fields.UUIDField(null=True)
    margin = fields.BigIntField(null=True)
    outcome = fields.CharField(max_length=8, db_default="")
    stale_rule = fields.CharField(max_length=30, db_default="")

    class Meta:
        table = "draft_change"
        constraints = (
            CheckConstraint(check="kind IN ('offer', 'withdraw')", name="change_kind"),
            CheckConstraint(check="outcome IN ('', 'done', 'stale')", name="change_outcome"),
        )


class Hole(Model):
    """A need that the plan leaves below its wish. ``found``: the planner's words on it (``planner.plan.Unmet``)."""

    id = fields.UUIDField(primary_key=True)
    draft: fields.ForeignKeyRelation[Draft] = fields.ForeignKeyField(
        "dispatch.Draft", db_index=True, on_delete=fields.CASCADE, related_name="holes"
    )
    draft_id: UUID
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", db_index=True, on_delete=fields.CASCADE, related_name="holes"
    )
    need_id: UUID
    missing = fields.IntField()
    wished = fields.IntField()
    found: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "draft_hole"
