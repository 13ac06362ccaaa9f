from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0003_roster_truth"), ("volunteer", "0003_epoch")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Draft",
            constraint=UniqueConstraint(fields=("region_id",), name="one_running_draft", condition="state = 'running'"),
        ),
    ]
