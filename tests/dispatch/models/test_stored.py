"""Rows that were written out as JSON are the rows that the ORM reads."""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.transactions import in_transaction

from dispatch.models import Assignment, Event, Need, Shift
from dispatch.models.stored import made
from tests.dispatch import world
from volunteer.models import Volunteer

ODD = datetime(1999, 12, 31, 23, 59, 59, 120, timezone(timedelta(hours=5, minutes=45)))


def columns(row: Model) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row._meta.fields_db_projection}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Asia/Kathmandu"])
async def test_instants_and_days_are_read_alike_whatever_zone_they_are_written_in(db: str, zone: str) -> None:
    tiny = await world.make()
    person = await tiny.person(checked_until=date(2030, 2, 28))
    need = await tiny.need(event={"locks_at": ODD})
    line = await tiny.offered(need, person)
    models: list[tuple[type[Model], object]] = [
        (Volunteer, person.id), (Assignment, line.id), (Need, need.id), (Shift, need.shift_id),
        (Event, (await Shift.get(id=need.shift_id)).event_id),
    ]  # fmt: skip
    async with in_transaction() as inside:
        await inside.execute_query(f"SET LOCAL TIME ZONE '{zone}'")
        for model, id_ in models:
            sql = f"SELECT to_json(r) AS row FROM {model._meta.db_table} r WHERE id = $1"
            text = (await get_connection("default").execute_query_dict(sql, [id_]))[0]["row"]
            assert columns(made(model, [json.loads(text)])[0]) == columns(await model.get(id=id_))
