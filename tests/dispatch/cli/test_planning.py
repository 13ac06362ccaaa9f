"""``citong plan`` and ``citong schema``: the planner for problems from anywhere."""

import json
from pathlib import Path

from dispatch.bench.weeks import week
from dispatch.cli import planning
from dispatch.planner import check, plan, problem
from tests.dispatch.cli.program import citong


def test_a_problem_becomes_a_judged_plan(tmp_path: Path) -> None:
    posed, out = tmp_path / "problem.json", tmp_path / "plan.json"
    asked = week("S", 1)
    posed.write_bytes(problem.write(asked))
    words = ("plan", "--problem", str(posed), "--out", str(out), "--seconds", "60", "--seed", "3")
    done = citong(*words, "--json")
    assert done.code == 0, done.err
    made = plan.read(out.read_bytes())
    assert check.violations(asked, made) == ()
    assert done.data["score"] == made.score == check.score(asked, made)["total"]
    assert done.data["filled"] <= done.data["most"] <= done.data["mandatory"]
    again = citong("plan", "--problem", str(posed), "--out", "-", "--seconds", "60", "--seed", "3")
    assert again.out.encode() == out.read_bytes()


def test_a_week_of_the_benches_is_a_problem_like_any_other(tmp_path: Path) -> None:
    out = tmp_path / "week.json"
    done = citong("bench", "problem", "--size", "S", "--seed", "5", "--out", str(out))
    assert done.code == 0, done.err
    assert "200 people, 40 events" in done.out
    assert problem.read(out.read_bytes()) == week("S", 5)
    assert "choose one of S, M, L, XL" in citong("bench", "problem", "--size", "XS", "--out", str(out)).trouble
    assert "no such folder" in citong("bench", "problem", "--out", str(tmp_path / "none" / "week.json")).trouble


def test_the_figures_make_a_sentence() -> None:
    found = {"score": 1234, "bound": 1240, "gap": 0.00001, "status": "proven", "filled": 9, "mandatory": 10, "most": 9}
    said = planning.sentence(found)
    assert said == (
        "score 1,234, bound 1,240, proven gap below 0.01% (proven); 0 violations; "
        "mandatory seats filled 9 of 10, at most 9 can be"
    )


def test_a_malformed_problem_is_said(tmp_path: Path) -> None:
    posed = tmp_path / "problem.json"
    posed.write_text(json.dumps({"id": "x", "window": {"start": 0, "end": 1}, "needs": [{"id": "n"}]}))
    assert "needs.0.shift" in citong("plan", "--problem", str(posed), "--out", "-").trouble
    posed.write_text(
        json.dumps({"id": "x", "window": {"start": 0, "end": 1}, "needs": [{"id": "n", "shift": "s", "role": "r"}]})
    )
    assert citong("plan", "--problem", str(posed), "--out", "-").trouble == "need n: unknown shift s"
    nowhere = str(tmp_path / "none" / "plan.json")
    assert "no such folder" in citong("plan", "--problem", str(posed), "--out", nowhere).trouble
