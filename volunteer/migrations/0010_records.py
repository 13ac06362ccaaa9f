"""Service records, the ledger of hours, objections."""

from volunteer import schema
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint


# What only SQL can say: one first record a service and one locked, one credit and one contra entry a record, one open objection a
# person; and that the ledger is only ever added to.
FORWARD = [
    "CREATE UNIQUE INDEX record_once ON service_record (cause) WHERE supersedes_id IS NULL",
    "CREATE UNIQUE INDEX record_locked_once ON service_record (cause) WHERE state = 'locked'",
    "CREATE INDEX record_due ON service_record (nudge_at) WHERE state IN ('proposed', 'confirmed', 'disputed')",
    "CREATE UNIQUE INDEX credit_once ON credit (record_id, kind)",
    "CREATE UNIQUE INDEX objection_open ON objection (record_id, volunteer_id) WHERE upheld IS NULL",
    """CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$""",
    "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON credit FOR EACH ROW EXECUTE FUNCTION only_added()",
]
BACKWARD = [
    "DROP TRIGGER only_added ON credit",
    "DROP FUNCTION only_added",
    "DROP INDEX objection_open",
    "DROP INDEX credit_once",
    "DROP INDEX record_due",
    "DROP INDEX record_locked_once",
    "DROP INDEX record_once",
]


class Migration(schema.Migration):
    dependencies = [("volunteer", "0009_checks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ServiceRecord",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="service_records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("cause", fields.UUIDField(db_index=True)),
                ("matter", fields.UUIDField(db_index=True)),
                ("title", fields.CharField(max_length=200)),
                ("title_en", fields.CharField(db_default="", max_length=200)),
                ("place", fields.CharField(db_default="", max_length=120)),
                ("content", fields.CharField(db_default="", max_length=60)),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "volunteer.Unit",
                        source_field="unit_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="service_records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="service_records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("organiser_id", fields.UUIDField(null=True)),
                (
                    "leaders",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("source", fields.CharField(max_length=8)),
                ("plan_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("plan_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("came_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("left_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("unit_minutes", fields.SmallIntField()),
                ("least_percent", fields.SmallIntField()),
                ("notice_days", fields.SmallIntField()),
                ("minutes", fields.IntField()),
                ("overtime", fields.IntField(db_default=0)),
                ("reason", fields.CharField(db_default="", max_length=300)),
                ("evidence", fields.CharField(db_default="", max_length=500)),
                ("state", fields.CharField(db_index=True, db_default="proposed", max_length=12)),
                ("asked_by", fields.UUIDField(null=True)),
                ("overtime_by", fields.UUIDField(null=True)),
                ("confirmed_by", fields.UUIDField(null=True)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_by", fields.UUIDField(null=True)),
                ("notice_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("notice_until", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("locked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("nudge_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("late_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("supersedes_id", fields.UUIDField(null=True, unique=True)),
                ("version", fields.IntField(db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "service_record",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "One service of one person, as 《志愿服务记录与证明出具办法（试行）》 art. 7 wants it: what, when, where, what was",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Credit",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "volunteer.ServiceRecord",
                        source_field="record_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="credits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="credits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("minutes", fields.IntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "credit",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "The ledger: minutes credited when a record was locked, and taken back (``contra``, below zero) when another took",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Objection",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "volunteer.ServiceRecord",
                        source_field="record_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="objections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="volunteer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="objections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=300)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("upheld", fields.BooleanField(null=True)),
                ("answer", fields.CharField(db_default="", max_length=300)),
                ("settled_by", fields.UUIDField(null=True)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "objection",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "What somebody says against a record under public notice, and how it ended. ``upheld`` null = not settled.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="state IN ('proposed', 'confirmed', 'under_notice', 'locked', 'disputed', 'corrected')",
                name="record_state",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(check="source IN ('checkin', 'roll', 'makeup')", name="record_source"),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="unit_minutes > 0 AND minutes >= 0 AND minutes % unit_minutes = 0 AND overtime >= 0 AND minutes * interval '1 minute' <= plan_until - plan_from + overtime * interval '1 minute'",
                name="record_hours",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(check="plan_from < plan_until AND came_at <= left_at", name="record_spans"),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="confirmed_by <> volunteer_id AND confirmed_by <> asked_by AND confirmed_by <> overtime_by",
                name="record_confirmed_by_another",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="signed_by <> volunteer_id AND signed_by <> confirmed_by AND signed_by <> organiser_id AND signed_by <> asked_by AND signed_by <> overtime_by AND NOT leaders @> to_jsonb(signed_by::text)",
                name="record_signed_by_a_third",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="overtime_by <> volunteer_id AND overtime_by <> asked_by",
                name="record_overtime_by_another",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(check="source <> 'makeup' OR evidence <> ''", name="record_evidence"),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="state NOT IN ('under_notice', 'locked') OR (confirmed_by IS NOT NULL AND signed_by IS NOT NULL AND notice_from < notice_until)",
                name="record_signed_twice",
            ),
        ),
        ops.AddConstraint(
            model_name="ServiceRecord",
            constraint=CheckConstraint(check="state <> 'locked' OR locked_at >= notice_until", name="record_noticed"),
        ),
        ops.AddConstraint(
            model_name="Credit",
            constraint=CheckConstraint(
                check="kind = 'credit' AND minutes >= 0 OR kind = 'contra' AND minutes <= 0", name="credit_kind"
            ),
        ),
        ops.AddConstraint(
            model_name="Objection",
            constraint=CheckConstraint(check="settled_by <> volunteer_id", name="objection_settled_by_another"),
        ),
        ops.AddConstraint(
            model_name="Objection",
            constraint=CheckConstraint(check="(upheld IS NULL) = (settled_at IS NULL)", name="objection_settled"),
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
