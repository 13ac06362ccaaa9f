from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0004_one_running_draft"), ("volunteer", "0004_attempts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Assignment",
            name="came_by",
            field=fields.CharField(db_default="", max_length=4),
        ),
        ops.AddField(
            model_name="Assignment",
            name="correction",
            field=fields.CharField(db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="Assignment",
            name="excused",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Assignment",
            name="extra",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Assignment",
            name="guesses",
            field=fields.SmallIntField(db_default=0),
        ),
        ops.AddField(
            model_name="Assignment",
            name="marked_by",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Assignment",
            name="near",
            field=fields.BooleanField(null=True),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(
                check="status NOT IN ('checked_in', 'completed') OR checked_in_at IS NOT NULL", name="who_came_came_at"
            ),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(
                check="checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="left_after_coming"
            ),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(check="came_by IN ('', 'code', 'qr', 'roll')", name="assignment_came_by"),
        ),
        ops.AddField(
            model_name="Shift",
            name="secret",
            field=fields.UUIDField(db_default=SqlDefault("gen_random_uuid()")),
        ),
    ]
