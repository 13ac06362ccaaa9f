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

    operations = [
        ops.CreateModel(
            name="Entry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(max_length=60)),
                ("seq", fields.BigIntField()),
                ("at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=40)),
                ("ref", fields.UUIDField(null=True, db_index=True)),
                ("actor", fields.UUIDField(null=True)),
                (
                    "body",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "entry",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "One fact that happened, once per audience. ``body`` holds ids, statuses, counts: never names or numbers.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Epoch",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ("value", fields.CharField(max_length=32)),
            ],
            options={
                "table": "epoch",
                "app": "volunteer",
                "pk_attr": "name",
                "table_description": "One row. A new value tells every client that numbers before it mean nothing (restore from a backup).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("scope", fields.CharField(max_length=300)),
                ("key", fields.CharField(max_length=255)),
                ("digest", fields.CharField(max_length=64)),
                ("status", fields.SmallIntField(db_default=0)),
                ("answer", fields.BinaryField(null=True)),
                ("at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "An answered request: same key, same body, same answer. ``scope`` = actor, method and path.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Region",
            fields=[
                ("code", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=12)),
                ("name", fields.CharField(max_length=80)),
                ("pinyin", fields.CharField(db_default="", max_length=240)),
                ("level", fields.CharField(max_length=10)),
                ("kind", fields.CharField(max_length=20)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="parent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("active", fields.BooleanField(db_default=True)),
                ("lat", fields.FloatField(null=True)),
                ("lon", fields.FloatField(null=True)),
                ("point", fields.CharField(db_default="", max_length=12)),
            ],
            options={
                "table": "region",
                "app": "volunteer",
                "pk_attr": "code",
                "table_description": "``code`` is the division code: 4 digits city, 6 county, 9 township, 12 village, so that a region holds exactly",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Skill",
            fields=[
                ("code", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("name", fields.CharField(unique=True, max_length=60)),
                ("name_en", fields.CharField(max_length=80)),
                ("discipline", fields.CharField(max_length=30)),
                ("kind", fields.CharField(db_default="skill", max_length=10)),
            ],
            options={
                "table": "skill",
                "app": "volunteer",
                "pk_attr": "code",
                "table_description": "An ability in the catalogue. ``kind``: skill, training (a gate before service) or language.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Inclusion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "skill",
                    fields.ForeignKeyField(
                        "volunteer.Skill",
                        source_field="skill_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="includes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "included",
                    fields.ForeignKeyField(
                        "volunteer.Skill",
                        source_field="included_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="included_in",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "inclusion",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "Who holds ``skill`` holds ``included`` at the same level too (南音 includes 洞箫 …). Transitive.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Tick",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("job", fields.CharField(max_length=40)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("fence", fields.BigIntField(db_default=0)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "tick",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "One due run of a sweep: several clocks may tick, one row exists.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Topic",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60)),
                ("seq", fields.BigIntField(db_default=0)),
                ("touched_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "topic",
                "app": "volunteer",
                "pk_attr": "name",
                "table_description": "An audience, and the number of its newest entry. Bumped inside the writing transaction: no gaps, commit order.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Unit",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=120)),
                ("kind", fields.CharField(max_length=30)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="units",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(db_default="active", max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "unit",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "An organisation: culture centre, library, museum, township station, village centre, school, troupe …",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Team",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=120)),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "volunteer.Unit",
                        source_field="unit_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="teams",
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
                        related_name="teams",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("min_cast", fields.IntField(db_default=1)),
                (
                    "skills",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "team",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "Goes whole: at least ``min_cast`` members serve, or nobody.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Volunteer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("number", fields.CharField(unique=True, max_length=20)),
                ("name", fields.CharField(max_length=80)),
                ("pinyin", fields.CharField(db_index=True, db_default="", max_length=240)),
                ("gender", fields.CharField(db_default="", max_length=1)),
                ("birth_date", fields.DateField(null=True)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="volunteers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("lat", fields.FloatField(null=True)),
                ("lon", fields.FloatField(null=True)),
                ("email", fields.CharField(null=True, unique=True, max_length=254)),
                ("phone", fields.CharField(db_default="", max_length=20)),
                ("language", fields.CharField(db_default="zh", max_length=2)),
                (
                    "languages",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "likes",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "limitations",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("travel_mode", fields.CharField(db_default="bus", max_length=10)),
                ("max_km", fields.FloatField(db_default=30.0)),
                ("max_day", fields.IntField(db_default=480)),
                ("max_week", fields.IntField(db_default=1200)),
                ("max_month", fields.IntField(db_default=3600)),
                ("max_events", fields.IntField(db_default=12)),
                ("rest", fields.IntField(db_default=600)),
                ("automated", fields.BooleanField(db_default=True)),
                ("checked_until", fields.DateField(null=True)),
                ("load", fields.IntField(db_default=0)),
                ("no_shows", fields.IntField(db_default=0)),
                ("state", fields.CharField(db_index=True, db_default="active", max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "volunteer",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A person. ``number`` is our own volunteer number, never an identity number (MZ/T 061-2015). ``lat``/``lon`` is",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Block",
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
                        related_name="blocks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "other",
                    fields.ForeignKeyField(
                        "volunteer.Volunteer",
                        source_field="other_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="blocked_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "volunteer.Unit",
                        source_field="unit_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="blocks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "block",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "Two people, or a person and a unit, who are not sent together (complaint, conflict).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Consent",
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
                        related_name="consents",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("purpose", fields.CharField(max_length=20)),
                ("version", fields.CharField(max_length=20)),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "consent",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "What a person agreed to, in which version of the text. ``purpose``: registration, automated, guardian …",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "team",
                    fields.ForeignKeyField(
                        "volunteer.Team",
                        source_field="team_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
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
                        related_name="memberships",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("leads", fields.BooleanField(db_default=False)),
            ],
            options={"table": "membership", "app": "volunteer", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notice",
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
                        related_name="notices",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=40)),
                ("ref", fields.UUIDField(null=True)),
                ("channel", fields.CharField(max_length=10)),
                (
                    "data",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("message_id", fields.CharField(unique=True, max_length=120)),
                ("state", fields.CharField(db_default="due", max_length=10)),
                ("due_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(db_default=0)),
                ("claimed_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("fence", fields.IntField(db_default=0)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("error", fields.CharField(db_default="", max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A message owed to a person through a channel. ``state``: due, sent, failed, dropped. ``message_id`` is fixed when",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Override",
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
                        related_name="overrides",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("starts_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "availability_override",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A span that overrides the pattern. ``kind``: available, preferred or unavailable. The later row wins.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Qualification",
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
                        related_name="qualifications",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "skill",
                    fields.ForeignKeyField(
                        "volunteer.Skill",
                        source_field="skill_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="qualifications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("level", fields.SmallIntField()),
                ("evidence", fields.CharField(db_default="", max_length=20)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "qualification",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "One person's proven, perhaps expiring, hold of a skill at a level from 1 to 5.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
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
                        related_name="roles",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("role", fields.CharField(max_length=20)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "volunteer.Region",
                        source_field="region_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "volunteer.Unit",
                        source_field="unit_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "role",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A role held in a unit or a region, never in both.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
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
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=10)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A signed-in browser or an API token. Only the SHA-256 of its secret is stored; revoked by ``ended_at``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SigninCode",
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
                        related_name="codes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("code_digest", fields.CharField(max_length=64)),
                ("link_digest", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(db_default=0)),
            ],
            options={
                "table": "signin_code",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "A one-time code and link that were mailed. Digests only; ``tries`` counts wrong guesses.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Weekly",
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
                        related_name="weekly",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("weekday", fields.SmallIntField()),
                ("start", fields.SmallIntField()),
                ("end", fields.SmallIntField()),
                ("kind", fields.CharField(db_default="available", max_length=12)),
            ],
            options={
                "table": "weekly",
                "app": "volunteer",
                "pk_attr": "id",
                "table_description": "``weekday`` 0 = Monday. Local minutes of the day, half-open, 0..1440. ``kind``: available or preferred.",
            },
            bases=["Model"],
        ),
    ]
