"""The planner as a process of its own: what it says, how it refuses, and that nothing keeps it alive."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dispatch.bench.weeks import week
from dispatch.planner import check
from dispatch.planner import plan as plans
from dispatch.planner import problem as problems
from dispatch.planner.problem import Busy, Need, Pair, Problem, Roads, Venue
from tests.dispatch.planner import tiny

COMMAND = [sys.executable, "-m", "dispatch.planner"]
PATIENCE = 60.0


@pytest.fixture(scope="module")
def small() -> Problem:
    return week("S", 7)


@pytest.fixture(scope="module")
def large() -> bytes:
    return problems.write(week("L", 7))


def run(asked: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *options], input=asked, capture_output=True, timeout=PATIENCE, check=False)


def lines(stderr: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr.splitlines() if line.startswith(b"{")]


def test_a_plan_comes_out_and_the_referee_agrees(small: Problem):
    ended = run(problems.write(small), "--seconds=30", "--gap=0.01")
    assert ended.returncode == 0, ended.stderr.decode()
    made = plans.read(ended.stdout)
    assert made.problem == small.id
    assert made.choices
    assert check.violations(small, made) == ()
    assert check.score(small, made)["total"] == made.score <= made.bound


def test_progress_is_told_in_lines(small: Problem):
    told = lines(run(problems.write(small), "--seconds=30", "--gap=0.01").stderr)
    *steps, last = told
    assert {"stage", "done", "score", "bound", "seconds", "peak_mb"} == set().union(*steps)
    assert steps[0]["stage"] == "read"
    assert all(0 <= step["done"] <= 1 for step in steps)
    assert [step["seconds"] for step in steps] == sorted(step["seconds"] for step in steps)
    assert last["stage"] == "done"
    assert set(last["stages"]) == {step["stage"] for step in steps}
    assert sum(last["stages"].values()) <= last["seconds"] + 0.01
    assert last["peak_mb"] > 10


def test_the_same_seed_gives_the_same_bytes_in_two_processes():
    asked = problems.write(tiny.problem())
    one, other = (run(asked, "--seed=5", "--gap=0") for _ in range(2))
    assert one.stdout == other.stdout
    assert plans.read(one.stdout).status == "proven"


WRONG = {
    "no JSON": (b"{", "Invalid JSON"),
    "no object": (b"[]", "problem"),
    "a field of the wrong kind": (b'{"id": "x", "window": {"start": "soon", "end": 1}}', "window.start"),
    "out of range": (problems.write(tiny.problem()).replace(b'"priority":3', b'"priority":9'), "events.0.priority"),
    "an unknown shift": (
        problems.write(tiny.problem(needs=(Need("n", "nowhere", "r"),))),
        "need n: unknown shift nowhere",
    ),
    "a pair twice": (problems.write(tiny.problem(pairs=(Pair("p", "n"),) * 2)), "pairs: a person stands twice"),
    "a pair of nobody": (
        problems.write(tiny.problem(pairs=(Pair("q", "n"),))),
        "pairs: unknown person or need in q on n",
    ),
    "a mentor elsewhere": (
        problems.write(tiny.problem(needs=(Need("n", "s", "r", mentor="m"),))),
        "need n: unknown mentor's need m",
    ),
    "a learner as mentor": (
        problems.write(tiny.problem(needs=(Need("n", "s", "r", mentor="n"),))),
        "must be on the same shift and no learners' need",
    ),
    "a one-way road": (
        problems.write(tiny.problem(venues=tuple(map(Venue, "vw")), roads=Roads(("v", "w"), ((0, 1), (2, 0))))),
        "roads: a way is not as long back as forth",
    ),
    "roads with holes": (
        problems.write(tiny.problem(roads=Roads(("v", "x"), ((0,), (1, 0))))),
        "roads: wants 2 rows of 2 kilometres",
    ),
    "busy nowhere": (
        problems.write(tiny.problem(people=(tiny.person(busy=(Busy(0, 1, 1, 1, None, "moon"),)),))),
        "person p: busy at the venue moon, which is unknown or elsewhere",
    ),
    "busy beside the venue": (
        problems.write(tiny.problem(people=(tiny.person(busy=(Busy(0, 1, 1, 1, tiny.FAR, "v"),)),))),
        "person p: busy at the venue v, which is unknown or elsewhere",
    ),
    "another format": (problems.write(tiny.problem()).replace(b'"format":1', b'"format":2'), "format"),
    "nothing": (b"", "problem"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_malformed_problem_is_refused_with_its_faults(case: str):
    asked, named = WRONG[case]
    ended = run(asked)
    assert ended.returncode == 2
    assert ended.stdout == b""
    said = lines(ended.stderr)[-1]
    assert said["error"] == "the problem is malformed"
    assert any(named in fault for fault in said["faults"])


def test_of_very_many_faults_some_are_shown():
    lost = tuple(Need(f"n{number}", "nowhere", "r") for number in range(200))
    said = lines(run(problems.write(tiny.problem(needs=lost))).stderr)[-1]
    assert said["faults"][-1] == "and 150 more"
    assert len(said["faults"]) == 51


def test_what_was_sent_is_not_repeated_in_the_fault():
    ended = run(b'{"id": "x", "window": {"start": "13800001111", "end": "secret"}}')
    assert ended.returncode == 2
    assert b"13800001111" not in ended.stderr
    assert b"secret" not in ended.stderr


@pytest.mark.parametrize(
    "option", ["--seconds=0", "--seconds=never", "--gap=1", "--seed=-1", "--memory=1", "--speed=9"]
)
def test_wrong_options_are_refused(option: str):
    ended = run(problems.write(tiny.problem()), option)
    assert ended.returncode == 2
    (said,) = lines(ended.stderr)
    assert said["error"] == "wrong options"
    assert option.split("=", maxsplit=1)[0] in said["faults"][0]


def test_an_empty_problem_has_an_empty_plan():
    ended = run(problems.write(replace(tiny.problem(), people=(), events=(), shifts=(), needs=())))
    assert ended.returncode == 0, ended.stderr.decode()
    made = plans.read(ended.stdout)
    assert (made.choices, made.score, made.bound, made.status) == ((), 0, 0, "proven")


# How it ends


@pytest.fixture
def started(large: bytes) -> Iterator[subprocess.Popen[bytes]]:
    """A planner that has a long way to go and has said that it is on it."""
    process = subprocess.Popen(
        [*COMMAND, "--seconds=600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(large)
        process.stdin.close()
        for line in process.stderr:
            if line.startswith(b"{") and json.loads(line)["stage"] != "read":
                break
        yield process
        process.kill()


def test_sigterm_ends_it_without_a_plan(started: subprocess.Popen[bytes]):
    started.terminate()
    assert started.wait(PATIENCE) == -signal.SIGTERM
    assert started.stdout is not None
    assert started.stdout.read() == b""


def test_the_wall_limit_holds(large: bytes):
    """Whatever is ready then is the plan; if nothing is, the process says so. Either way it has ended."""
    ended = run(large, "--seconds=3")
    assert ended.returncode in {0, 4, -signal.SIGALRM}, ended.stderr.decode()
    if ended.returncode == 0:
        assert plans.read(ended.stdout).status in {"cut_short", "greedy"}
        assert lines(ended.stderr)[-1]["seconds"] <= 5
    else:
        assert ended.stdout == b""


def test_the_memory_limit_holds(large: bytes):
    ended = run(large, "--memory=256")
    assert ended.returncode != 0
    assert ended.stdout == b""


def test_it_dies_with_its_parent():
    """A parent is killed while the planner waits for its problem; the pipe it would read from stays open."""
    reader, writer = os.pipe()
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({COMMAND!r}, stdin={reader}, stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[reader]
    )
    try:
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            planner = int(process.stdout.readline())
            assert json.loads(process.stderr.readline())["stage"] == "read"
            process.kill()
        assert gone(planner)
    finally:
        os.close(reader)
        os.close(writer)


def test_it_ends_at_once_when_its_parent_is_gone_already():
    """The process id is not its parent's: whoever asked has ended and somebody else adopted it."""
    ended = run(problems.write(tiny.problem()), f"--parent={os.getppid()}")
    assert (ended.returncode, ended.stdout) == (0, b"")


def gone(process: int) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
