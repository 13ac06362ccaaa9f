"""Seats that people give each other, as long as not all have said yes, and how that ended."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Need
from dispatch.models.roster import Assignment
from volunteer.models import Volunteer


class Swap(Model):
    """``kind``: swap (each gives a seat for another's, two or three people) or handover (one seat goes to a
    colleague). ``given_id``: the proposer's own line; it stands in one open swap at most. ``approval``: a coordinator
    has the last word. ``reason``: why it ended without effect (no, withdrawn, time, changed, coordinator).
    ``by_id``: who said no, or the coordinator who
    had the last word."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=8)
    state = fields.CharField(max_length=8, db_default="proposed")
    proposer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="swaps"
    )
    proposer_id: UUID
    given: fields.ForeignKeyRelation[Assignment] = fields.ForeignKeyField(
        "dispatch.Assignment", db_index=True, on_delete=fields.RESTRICT, related_name="swaps"
    )
    given_id: UUID
    approval = fields.BooleanField(db_default=False)
    reason = fields.CharField(max_length=12, db_default="")
    by_id = fields.UUIDField(null=True)
    proposed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "swap"
        constraints = (
            UniqueConstraint(
                fields=("given_id",), name="one_open_swap_a_seat", condition="state IN ('proposed', 'agreed')"
            ),
            CheckConstraint(check="kind IN ('swap', 'handover')", name="swap_kind"),
            CheckConstraint(check="state IN ('proposed', 'agreed', 'done', 'refused', 'lapsed')", name="swap_state"),
            CheckConstraint(
                check="(state IN ('done', 'refused', 'lapsed')) = (ended_at IS NOT NULL)", name="swap_ends_once"
            ),
        )


class SwapSide(Model):
    """One person of a swap, in the order in which seats are passed on. ``line``: the seat that they give (none: who
    only takes one over), ``need``: the one that they get (none: who only gives). ``agreed_at``: their yes."""

    id = fields.UUIDField(primary_key=True)
    swap: fields.ForeignKeyRelation[Swap] = fields.ForeignKeyField(
        "dispatch.Swap", db_index=True, on_delete=fields.CASCADE, related_name="sides"
    )
    swap_id: UUID
    place = fields.SmallIntField()
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="swap_sides"
    )
    volunteer_id: UUID
    line: fields.ForeignKeyNullableRelation[Assignment] = fields.ForeignKeyField(
        "dispatch.Assignment", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="swap_sides"
    )
    line_id: UUID | None
    need: fields.ForeignKeyNullableRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="swap_sides"
    )
    need_id: UUID | None
    agreed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "swap_side"
        constraints = (
            UniqueConstraint(fields=("swap_id", "volunteer_id"), name="one_side_a_person"),
            UniqueConstraint(fields=("swap_id", "place"), name="one_side_a_place"),
            CheckConstraint(check="num_nonnulls(line_id, need_id) >= 1", name="side_gives_or_gets"),
        )
