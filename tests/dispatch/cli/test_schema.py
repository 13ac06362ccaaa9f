"""``citong schema``: formats for programs of others."""

from dispatch.planner.problem import PROBLEM
from tests.dispatch.cli.program import citong


def test_problem_and_plan_are_described() -> None:
    said = citong("schema", "problem")
    assert said.data == PROBLEM.json_schema()
    assert set(citong("schema", "plan").data["properties"]) >= {"score", "bound", "gap", "choices", "unmet"}


def test_an_unknown_format_is_refused() -> None:
    done = citong("schema", "poem")
    assert done.code == 2
    assert "problem" in done.err
