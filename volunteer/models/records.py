"""Service records, what is said against them, and the ledger of hours."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer
from volunteer.models.regions import Region
from volunteer.models.units import Unit

# Of the people who sign: nobody for themselves, nobody twice, the recorder being none of those who ran the service.
_CONFIRMED = "confirmed_by <> volunteer_id AND confirmed_by <> asked_by AND confirmed_by <> overtime_by"
_SIGNED = (
    "signed_by <> volunteer_id AND signed_by <> confirmed_by AND signed_by <> organiser_id AND signed_by <> asked_by "
    "AND signed_by <> overtime_by AND NOT leaders @> to_jsonb(signed_by::text)"
)
_EXTENDED = "overtime_by <> volunteer_id AND overtime_by <> asked_by"


class ServiceRecord(Model):
    """One service of one person, as 《志愿服务记录与证明出具办法（试行）》 art. 7 wants it: what, when, where, what was
    done, how long, which organisation, who was responsible.

    ``cause``: what was served (an assignment), ``matter``: what it was part of (an event); ``content``: the role.
    ``source``: checkin, roll, makeup. ``leaders``: who led on the spot. ``plan_from``/``plan_until``, ``came_at``/
    ``left_at``: what was planned, and what was. ``unit_minutes``, ``least_percent``, ``notice_days``: the terms it was
    made under. ``minutes``: what is proposed, then confirmed. ``overtime``: minutes beyond the plan that a second
    person approved. ``reason``: why fewer than counted, or few of the plan, or why it was corrected; ``evidence``: what
    shows made-up hours. ``asked_by``: who asked for made-up hours. ``nudge_at``, ``late_at``, ``due_at``: when whoever
    must sign is reminded, when those above them are told, when it had to be recorded. ``supersedes_id``: the record
    that this one corrects."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="service_records"
    )
    volunteer_id: UUID
    cause = fields.UUIDField(db_index=True)
    matter = fields.UUIDField(db_index=True)
    title = fields.CharField(max_length=200)
    title_en = fields.CharField(max_length=200, db_default="")
    place = fields.CharField(max_length=120, db_default="")
    content = fields.CharField(max_length=60, db_default="")
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "volunteer.Unit", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="service_records"
    )
    unit_id: UUID | None
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "volunteer.Region", db_index=True, on_delete=fields.RESTRICT, related_name="service_records"
    )
    region_id: str
    organiser_id = fields.UUIDField(null=True)
    leaders: list[str] = fields.JSONField(default=list)
    source = fields.CharField(max_length=8)
    plan_from = fields.DatetimeField()
    plan_until = fields.DatetimeField()
    came_at = fields.DatetimeField()
    left_at = fields.DatetimeField()
    unit_minutes = fields.SmallIntField()
    least_percent = fields.SmallIntField()
    notice_days = fields.SmallIntField()
    minutes = fields.IntField()
    overtime = fields.IntField(db_default=0)
    reason = fields.CharField(max_length=300, db_default="")
    evidence = fields.CharField(max_length=500, db_default="")
    state = fields.CharField(max_length=12, db_default="proposed", db_index=True)
    asked_by = fields.UUIDField(null=True)
    overtime_by = fields.UUIDField(null=True)
    confirmed_by = fields.UUIDField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    signed_by = fields.UUIDField(null=True)
    notice_from = fields.DatetimeField(null=True)
    notice_until = fields.DatetimeField(null=True, db_index=True)
    locked_at = fields.DatetimeField(null=True)
    nudge_at = fields.DatetimeField()
    late_at = fields.DatetimeField()
    due_at = fields.DatetimeField(db_index=True)
    supersedes_id = fields.UUIDField(null=True, unique=True)
    version = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "service_record"
        constraints = (
            CheckConstraint(
                check="state IN ('proposed', 'confirmed', 'under_notice', 'locked', 'disputed', 'corrected')",
                name="record_state",
            ),
            CheckConstraint(check="source IN ('checkin', 'roll', 'makeup')", name="record_source"),
            CheckConstraint(
                check="unit_minutes > 0 AND minutes >= 0 AND minutes % unit_minutes = 0 AND overtime >= 0 AND "
                "minutes * interval '1 minute' <= plan_until - plan_from + overtime * interval '1 minute'",
                name="record_hours",
            ),
            CheckConstraint(check="plan_from < plan_until AND came_at <= left_at", name="record_spans"),
            CheckConstraint(check=_CONFIRMED, name="record_confirmed_by_another"),
            CheckConstraint(check=_SIGNED, name="record_signed_by_a_third"),
            CheckConstraint(check=_EXTENDED, name="record_overtime_by_another"),
            CheckConstraint(check="source <> 'makeup' OR evidence <> ''", name="record_evidence"),
            CheckConstraint(
                check="state NOT IN ('under_notice', 'locked') OR (confirmed_by IS NOT NULL AND signed_by IS NOT NULL "
                "AND notice_from < notice_until)",
                name="record_signed_twice",
            ),
            CheckConstraint(check="state <> 'locked' OR locked_at >= notice_until", name="record_noticed"),
        )


class Credit(Model):
    """The ledger: minutes credited when a record was locked, and taken back (``contra``, below zero) when another took
    its place. Rows are only ever added; the database refuses to change or drop one."""

    id = fields.UUIDField(primary_key=True)
    record: fields.ForeignKeyRelation[ServiceRecord] = fields.ForeignKeyField(
        "volunteer.ServiceRecord", db_index=True, on_delete=fields.RESTRICT, related_name="credits"
    )
    record_id: UUID
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="credits"
    )
    volunteer_id: UUID
    kind = fields.CharField(max_length=8)
    minutes = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        table = "credit"
        constraints = (
            CheckConstraint(
                check="kind = 'credit' AND minutes >= 0 OR kind = 'contra' AND minutes <= 0", name="credit_kind"
            ),
        )


class Objection(Model):
    """What somebody says against a record under public notice, and how it ended. ``upheld`` null = not settled."""

    id = fields.UUIDField(primary_key=True)
    record: fields.ForeignKeyRelation[ServiceRecord] = fields.ForeignKeyField(
        "volunteer.ServiceRecord", db_index=True, on_delete=fields.RESTRICT, related_name="objections"
    )
    record_id: UUID
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.RESTRICT, related_name="objections"
    )
    volunteer_id: UUID
    reason = fields.CharField(max_length=300)
    at = fields.DatetimeField()
    upheld = fields.BooleanField(null=True)
    answer = fields.CharField(max_length=300, db_default="")
    settled_by = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "objection"
        constraints = (
            CheckConstraint(check="settled_by <> volunteer_id", name="objection_settled_by_another"),
            CheckConstraint(check="(upheld IS NULL) = (settled_at IS NULL)", name="objection_settled"),
        )
