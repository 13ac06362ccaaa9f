"""A plan in parts: the same plan wherever and in whatever order the parts are solved, and whoever fails to answer."""

import base64
import json
import subprocess
import sys
from unittest.mock import patch

import numpy as np
import pytest

from dispatch.bench.weeks import week
from dispatch.planner import check, model
from dispatch.planner import plan as plans
from dispatch.planner import problem as problems
from dispatch.planner.plan import Plan
from dispatch.planner.search import parts
from dispatch.planner.tables import Ints

COMMAND = [sys.executable, "-m", "dispatch.planner"]
PATIENCE = 120


def solved(farm: model.Farm | None = None) -> Plan:
    """A small week, taken for a large one, in parts of ten events."""
    with patch.object(model, "WHOLE", 0), patch.object(parts, "EVENTS", 10):
        return model.solve(week("S", 3), seconds=120, gap=0.01, seed=4, farm=farm)


def elsewhere(several: list[parts.Part], seconds: float) -> dict[int, Ints]:
    """Each part through bytes, the last one first."""
    told = {}
    for number in reversed(range(len(several))):
        answer = parts.solved(parts.read(parts.written(several[number])), gap=0.001, seconds=60, seed=4)
        assert answer is not None
        told[number] = answer
    return told


def test_parts_solved_elsewhere_give_the_same_bytes():
    seen: list[int] = []

    def farm(several: list[parts.Part], seconds: float) -> dict[int, Ints]:
        seen.append(len(several))
        return elsewhere(several, seconds)

    made = solved(farm)
    assert seen[0] > 1
    assert check.violations(week("S", 3), made) == ()
    assert plans.write(made) == plans.write(solved())


@pytest.mark.parametrize("answered", [0, 1])
def test_what_nobody_answers_is_solved_here(answered: int):
    def farm(several: list[parts.Part], seconds: float) -> dict[int, Ints]:
        return {n: rows for n, rows in elsewhere(several, seconds).items() if n < answered}

    assert plans.write(solved(farm)) == plans.write(solved())


def test_an_answer_may_not_name_what_was_not_asked():
    """Whatever comes back, no line is taken that the part was not to choose."""

    def farm(several: list[parts.Part], seconds: float) -> dict[int, Ints]:
        return {n: np.arange(-5, 100_000) for n in range(len(several))}

    made = solved(farm)
    assert check.violations(week("S", 3), made) == ()


def test_nobody_chooses_in_two_parts():
    seen: list[parts.Part] = []

    def farm(several: list[parts.Part], seconds: float) -> dict[int, Ints]:
        seen.extend(several)
        return {}

    solved(farm)
    chosen = np.concatenate([part.rows[part.own] for part in seen])
    assert len(chosen) == len(np.unique(chosen))


@pytest.mark.parametrize("data", [b"", b"nothing", b"PK\x03\x04 no archive"])
def test_bytes_that_are_no_part_are_refused(data: bytes):
    ended = subprocess.run([*COMMAND, "part"], input=data, capture_output=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert b"these bytes are no part of a plan" in ended.stderr


def test_parts_go_out_and_answers_come_in():
    """The filter hands its parts out, takes the answers of other processes and gives the plan that it gives alone."""
    asked = problems.write(week("M", 3))
    options = ("--gap=0.01", "--seed=2", "--seconds=100", "--events=100")
    alone = subprocess.run([*COMMAND, *options], input=asked, capture_output=True, timeout=PATIENCE, check=True)
    process = subprocess.Popen(
        [*COMMAND, "--farm", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked + b"\n")
        process.stdin.flush()
        of = 1
        while of:
            said = json.loads(process.stdout.readline())
            answer = subprocess.run(
                [*COMMAND, "part", "--gap=0.01", "--seed=2"],
                input=base64.b64decode(said["data"]),
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
            process.stdin.write(json.dumps({"part": said["part"], **json.loads(answer.stdout)}).encode() + b"\n")
            process.stdin.flush()
            of = said["of"] - said["part"] - 1
        assert process.stdout.readline() == alone.stdout
