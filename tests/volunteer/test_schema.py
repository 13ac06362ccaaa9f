"""A migration of ours leaves what the ORM's own would leave, in the database and in what later ones build on."""

from uuid import uuid4

import pytest
from tortoise import fields
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.migrations import Migration as Plain
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from volunteer import schema

_CHECKS = "SELECT conname AS name FROM pg_constraint WHERE conrelid = 'box'::regclass AND contype = 'c' ORDER BY 1"


def _steps() -> list[ops.Operation]:
    return [
        ops.CreateModel("Box", [("id", fields.UUIDField(primary_key=True))], {"table": "box", "app": "shelf"}),
        ops.AddField("Box", "size", fields.IntField()),
        ops.AddConstraint("Box", CheckConstraint(check="size > 0", name="box_size")),
        ops.AddConstraint("Box", CheckConstraint(check="size < 9", name="box_fits")),
        ops.RemoveConstraint("Box", name="box_fits"),
        ops.RunSQL(f"INSERT INTO box (id, size) VALUES ('{uuid4()}', 12)"),
    ]


@pytest.mark.parametrize("base", [Plain, schema.Migration])
async def test_constraints_stand_and_are_known(db: str, base: type[Plain]) -> None:
    connection = get_connection("default")
    state = State({}, StateApps({"shelf": "default"}))
    made = type("Migration", (base,), {"operations": _steps()})
    await made("0001_shelf", "shelf").apply(state, schema_editor=AsyncpgSchemaEditor(connection, atomic=False))
    assert [row["name"] for row in await connection.execute_query_dict(_CHECKS)] == ["box_size"]
    assert [one.name for one in state.apps.get_model("shelf.Box")._meta.constraints] == ["box_size"]
    assert (await connection.execute_query_dict("SELECT size FROM box"))[0]["size"] == 12
    with pytest.raises(IntegrityError, match="box_size"):
        await connection.execute_query("INSERT INTO box (id, size) VALUES ($1, 0)", [uuid4()])


class Counted(State):
    """Notes how often models were made anew."""

    def _reload(self, models_to_reload: set[tuple[str, str]]) -> None:
        self.apps.reloads = getattr(self.apps, "reloads", 0) + 1  # type: ignore[attr-defined]
        super()._reload(models_to_reload)


async def test_models_are_made_anew_only_where_an_operation_needs_them(db: str) -> None:
    state = Counted({}, StateApps({"shelf": "default"}))
    made = type("Migration", (schema.Migration,), {"operations": _steps()})
    editor = AsyncpgSchemaEditor(get_connection("default"), atomic=False)
    await made("0001_shelf", "shelf").apply(state, schema_editor=editor)
    assert state.apps.reloads == 4  # the table, its column, the constraint that went, and the migration's end
