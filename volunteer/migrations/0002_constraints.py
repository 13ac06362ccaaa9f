from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("volunteer", "0001_ground")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Block",
            constraint=CheckConstraint(check="num_nonnulls(other_id, unit_id) = 1", name="block_one_side"),
        ),
        ops.AddConstraint(
            model_name="Entry",
            constraint=UniqueConstraint(fields=("topic", "seq"), name="entry_once"),
        ),
        ops.AddConstraint(
            model_name="IdempotencyKey",
            constraint=UniqueConstraint(fields=("scope", "key"), name="answered_once"),
        ),
        ops.AddConstraint(
            model_name="Inclusion",
            constraint=UniqueConstraint(fields=("skill_id", "included_id"), name="one_inclusion"),
        ),
        ops.AddConstraint(
            model_name="Membership",
            constraint=UniqueConstraint(fields=("team_id", "volunteer_id"), name="one_membership"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=UniqueConstraint(fields=("kind", "ref", "volunteer_id", "channel"), name="notice_once"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(check="state IN ('due', 'sent', 'failed', 'dropped')", name="notice_state"),
        ),
        ops.AddConstraint(
            model_name="Override",
            constraint=CheckConstraint(check="starts_at < ends_at", name="override_span"),
        ),
        ops.AddConstraint(
            model_name="Override",
            constraint=CheckConstraint(check="kind IN ('available', 'preferred', 'unavailable')", name="override_kind"),
        ),
        ops.AddConstraint(
            model_name="Qualification",
            constraint=UniqueConstraint(fields=("volunteer_id", "skill_id"), name="one_qualification"),
        ),
        ops.AddConstraint(
            model_name="Qualification",
            constraint=CheckConstraint(check="level BETWEEN 1 AND 5", name="qualification_level"),
        ),
        ops.AddConstraint(
            model_name="Role",
            constraint=CheckConstraint(check="num_nonnulls(region_id, unit_id) = 1", name="role_in_one_place"),
        ),
        ops.AddConstraint(
            model_name="Team",
            constraint=CheckConstraint(check="min_cast BETWEEN 1 AND 1000", name="team_min_cast"),
        ),
        ops.AddConstraint(
            model_name="Tick",
            constraint=UniqueConstraint(fields=("job", "due_at"), name="tick_once"),
        ),
        ops.AddConstraint(
            model_name="Unit",
            constraint=UniqueConstraint(fields=("region_id", "name"), name="unit_name_once_per_region"),
        ),
        ops.AddConstraint(
            model_name="Volunteer",
            constraint=CheckConstraint(check="gender IN ('', 'f', 'm', 'x')", name="volunteer_gender"),
        ),
        ops.AddConstraint(
            model_name="Volunteer",
            constraint=CheckConstraint(check="language IN ('zh', 'en')", name="volunteer_language"),
        ),
        ops.AddConstraint(
            model_name="Volunteer",
            constraint=CheckConstraint(
                check="state IN ('registered', 'active', 'paused', 'suspended', 'exited')", name="volunteer_state"
            ),
        ),
        ops.AddConstraint(
            model_name="Volunteer",
            constraint=CheckConstraint(check="load >= 0 AND no_shows >= 0", name="volunteer_counts"),
        ),
        ops.AddConstraint(
            model_name="Weekly",
            constraint=CheckConstraint(check="weekday BETWEEN 0 AND 6", name="weekly_weekday"),
        ),
        ops.AddConstraint(
            model_name="Weekly",
            constraint=CheckConstraint(check='0 <= start AND start < "end" AND "end" <= 1440', name="weekly_span"),
        ),
        ops.AddConstraint(
            model_name="Weekly",
            constraint=CheckConstraint(check="kind IN ('available', 'preferred')", name="weekly_kind"),
        ),
    ]
