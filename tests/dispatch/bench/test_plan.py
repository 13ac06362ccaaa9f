"""The bench runs the real process and its rivals, and its figures hang together."""

import json

import pytest
from rich.console import Console

from dispatch.bench import plan as bench
from dispatch.bench.weeks import week

GAP = 0.02


@pytest.fixture(scope="module")
def figures() -> bench.Figures:
    told: list[bench.Figures] = []
    found = bench.measure("S", 2, seconds=60, gap=GAP, against=("naive", "whole"), say=told.append)
    assert told[0]["stage"] == "read"
    assert told[-1]["stage"] == "done"
    return found


@pytest.mark.parametrize("name", ["planner", "greedy", "naive", "whole"])
def test_everybody_obeys_the_rules_and_stays_below_the_bound(figures: bench.Figures, name: str):
    assert figures[name]["violations"] == 0
    assert figures[name]["score"] <= figures["planner"]["bound"]
    assert figures[name]["filled"] <= figures["planner"]["most"]


def test_the_planner_is_as_good_as_it_says(figures: bench.Figures):
    planner = figures["planner"]
    assert planner["agrees"]
    assert planner["status"] == "proven"
    assert planner["gap"] <= GAP
    assert planner["score"] >= figures["greedy"]["score"]


def test_no_bound_is_below_anybodys_score(figures: bench.Figures):
    best = max(figures[name]["score"] for name in ("planner", "greedy", "naive", "whole"))
    assert figures["naive"]["bound"] >= best
    assert figures["whole"]["bound"] >= best


def test_figures_can_be_printed_and_sent(figures: bench.Figures):
    console = Console(width=140)
    with console.capture() as shown:
        bench.show(figures, console)
    text = shown.get()
    assert f"{figures['planner']['score']:,}" in text
    assert "candidates" in text
    assert json.loads(json.dumps(figures)) == figures
    assert set(figures["ratios"]) == {"greedy", "naive", "whole"}


def test_a_planner_without_a_plan_is_an_error_not_a_figure():
    with pytest.raises(bench.NoPlanError, match="ended with 3"):
        bench.planned(week("M", 1), seconds=10, gap=GAP, seed=1, memory=256, say=lambda line: None)
