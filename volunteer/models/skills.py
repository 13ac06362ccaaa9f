"""The catalogue of abilities and who holds them."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer


class Skill(Model):
    """An ability in the catalogue. ``kind``: skill, training (a gate before service) or language."""

    code = fields.CharField(max_length=40, primary_key=True)
    name = fields.CharField(max_length=60, unique=True)
    name_en = fields.CharField(max_length=80)
    discipline = fields.CharField(max_length=30)
    kind = fields.CharField(max_length=10, db_default="skill")

    class Meta:
        table = "skill"


class Inclusion(Model):
    """Who holds ``skill`` holds ``included`` at the same level too (南音 includes 洞箫 …). Transitive."""

    id = fields.IntField(primary_key=True)
    skill: fields.ForeignKeyRelation[Skill] = fields.ForeignKeyField(
        "volunteer.Skill", db_index=True, on_delete=fields.CASCADE, related_name="includes"
    )
    skill_id: str
    included: fields.ForeignKeyRelation[Skill] = fields.ForeignKeyField(
        "volunteer.Skill", db_index=True, on_delete=fields.CASCADE, related_name="included_in"
    )
    included_id: str

    class Meta:
        table = "inclusion"
        constraints = (UniqueConstraint(fields=("skill_id", "included_id"), name="one_inclusion"),)


class Qualification(Model):
    """One person's proven, perhaps expiring, hold of a skill at a level from 1 to 5."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="qualifications"
    )
    volunteer_id: UUID
    skill: fields.ForeignKeyRelation[Skill] = fields.ForeignKeyField(
        "volunteer.Skill", db_index=True, on_delete=fields.RESTRICT, related_name="qualifications"
    )
    skill_id: str
    level = fields.SmallIntField()
    evidence = fields.CharField(max_length=20, db_default="")
    valid_until = fields.DatetimeField(null=True)

    class Meta:
        table = "qualification"
        constraints = (
            UniqueConstraint(fields=("volunteer_id", "skill_id"), name="one_qualification"),
            CheckConstraint(check="level BETWEEN 1 AND 5", name="qualification_level"),
        )
