"""Organisations of the alliance and the teams that can be sent as one."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer
from volunteer.models.regions import Region


class Unit(Model):
    """An organisation: culture centre, library, museum, township station, village centre, school, troupe …"""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=30)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="units"
    )
    region_id: str
    state = fields.CharField(max_length=12, db_default="active")
    created_at = fields.DatetimeField()

    class Meta:
        table = "unit"
        constraints = (UniqueConstraint(fields=("region_id", "name"), name="unit_name_once_per_region"),)


class Team(Model):
    """Goes whole: at least ``min_cast`` members serve, or nobody."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "volunteer.Unit", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="teams"
    )
    unit_id: UUID | None
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="teams"
    )
    region_id: str
    min_cast = fields.IntField(db_default=1)
    skills: list[str] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()

    class Meta:
        table = "team"
        constraints = (CheckConstraint(check="min_cast BETWEEN 1 AND 1000", name="team_min_cast"),)


class Membership(Model):
    id = fields.UUIDField(primary_key=True)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "volunteer.Team", db_index=True, on_delete=fields.CASCADE, related_name="memberships"
    )
    team_id: UUID
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="memberships"
    )
    volunteer_id: UUID
    leads = fields.BooleanField(db_default=False)

    class Meta:
        table = "membership"
        constraints = (UniqueConstraint(fields=("team_id", "volunteer_id"), name="one_membership"),)
