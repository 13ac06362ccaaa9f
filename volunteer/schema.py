"""How the schema changes: migrations in the ORM's own words, in a third of its time.

The ORM makes all models anew twice for each operation: as they were, and as they are. Most operations never look back,
and of a constraint no other operation needs to know before the migration's end.
"""

from types import SimpleNamespace
from typing import cast

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

# These change the database without asking how it was.
_FORWARD = (ops.CreateModel, ops.AddField, ops.AddConstraint, ops.RunSQL)


class Migration(migrations.Migration):
    """What every migration of ours is made of."""

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        """The ORM's own, whose models are made anew as seldom as can be."""
        if dry_run or collect_sql or schema_editor is None:
            return await super().apply(state, dry_run=dry_run, schema_editor=schema_editor, collect_sql=collect_sql)
        safely = schema_editor.client.capabilities.supports_transactions
        noted: set[tuple[str, str]] = set()
        for step in self.operations:
            before = state if isinstance(step, _FORWARD) else state.clone()
            if isinstance(step, ops.AddConstraint):
                step.state_forward(self.app_label, _noting(state))
                noted.add((self.app_label, step.model_name))
            else:
                step.state_forward(self.app_label, state)
            await self._run_database_forward(step, before, state, schema_editor, safely)
        if noted:
            state.reload_models(noted)
        state.validate_relations_initialized()
        return state


def _noting(state: State) -> State:
    """The same state, for an operation whose change the models need not show yet."""
    return cast("State", SimpleNamespace(models=state.models, reload_model=lambda *_: None))
