from volunteer import schema
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    initial = True
    dependencies = [("volunteer", "0001_ground")]

    operations = [
        ops.CreateModel(
            name="Draft",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="drafts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("window_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("window_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(db_index=True, db_default="running", max_length=10)),
                ("seed", fields.IntField(db_default=0)),
                ("seconds", fields.IntField(db_default=30)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("fence", fields.IntField(db_default=0)),
                ("beat_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "progress",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("status", fields.CharField(db_default="", max_length=10)),
                ("score", fields.BigIntField(null=True)),
                ("bound", fields.BigIntField(null=True)),
                ("gap", fields.FloatField(null=True)),
                ("mandatory", fields.IntField(null=True)),
                ("filled", fields.IntField(null=True)),
                ("most", fields.IntField(null=True)),
                ("digest", fields.CharField(db_default="", max_length=64)),
                (
                    "summary",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("error", fields.CharField(db_default="", max_length=300)),
                ("version", fields.IntField(db_default=1)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "draft",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "``progress``: the planner's last progress line. ``summary``: the plan without its choices (score, bound, parts,",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Order",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("title", fields.CharField(max_length=120)),
                ("mode", fields.CharField(max_length=12)),
                ("channel", fields.CharField(max_length=10)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "requester",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="requester_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "wish",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("state", fields.CharField(db_index=True, db_default="draft", max_length=12)),
                ("answer_by", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "service_order",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "``channel``: phone, web, call, visit, proxy. ``wish``: what is asked for (mode, skills, time windows) as given.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Series",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=120)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="series",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "series",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "Events that belong together, such as the sessions of one tutoring point: one tutor serves them all.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("title", fields.CharField(max_length=200)),
                ("title_en", fields.CharField(db_default="", max_length=200)),
                ("mode", fields.CharField(max_length=12)),
                ("state", fields.CharField(db_index=True, db_default="draft", max_length=12)),
                ("phase", fields.CharField(db_default="open", max_length=12)),
                ("priority", fields.SmallIntField(db_default=3)),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "volunteer.Unit",
                        source_field="unit_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
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
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "series",
                    fields.ForeignKeyField(
                        "dispatch.Series",
                        source_field="series_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "order",
                    fields.ForeignKeyField(
                        "dispatch.Order",
                        source_field="order_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "organiser",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="organiser_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="organises",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("leader", fields.BooleanField(db_default=False)),
                ("quorum", fields.IntField(db_default=0)),
                ("expected_attendance", fields.IntField(db_default=0)),
                ("description", fields.TextField(db_default="", unique=False)),
                ("risk_notice", fields.CharField(db_default="", max_length=500)),
                ("source", fields.CharField(db_default="", max_length=60)),
                ("source_uid", fields.CharField(null=True, max_length=200)),
                ("starts_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("locks_at", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "event",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "``priority`` 1..5, 5 highest. ``leader``: runs only with its leader need full; ``quorum``: only with so many on",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Venue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=120)),
                ("kind", fields.CharField(db_default="", max_length=30)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="venues",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("lat", fields.FloatField(null=True)),
                ("lon", fields.FloatField(null=True)),
                ("approximate", fields.BooleanField(db_default=True)),
                ("zone", fields.CharField(db_default="Asia/Shanghai", max_length=40)),
            ],
            options={
                "table": "venue",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "``approximate``: the point is a township's synthetic one, shown as such.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Shift",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "dispatch.Event",
                        source_field="event_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shifts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "dispatch.Venue",
                        source_field="venue_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shifts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("call", fields.SmallIntField(db_default=0)),
                ("out", fields.SmallIntField(db_default=0)),
            ],
            options={
                "table": "shift",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "A half-open span at a venue. ``call``: minutes before the start that people arrive; ``out``: after its end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Need",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "shift",
                    fields.ForeignKeyField(
                        "dispatch.Shift",
                        source_field="shift_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="needs",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("role", fields.CharField(max_length=60)),
                ("min", fields.IntField(db_default=1)),
                ("desired", fields.IntField(db_default=1)),
                ("max", fields.IntField(db_default=1)),
                ("taken", fields.IntField(db_default=0)),
                (
                    "asks",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "languages",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "demands",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("age_min", fields.SmallIntField(db_default=0)),
                ("age_max", fields.SmallIntField(db_default=150)),
                ("near_minors", fields.BooleanField(db_default=False)),
                ("leader", fields.BooleanField(db_default=False)),
                (
                    "team",
                    fields.ForeignKeyField(
                        "volunteer.Team",
                        source_field="team_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("mode", fields.CharField(db_default="reserve", max_length=8)),
                ("version", fields.IntField(db_default=1)),
            ],
            options={
                "table": "need",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "So many people in one role on one shift. ``min`` mandatory, up to ``desired`` wished, never above ``max``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Assignment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="assignments",
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
                        related_name="assignments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(db_index=True, max_length=12)),
                ("source", fields.CharField(max_length=8)),
                ("pinned", fields.BooleanField(db_default=False)),
                ("late", fields.BooleanField(db_default=False)),
                ("occupies_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("occupies_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("offered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decline_reason", fields.CharField(db_default="", max_length=40)),
                ("checked_in_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checked_out_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("draft_id", fields.UUIDField(null=True, db_index=True)),
                (
                    "why",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("version", fields.IntField(db_default=1)),
            ],
            options={
                "table": "assignment",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "``occupies_from``/``occupies_until``: the shift with call time and get-out, copied so that the database itself",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Change",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "draft",
                    fields.ForeignKeyField(
                        "dispatch.Draft",
                        source_field="draft_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="changes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "dispatch.Need",
                        source_field="need_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="changes",
                        on_delete=OnDelete.CASCADE,
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
                        related_name="changes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=10)),
                ("worth", fields.BigIntField(db_default=0)),
                (
                    "why",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("runner_up_id", fields.UUIDField(null=True)),
                ("margin", fields.BigIntField(null=True)),
                ("outcome", fields.CharField(db_default="", max_length=8)),
                ("stale_rule", fields.CharField(db_default="", max_length=30)),
            ],
            options={
                "table": "draft_change",
                "app": "dispatch",
                "pk_attr": "id",
                "table_description": "One difference between the plan and the roster. ``kind``: offer or withdraw. ``outcome`` after publishing:",
            },
            bases=["Model"],
        ),
    ]
