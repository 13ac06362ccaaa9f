"""Limits of onlookers and team offers that were in the models alone: making a table does not make its constraints."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    "CREATE UNIQUE INDEX one_holder_a_seat ON onlooker (need_id) WHERE need_id IS NOT NULL",
    "CREATE UNIQUE INDEX one_open_offer_a_team ON team_offer (need_id, team_id) WHERE state = 'offered'",
    """ALTER TABLE team_offer ADD CONSTRAINT team_offer_state
        CHECK (state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn'))""",
]
BACKWARD = [
    "ALTER TABLE team_offer DROP CONSTRAINT team_offer_state",
    "DROP INDEX one_open_offer_a_team",
    "DROP INDEX one_holder_a_seat",
]


class Migration(schema.Migration):
    dependencies = [("dispatch", "0017_team_offers")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
