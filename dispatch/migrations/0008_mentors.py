from tortoise import fields
from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0007_waves")]

    initial = False

    operations = [
        ops.AddField(model_name="Need", name="mentor_role", field=fields.CharField(db_default="", max_length=60)),
        ops.AddField(model_name="Need", name="per_mentor", field=fields.SmallIntField(db_default=1)),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(check="per_mentor >= 1 AND mentor_role <> role", name="need_mentors"),
        ),
    ]
