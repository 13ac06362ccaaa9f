"""Bad and extreme input to the real process: an answer that the referee accepts, or a refusal that says why."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from dispatch.bench.weeks import week
from dispatch.planner import check
from dispatch.planner import plan as plans
from dispatch.planner import problem as problems
from dispatch.planner.__main__ import lacks_memory
from dispatch.planner.plan import Plan
from dispatch.planner.problem import Asks, Event, Held, Hold, Need, Problem, Team, Venue, Weights
from tests.dispatch.planner.test_watch import COMMAND, PATIENCE, lines, run
from tests.dispatch.planner.tiny import HERE, person, problem, shift

LIMIT = 10


def answered(asked: Problem) -> Plan:
    """The plan of the process, which kept its limit and all rules."""
    ended = run(problems.write(asked), f"--seconds={LIMIT}")
    assert ended.returncode == 0, ended.stderr.decode()
    assert lines(ended.stderr)[-1]["seconds"] <= LIMIT + 2
    made = plans.read(ended.stdout)
    assert check.violations(asked, made) == ()
    assert check.score(asked, made)["total"] == made.score <= made.bound
    return made


def refused(*words: str, stdin: int) -> str:
    """What the process says when it refuses."""
    ended = subprocess.run([*COMMAND, *words], stdin=stdin, capture_output=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 2
    assert ended.stdout == b""
    return str(lines(ended.stderr)[-1]["faults"][0])


def test_contradicting_pins_stay_and_are_named():
    """One person pinned in two places at once, another pinned twice over the day's limit; the seat left is filled."""
    asked = problem(
        people=(person("torn"), person("tired", max_day=200), person("fresh")),
        venues=(Venue("v", HERE),),
        events=(Event("e"), Event("f")),
        shifts=(shift(), shift("same", "f"), shift("late", "f", hour=14)),
        needs=(Need("n", "s", "a", 2, 2, 2), Need("m", "same", "a"), Need("l", "late", "a", 2, 2, 2)),
        roster=(Held("torn", "n"), Held("torn", "m"), Held("tired", "n"), Held("tired", "l")),
    )
    made = answered(asked)
    told = {(one.person, one.need): {reason.rule for reason in one.reasons} for one in made.breaches}
    assert told == {
        ("torn", "n"): {"overlap"},
        ("torn", "m"): {"overlap"},
        ("tired", "n"): {"hours_day"},
        ("tired", "l"): {"hours_day"},
    }
    assert [(line.person, line.need) for line in made.choices if not line.firm] == [("fresh", "l")]


def test_a_team_larger_than_the_stage_fills_the_stage():
    crew = tuple(person(f"p{number:02d}") for number in range(12))
    team = Team("t", tuple(one.id for one in crew), 12)
    made = answered(problem(people=crew, teams=(team,), needs=(Need("n", "s", "actor", 3, 3, 3, team="t"),)))
    assert (made.filled, len(made.choices)) == (3, 3)


def test_a_team_smaller_than_its_cast_stays_at_home_and_says_why():
    crew = (person("a"), person("b"))
    made = answered(
        problem(people=crew, teams=(Team("t", ("a", "b"), 9),), needs=(Need("n", "s", "actor", 9, 9, 9, team="t"),))
    )
    assert made.choices == ()
    assert [off.reason.rule for off in made.off] == ["cast"]


def test_nobody_at_all_leaves_holes_of_an_empty_pool():
    made = answered(problem(people=()))
    assert (made.status, made.filled, made.most) == ("proven", 0, 0)
    assert [(hole.need, hole.pool, hole.missing) for hole in made.unmet] == [("n", 0, 1)]


def test_ten_thousand_equal_people_are_planned():
    many = tuple(person(f"p{number:05d}") for number in range(10_000))
    shifts = tuple(shift(f"s{number}", day=number // 3, hour=9 + 4 * (number % 3)) for number in range(12))
    asked = problem(
        people=many, shifts=shifts, needs=tuple(Need(f"n{one.id}", one.id, "steward", 3, 4, 5) for one in shifts)
    )
    assert answered(asked).filled == 36


def test_a_person_with_five_hundred_skills_is_asked_for_all_of_them():
    skills = tuple(f"skill{number}" for number in range(500))
    master = person("master", holds=tuple(Hold(skill, 1 + number % 5) for number, skill in enumerate(skills)))
    asks = tuple(Asks(skill, 1 + number % 5) for number, skill in enumerate(skills))
    made = answered(problem(people=(master, person()), needs=(Need("n", "s", "sage", asks=asks),)))
    assert [line.person for line in made.choices] == ["master"]


def test_all_weights_at_their_most_still_add_up():
    made = answered(replace(week("S", 2), weights=Weights(*[1_000_000_000] * len(fields(Weights)))))
    assert made.filled > 0


@pytest.mark.parametrize("weight", ["-1", "1000000001", '"much"', "0.5"])
def test_weights_out_of_range_are_refused_by_name(weight: str):
    ended = run(problems.write(problem()).replace(b'"travel":1000', f'"travel":{weight}'.encode()))
    assert ended.returncode == 2
    assert lines(ended.stderr)[-1]["faults"][0].startswith("weights.travel: ")


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path):
    """The file's position, which the process shares, has not moved."""
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(problems.MAX_BYTES + 1)
    with large.open("rb") as file:
        said = refused(stdin=file.fileno())
        assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == 0
    assert f"above the limit of {problems.MAX_BYTES}" in said


def test_a_pipe_without_an_end_is_refused_at_the_limit():
    with subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless:
        assert endless.stdout is not None
        said = refused("--largest=1", stdin=endless.stdout.fileno())
        endless.stdout.close()
    assert "above the limit of 1048576" in said
    assert endless.returncode != 0


@pytest.mark.parametrize("megabytes", [256, 280, 300, 320, 350])
def test_what_does_not_fit_into_memory_is_refused_with_the_remedy(megabytes: int):
    """Wherever it runs out, be it while a library is loaded."""
    ended = run(problems.write(week("M", 7)), f"--memory={megabytes}", "--gap=0.01")
    assert ended.returncode in ({3} if megabytes == 256 else {0, 3}), ended.stderr.decode()
    if ended.returncode == 3:
        assert ended.stdout == b""
        assert "raise --memory or plan a smaller scope" in lines(ended.stderr)[-1]["error"]


def test_a_library_without_room_to_say_so_is_out_of_memory():
    assert lacks_memory(SystemError("error return without exception set"))
    assert lacks_memory(ImportError("failed to map segment from shared object"))
    assert not lacks_memory(SystemError("bad argument to internal function"))
    assert not lacks_memory(ImportError("No module named 'numpy'"))


def test_a_solver_that_oversleeps_leaves_the_greedy_plan():
    """A stall planted in the place of all solving; the clock answers with what was known before it."""
    script = (
        "import sys, time\n"
        "from dispatch.planner import __main__ as planner, model\n"
        "model._chosen = lambda *_: time.sleep(60)\n"
        "sys.exit(planner.main(['--seconds=2'], time.monotonic()))\n"
    )
    asked = week("S", 5)
    ended = subprocess.run(
        [sys.executable, "-c", script], input=problems.write(asked), capture_output=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    made = plans.read(ended.stdout)
    assert made.status == "greedy"
    assert made.choices
    assert check.violations(asked, made) == ()
    assert check.score(asked, made)["total"] == made.score <= made.bound
    assert lines(ended.stderr)[-1]["stage"] == "done"
