"""Limits that were in the models alone: making a table does not make its constraints."""

from volunteer import schema
from tortoise.migrations import operations as ops

FORWARD = [
    "ALTER TABLE watch ADD CONSTRAINT watch_bounds CHECK (hours BETWEEN 1 AND 336 AND missing >= 1)",
    "ALTER TABLE draft_part ADD CONSTRAINT draft_part_once UNIQUE (draft_id, fence, number)",
    "CREATE UNIQUE INDEX one_open_swap_a_seat ON swap (given_id) WHERE state IN ('proposed', 'agreed')",
    "ALTER TABLE swap ADD CONSTRAINT swap_kind CHECK (kind IN ('swap', 'handover'))",
    """ALTER TABLE swap ADD CONSTRAINT swap_state
        CHECK (state IN ('proposed', 'agreed', 'done', 'refused', 'lapsed'))""",
    """ALTER TABLE swap ADD CONSTRAINT swap_ends_once
        CHECK ((state IN ('done', 'refused', 'lapsed')) = (ended_at IS NOT NULL))""",
    "ALTER TABLE swap_side ADD CONSTRAINT one_side_a_person UNIQUE (swap_id, volunteer_id)",
    "ALTER TABLE swap_side ADD CONSTRAINT one_side_a_place UNIQUE (swap_id, place)",
    "ALTER TABLE swap_side ADD CONSTRAINT side_gives_or_gets CHECK (num_nonnulls(line_id, need_id) >= 1)",
]
BACKWARD = [
    "ALTER TABLE swap_side DROP CONSTRAINT side_gives_or_gets",
    "ALTER TABLE swap_side DROP CONSTRAINT one_side_a_place",
    "ALTER TABLE swap_side DROP CONSTRAINT one_side_a_person",
    "ALTER TABLE swap DROP CONSTRAINT swap_ends_once",
    "ALTER TABLE swap DROP CONSTRAINT swap_state",
    "ALTER TABLE swap DROP CONSTRAINT swap_kind",
    "DROP INDEX one_open_swap_a_seat",
    "ALTER TABLE draft_part DROP CONSTRAINT draft_part_once",
    "ALTER TABLE watch DROP CONSTRAINT watch_bounds",
]


class Migration(schema.Migration):
    dependencies = [("dispatch", "0013_swaps")]
    initial = False
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
