from tortoise import fields
from volunteer import schema
from tortoise.migrations import operations as ops


class Migration(schema.Migration):
    dependencies = [("dispatch", "0008_mentors")]

    initial = False

    operations = [
        ops.AddField(model_name="Assignment", name="replaces_id", field=fields.UUIDField(null=True)),
        ops.AddField(model_name="Assignment", name="then_id", field=fields.UUIDField(null=True)),
    ]
