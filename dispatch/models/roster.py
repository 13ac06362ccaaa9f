"""One volunteer bound to one need. An offer is an assignment waiting for its answer; the roster is a view of these."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Need
from volunteer.models import Volunteer


class Assignment(Model):
    """``occupies_from``/``occupies_until``: the shift with call time and get-out, copied so that the database itself
    refuses two overlapping accepted rows of one person. ``why``: [{goal, worth, data}] of the plan that chose it.
    ``source``: plan, hand, self, repair, wave. ``late``: cancelled after the cut-off.
    ``replaces_id``: the person's own accepted line that a yes gives up, ``then_id``: who is asked for that seat then.
    ``moved_at``: when the shift was last moved to other hours or elsewhere; whoever had said yes may leave at any time.
    ``team_offer_id``: asked with the whole team, whose leader answers. ``came_by``: code, qr, roll;
    ``near``: whether the phone was at the venue then (the place itself is not kept); ``guesses``: wrong codes typed.
    ``marked_by``: who last noted the attendance; ``excused``: an absence with a good reason; ``extra``: came though the
    seat was given to another, by a correction, whose reason is ``correction``."""

    id = fields.UUIDField(primary_key=True)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", db_index=True, on_delete=fields.RESTRICT, related_name="assignments"
    )
    need_id: UUID
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="assignments"
    )
    volunteer_id: UUID
    status = fields.CharField(max_length=12, db_index=True)
    source = fields.CharField(max_length=8)
    pinned = fields.BooleanField(db_default=False)
    late = fields.BooleanField(db_default=False)
    occupies_from = fields.DatetimeField()
    occupies_until = fields.DatetimeField()
    offered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True, db_index=True)
    answered_at = fields.DatetimeField(null=True)
    moved_at = fields.DatetimeField(null=True)
    decline_reason = fields.CharField(max_length=40, db_default="")
    checked_in_at = fields.DatetimeField(null=True)
    checked_out_at = fields.DatetimeField(null=True)
    came_by = fields.CharField(max_length=4, db_default="")
    near = fields.BooleanField(null=True)
    guesses = fields.SmallIntField(db_default=0)
    marked_by = fields.UUIDField(null=True)
    excused = fields.BooleanField(db_default=False)
    extra = fields.BooleanField(db_default=False)
    correction = fields.CharField(max_length=200, db_default="")
    draft_id = fields.UUIDField(null=True, db_index=True)
    replaces_id = fields.UUIDField(null=True)
    then_id = fields.UUIDField(null=True)
    team_offer_id = fields.UUIDField(null=True, db_index=True)
    why: list[dict[str, Any]] = fields.JSONField(default=list)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "assignment"
        constraints = (
            UniqueConstraint(
                fields=("need_id", "volunteer_id"),
                name="one_live_claim",
                condition="status IN ('offered', 'standby', 'accepted', 'checked_in', 'completed', 'no_show')",
            ),
            CheckConstraint(check="occupies_from < occupies_until", name="assignment_span"),
            CheckConstraint(
                check="status IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'filled', 'standby', "
                "'checked_in', 'cancelled', 'released', 'no_show', 'completed')",
                name="assignment_status",
            ),
            CheckConstraint(check="status <> 'offered' OR expires_at IS NOT NULL", name="offer_has_a_deadline"),
            CheckConstraint(check="source IN ('plan', 'hand', 'self', 'repair', 'wave')", name="assignment_source"),
            CheckConstraint(
                check="status NOT IN ('checked_in', 'completed') OR checked_in_at IS NOT NULL", name="who_came_came_at"
            ),
            CheckConstraint(
                check="checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="left_after_coming"
            ),
            CheckConstraint(check="came_by IN ('', 'code', 'qr', 'roll')", name="assignment_came_by"),
        )
