"""``citong schema``: the formats that programs of others read and write."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from dispatch.cli import screen


class Format(StrEnum):
    PROBLEM = "problem"
    PLAN = "plan"
    OPENAPI = "openapi"


@screen.plainly
def schema(which: Annotated[Format, typer.Argument(help="What to describe.")]) -> None:
    """Print the JSON schema of the planner's problem or plan, or the OpenAPI description of the HTTP interface."""
    screen.data(_described(which))


def _described(which: Format) -> Any:
    if which is Format.PROBLEM:
        from dispatch.planner.problem import PROBLEM

        return PROBLEM.json_schema()
    if which is Format.PLAN:
        from dispatch.planner.plan import PLAN

        return PLAN.json_schema()
    from dispatch import app

    return app.openapi()
