"""People of the network, the roles they hold, what they agreed to, and how they are signed in."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from volunteer.models.regions import Region


class Volunteer(Model):
    """A person. ``number`` is our own volunteer number, never an identity number (MZ/T 061-2015). ``lat``/``lon`` is
    the approximate point that distances are counted from: the township's unless the person gave a better one.
    Limits are minutes (of service) and kilometres. ``state``: registered, active, paused, suspended, exited."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=80)
    pinyin = fields.CharField(max_length=240, db_default="", db_index=True)
    gender = fields.CharField(max_length=1, db_default="")
    birth_date = fields.DateField(null=True)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="volunteers"
    )
    region_id: str
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    email = fields.CharField(max_length=254, null=True, unique=True)
    phone = fields.CharField(max_length=20, db_default="")
    language = fields.CharField(max_length=2, db_default="zh")
    languages: list[str] = fields.JSONField(default=list)
    likes: list[str] = fields.JSONField(default=list)
    limitations: list[str] = fields.JSONField(default=list)
    travel_mode = fields.CharField(max_length=10, db_default="bus")
    max_km = fields.FloatField(db_default=30.0)
    max_day = fields.IntField(db_default=480)
    max_week = fields.IntField(db_default=1200)
    max_month = fields.IntField(db_default=3600)
    max_events = fields.IntField(db_default=12)
    rest = fields.IntField(db_default=600)
    automated = fields.BooleanField(db_default=True)
    checked_until = fields.DateField(null=True)
    load = fields.IntField(db_default=0)
    no_shows = fields.IntField(db_default=0)
    state = fields.CharField(max_length=12, db_default="active", db_index=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "volunteer"
        constraints = (
            CheckConstraint(check="gender IN ('', 'f', 'm', 'x')", name="volunteer_gender"),
            CheckConstraint(check="language IN ('zh', 'en')", name="volunteer_language"),
            CheckConstraint(
                check="state IN ('registered', 'active', 'paused', 'suspended', 'exited')", name="volunteer_state"
            ),
            CheckConstraint(check="load >= 0 AND no_shows >= 0", name="volunteer_counts"),
        )


class Role(Model):
    """A role held in a unit or a region, never in both."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="roles"
    )
    volunteer_id: UUID
    role = fields.CharField(max_length=20)
    region: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="roles"
    )
    region_id: str | None
    unit: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "volunteer.Unit", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="roles"
    )
    unit_id: UUID | None
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)

    class Meta:
        table = "role"
        constraints = (CheckConstraint(check="num_nonnulls(region_id, unit_id) = 1", name="role_in_one_place"),)


class Consent(Model):
    """What a person agreed to, in which version of the text. ``purpose``: registration, automated, guardian …"""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="consents"
    )
    volunteer_id: UUID
    purpose = fields.CharField(max_length=20)
    version = fields.CharField(max_length=20)
    given_at = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"


class Block(Model):
    """Two people, or a person and a unit, who are not sent together (complaint, conflict)."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="blocks"
    )
    volunteer_id: UUID
    other: fields.ForeignKeyNullableRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", null=True, db_index=True, on_delete=fields.CASCADE, related_name="blocked_by"
    )
    other_id: UUID | None
    unit: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "volunteer.Unit", null=True, db_index=True, on_delete=fields.CASCADE, related_name="blocks"
    )
    unit_id: UUID | None
    since = fields.DatetimeField()

    class Meta:
        table = "block"
        constraints = (CheckConstraint(check="num_nonnulls(other_id, unit_id) = 1", name="block_one_side"),)


class Suspension(Model):
    """That somebody may not take part, said by whom and why; it holds as long as nobody lifts it. ``before``: the state
    that they go back to."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="suspensions"
    )
    volunteer_id: UUID
    reason = fields.CharField(max_length=300)
    before = fields.CharField(max_length=12)
    at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.UUIDField(null=True)

    class Meta:
        table = "suspension"
        constraints = (
            UniqueConstraint(fields=("volunteer_id",), name="one_open_suspension", condition="lifted_at IS NULL"),
            CheckConstraint(check="by_id <> volunteer_id", name="suspended_by_another"),
        )


class Session(Model):
    """A signed-in browser or an API token. Only the SHA-256 of its secret is stored; revoked by ``ended_at``."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="sessions"
    )
    volunteer_id: UUID
    kind = fields.CharField(max_length=10)
    digest = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"


class SigninCode(Model):
    """A one-time code and link that were mailed. Digests only; ``tries`` counts wrong guesses."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="codes"
    )
    volunteer_id: UUID
    code_digest = fields.CharField(max_length=64)
    link_digest = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)
    tries = fields.IntField(db_default=0)

    class Meta:
        table = "signin_code"
