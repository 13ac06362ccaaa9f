"""When a line's shift was last moved."""

from tortoise import fields
from volunteer import schema
from tortoise.migrations import operations as ops


class Migration(schema.Migration):
    dependencies = [("dispatch", "0015_onlookers")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Assignment",
            name="moved_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
