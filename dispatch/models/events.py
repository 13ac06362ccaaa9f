"""Events, their shifts and what each shift needs, and where they take place."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from volunteer.models import Region, Team, Unit, Volunteer

MODES = "mode IN ('tutoring', 'training', 'performance', 'support')"


class Venue(Model):
    """``approximate``: the point is a township's synthetic one, shown as such."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=30, db_default="")
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="venues"
    )
    region_id: str
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    approximate = fields.BooleanField(db_default=True)
    zone = fields.CharField(max_length=40, db_default="Asia/Shanghai")

    class Meta:
        table = "venue"
        constraints = (UniqueConstraint(fields=("region_id", "name"), name="venue_name_once_per_region"),)


class Series(Model):
    """Events that belong together, such as the sessions of one tutoring point: one tutor serves them all."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="series"
    )
    region_id: str

    class Meta:
        table = "series"


class Event(Model):
    """``priority`` 1..5, 5 highest. ``leader``: runs only with its leader need full; ``quorum``: only with so many on
    each shift (0 = none). ``phase`` while published: open or supervised. ``risk_notice`` must not be empty before
    publishing (志愿服务条例 art. 12). ``source``/``source_uid`` recognise an imported item when it comes again."""

    id = fields.UUIDField(primary_key=True)
    title = fields.CharField(max_length=200)
    title_en = fields.CharField(max_length=200, db_default="")
    mode = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12, db_default="draft", db_index=True)
    phase = fields.CharField(max_length=12, db_default="open")
    priority = fields.SmallIntField(db_default=3)
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "volunteer.Unit", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="events"
    )
    unit_id: UUID | None
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="events"
    )
    region_id: str
    series: fields.ForeignKeyNullableRelation[Series] = fields.ForeignKeyField(
        "dispatch.Series", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="events"
    )
    series_id: UUID | None
    order: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "dispatch.Order", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="events"
    )
    order_id: UUID | None
    organiser: fields.ForeignKeyNullableRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", null=True, db_index=True, on_delete=fields.SET_NULL, related_name="organises"
    )
    organiser_id: UUID | None
    leader = fields.BooleanField(db_default=False)
    quorum = fields.IntField(db_default=0)
    expected_attendance = fields.IntField(db_default=0)
    description = fields.TextField(db_default="")
    risk_notice = fields.CharField(max_length=500, db_default="")
    source = fields.CharField(max_length=60, db_default="")
    source_uid = fields.CharField(max_length=200, null=True)
    starts_at = fields.DatetimeField(db_index=True)
    ends_at = fields.DatetimeField()
    locks_at = fields.DatetimeField(null=True, db_index=True)
    version = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "event"
        constraints = (
            UniqueConstraint(fields=("source", "source_uid"), name="imported_once"),
            CheckConstraint(check=MODES, name="event_mode"),
            CheckConstraint(check="priority BETWEEN 1 AND 5", name="event_priority"),
            CheckConstraint(check="quorum >= 0", name="event_quorum"),
            CheckConstraint(check="starts_at < ends_at", name="event_span"),
            CheckConstraint(check="phase IN ('open', 'supervised')", name="event_phase"),
            CheckConstraint(
                check="state IN ('draft', 'published', 'locked', 'running', 'finished', 'closed', 'postponed', "
                "'cancelled')",
                name="event_state",
            ),
        )


class Shift(Model):
    """A half-open span at a venue. ``call``: minutes before the start that people arrive; ``out``: after its end.
    ``secret``: what the sign-in codes of this shift are made from; it never leaves the server."""

    id = fields.UUIDField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "dispatch.Event", db_index=True, on_delete=fields.CASCADE, related_name="shifts"
    )
    event_id: UUID
    venue: fields.ForeignKeyRelation[Venue] = fields.ForeignKeyField(
        "dispatch.Venue", db_index=True, on_delete=fields.RESTRICT, related_name="shifts"
    )
    venue_id: UUID
    starts_at = fields.DatetimeField(db_index=True)
    ends_at = fields.DatetimeField()
    call = fields.SmallIntField(db_default=0)
    out = fields.SmallIntField(db_default=0)
    secret = fields.UUIDField(db_default=SqlDefault("gen_random_uuid()"))

    class Meta:
        table = "shift"
        constraints = (
            CheckConstraint(check="starts_at < ends_at", name="shift_span"),
            CheckConstraint(check='call BETWEEN 0 AND 1440 AND "out" BETWEEN 0 AND 1440', name="shift_margins"),
        )


class Need(Model):
    """So many people in one role on one shift; none (``max`` 0) when the need was called off.
    ``min`` mandatory, up to ``desired`` wished, never above ``max``.
    ``taken`` counts accepted, checked in and completed; the database refuses one above ``max``.
    ``mentor_role``: these are learners' seats, up to ``per_mentor`` for each person who serves in that role on the
    same shift.
    ``asks``: [{"skill": code, "level": 1..5}]. ``mode``: reserve (an offer holds a seat) or race (first yes wins)."""

    id = fields.UUIDField(primary_key=True)
    shift: fields.ForeignKeyRelation[Shift] = fields.ForeignKeyField(
        "dispatch.Shift", db_index=True, on_delete=fields.CASCADE, related_name="needs"
    )
    shift_id: UUID
    role = fields.CharField(max_length=60)
    min = fields.IntField(db_default=1)
    desired = fields.IntField(db_default=1)
    max = fields.IntField(db_default=1)
    taken = fields.IntField(db_default=0)
    asks: list[dict[str, Any]] = fields.JSONField(default=list)
    languages: list[str] = fields.JSONField(default=list)
    demands: list[str] = fields.JSONField(default=list)
    age_min = fields.SmallIntField(db_default=0)
    age_max = fields.SmallIntField(db_default=150)
    near_minors = fields.BooleanField(db_default=False)
    leader = fields.BooleanField(db_default=False)
    team: fields.ForeignKeyNullableRelation[Team] = fields.ForeignKeyField(
        "volunteer.Team", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="needs"
    )
    team_id: UUID | None
    mentor_role = fields.CharField(max_length=60, db_default="")
    per_mentor = fields.SmallIntField(db_default=1)
    mode = fields.CharField(max_length=8, db_default="reserve")
    version = fields.IntField(db_default=1)

    class Meta:
        table = "need"
        constraints = (
            CheckConstraint(check="0 <= min AND min <= desired AND desired <= max AND max >= 0", name="need_counts"),
            CheckConstraint(check="taken BETWEEN 0 AND max", name="need_capacity"),
            CheckConstraint(check="0 <= age_min AND age_min <= age_max", name="need_ages"),
            CheckConstraint(check="mode IN ('reserve', 'race')", name="need_mode"),
            CheckConstraint(check="per_mentor >= 1 AND mentor_role <> role", name="need_mentors"),
        )
