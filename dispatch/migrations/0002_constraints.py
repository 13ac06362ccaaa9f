from volunteer import schema
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(schema.Migration):
    dependencies = [("dispatch", "0001_ground"), ("volunteer", "0001_ground")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Assignment",
            constraint=UniqueConstraint(
                fields=("need_id", "volunteer_id"),
                name="one_live_claim",
                condition="status IN ('offered', 'standby', 'accepted', 'checked_in', 'completed', 'no_show')",
            ),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(check="occupies_from < occupies_until", name="assignment_span"),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(
                check="status IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'filled', 'standby', 'checked_in', 'cancelled', 'released', 'no_show', 'completed')",
                name="assignment_status",
            ),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(
                check="status <> 'offered' OR expires_at IS NOT NULL", name="offer_has_a_deadline"
            ),
        ),
        ops.AddConstraint(
            model_name="Assignment",
            constraint=CheckConstraint(check="source IN ('plan', 'hand', 'self', 'repair')", name="assignment_source"),
        ),
        ops.AddConstraint(
            model_name="Change",
            constraint=CheckConstraint(check="kind IN ('offer', 'withdraw')", name="change_kind"),
        ),
        ops.AddConstraint(
            model_name="Change",
            constraint=CheckConstraint(check="outcome IN ('', 'done', 'stale')", name="change_outcome"),
        ),
        ops.AddConstraint(
            model_name="Draft",
            constraint=CheckConstraint(check="window_from < window_until", name="draft_window"),
        ),
        ops.AddConstraint(
            model_name="Draft",
            constraint=CheckConstraint(
                check="state IN ('running', 'ready', 'failed', 'cancelled', 'published', 'discarded')",
                name="draft_state",
            ),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=UniqueConstraint(fields=("source", "source_uid"), name="imported_once"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(
                check="mode IN ('tutoring', 'training', 'performance', 'support')", name="event_mode"
            ),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(check="priority BETWEEN 1 AND 5", name="event_priority"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(check="quorum >= 0", name="event_quorum"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(check="starts_at < ends_at", name="event_span"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(check="phase IN ('open', 'supervised')", name="event_phase"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=CheckConstraint(
                check="state IN ('draft', 'published', 'locked', 'running', 'finished', 'closed', 'postponed', 'cancelled')",
                name="event_state",
            ),
        ),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(
                check="0 <= min AND min <= desired AND desired <= max AND max >= 1", name="need_counts"
            ),
        ),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(check="taken BETWEEN 0 AND max", name="need_capacity"),
        ),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(check="0 <= age_min AND age_min <= age_max", name="need_ages"),
        ),
        ops.AddConstraint(
            model_name="Need",
            constraint=CheckConstraint(check="mode IN ('reserve', 'race')", name="need_mode"),
        ),
        ops.AddConstraint(
            model_name="Order",
            constraint=CheckConstraint(
                check="mode IN ('tutoring', 'training', 'performance', 'support')", name="order_mode"
            ),
        ),
        ops.AddConstraint(
            model_name="Shift",
            constraint=CheckConstraint(check="starts_at < ends_at", name="shift_span"),
        ),
        ops.AddConstraint(
            model_name="Shift",
            constraint=CheckConstraint(
                check='call BETWEEN 0 AND 1440 AND "out" BETWEEN 0 AND 1440', name="shift_margins"
            ),
        ),
        ops.AddConstraint(
            model_name="Venue",
            constraint=UniqueConstraint(fields=("region_id", "name"), name="venue_name_once_per_region"),
        ),
    ]
