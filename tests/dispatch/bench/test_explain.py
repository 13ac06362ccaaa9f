"""The bench asks every hole, and its figures hang together."""

import json

from rich.console import Console

from dispatch.bench import explain as bench


def test_every_hole_of_the_week_is_asked():
    told: list[str] = []
    figures = bench.measure("S", 2, told.append)
    assert told[0] == "making the week"
    holes = figures["week"]["holes"]
    assert holes > 0
    for name in ("one_hole_ms", "one_hole_judged_anew_ms"):
        row = figures[name]
        assert row["asked"] == holes
        assert 0 < row["p50"] <= row["p95"] <= row["p99"] <= row["most"]
    assert 0 < figures["what_would_fill_it_ms"]["asked"] <= holes
    assert figures["need_check_ms"]["asked"] > 5
    assert json.loads(json.dumps(figures)) == figures


def test_the_table_can_be_read(capsys):
    bench.show(bench.measure("S", 1, lambda _: None), Console(width=120))
    assert "one hole judged anew" in capsys.readouterr().out


def test_no_question_has_no_figures():
    assert bench.spread(lambda one: one, [])["p95"] is None
