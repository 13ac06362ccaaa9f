"""The bench of published instances, on small ones made here in the published formats."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.bench import knapsacks, public, tasks
from dispatch.bench.public import Known, known, measured, summary
from tests.dispatch.bench import test_knapsacks, test_tasks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A profits file of two, a single file of costs below, one of tasks, and a note."""
    one, other = test_knapsacks.made(2, tight=1.2), test_knapsacks.made(5, tight=1.2)
    (tmp_path / "gap2.txt").write_text(f"2\n{knapsacks.write(one)}{knapsacks.write(other)}")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine").write_text(knapsacks.write(one))
    (tmp_path / "data_1.dat").write_text(tasks.write(test_tasks.made(4)))
    (tmp_path / "README.txt").write_text("Costs and loads.\n")
    return tmp_path


def test_the_command_finds_reads_and_solves_them(folder: Path):
    words = [sys.executable, "-m", "dispatch", "bench", "public", "--instances", str(folder), "--seconds=30", "--json"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    rows = {row["name"]: row for row in told["instances"]}
    assert list(rows) == ["data_1", "mine", "gap2:1", "gap2:2"]
    assert rows["mine"]["value"] == test_knapsacks.cheapest(test_knapsacks.made(2, tight=1.2))
    assert rows["data_1"]["value"] == test_tasks.fewest(test_tasks.made(4))
    assert rows["gap2:1"]["sense"] == "max"
    assert rows["gap2:1"]["value"] > rows["mine"]["value"]
    assert all(row["proven"] for row in told["instances"])
    assert told["summary"]["proven"] == 4
    # These are not the published gap2: they must not agree with its optima.
    assert rows["gap2:1"]["optimum"] == 434
    assert not rows["gap2:1"]["met"]


def test_the_table_knows_bounds_and_optima():
    table = known()
    assert len(table) > 400
    assert (table["gap1:1"].sense, table["gap1:1"].optimum) == ("max", 336)
    assert (table["d20200"].best, table["d20200"].bound, table["d20200"].optimum) == (12244, 12235, None)
    assert table["gapd:1"] == table["d05100"]
    for name, row in table.items():
        assert row.sense in ("min", "max")
        if row.best is not None and row.bound is not None:
            assert row.best <= row.bound if row.sense == "max" else row.best >= row.bound, name


def test_values_and_bounds_that_cannot_be_true_are_called_unsound(folder: Path):
    found = next(one for one in public.instances(folder) if one.name == "mine")
    best = test_knapsacks.cheapest(test_knapsacks.made(2, tight=1.2))
    assert best is not None
    told = {
        said: measured(found, Known("min", *figures, "here"), seconds=30, seed=1, memory=4096)
        for said, figures in {
            "met": (best, best),
            "bettered": (best + 1, best - 1),
            "lower than any": (best - 1, None),
            "above a bound": (None, best + 1),
        }.items()
    }
    assert {said: (row["met"], row["sound"]) for said, row in told.items()} == {
        "met": (True, True),
        "bettered": (None, True),
        "lower than any": (None, False),
        "above a bound": (None, False),
    }
    counts = summary(list(told.values()))
    assert (counts["known_optima"], counts["met_and_proven"], counts["better_than_known"]) == (1, 1, 1)
    assert counts["unsound"] == 2


def test_a_run_without_a_plan_is_a_row_that_says_why(folder: Path):
    found = next(one for one in public.instances(folder) if one.name == "mine")
    row = measured(found, Known("min", 1, 1, "here"), seconds=0.01, seed=1, memory=4096)
    assert "--seconds" in row["failed"]
    assert (row["value"], row["met"], row["proven"], row["sound"]) == (None, False, False, True)
    assert summary([row])["failed"] == 1
