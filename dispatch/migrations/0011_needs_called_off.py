from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0010_watches")]

    initial = False

    operations = [
        ops.RemoveConstraint(model_name="Need", name="need_counts", fields=None),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(
                check="0 <= min AND min <= desired AND desired <= max AND max >= 0", name="need_counts"
            ),
        ),
    ]
