"""A team asked as a whole."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from dispatch.models.events import Need
from volunteer.models import Team


class TeamOffer(Model):
    """The lines of the members who are asked name it; its leader answers for all of them. ``answered_by``: who did."""

    id = fields.UUIDField(primary_key=True)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "dispatch.Need", db_index=True, on_delete=fields.RESTRICT, related_name="team_offers"
    )
    need_id: UUID
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "volunteer.Team", db_index=True, on_delete=fields.RESTRICT, related_name="team_offers"
    )
    team_id: UUID
    state = fields.CharField(max_length=10, db_default="offered")
    offered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.UUIDField(null=True)
    version = fields.IntField(db_default=1)

    class Meta:
        table = "team_offer"
        constraints = (
            UniqueConstraint(
                fields=("need_id", "team_id"), name="one_open_offer_a_team", condition="state = 'offered'"
            ),
            CheckConstraint(
                check="state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn')", name="team_offer_state"
            ),
        )
