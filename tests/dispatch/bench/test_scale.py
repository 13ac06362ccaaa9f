"""Growth and parallel parts, on weeks small enough for a test."""

import pytest
from rich.console import Console

from dispatch.bench import scale


@pytest.fixture(scope="module")
def figures() -> scale.Figures:
    return scale.measure(("S", "M"), 2, seconds=100, gap=0.02, say=lambda _: None)


def test_each_size_is_planned_by_the_rules(figures: scale.Figures):
    assert [row["size"] for row in figures["growth"]] == ["S", "M"]
    for row in figures["growth"]:
        assert row["violations"] == 0
        assert row["gap"] <= 0.02
        assert row["pairs"] > 0
        assert row["microseconds_a_pair"] > 0


def test_the_parts_are_the_same_whoever_solves_them(figures: scale.Figures):
    parts = figures["parallel"]
    assert parts["parts"] == 4
    assert parts["same_answers"]
    assert parts["violations"] == 0
    assert parts["gap"] <= 0.02


def test_figures_can_be_printed(figures: scale.Figures):
    console = Console(width=140)
    with console.capture() as shown:
        scale.show(figures, console)
    assert "one worker" in shown.get()
