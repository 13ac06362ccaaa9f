"""Made-up weeks: as large as they say, the same for the same seed, well-formed, and hard in the ways that count."""

import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest

from dispatch.bench.crowd import HERITAGE
from dispatch.bench.weeks import SIZES, week
from dispatch.planner import check
from dispatch.planner import problem as problems
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Problem

SEATS = {"S": (150, 400), "M": (1_600, 2_300), "L": (10_500, 13_500)}


@pytest.fixture(scope="module")
def medium() -> Problem:
    return week("M", 1)


@pytest.mark.parametrize("size", SEATS)
def test_sizes(size: str):
    made = week(size, 3)
    assert len(made.people) == SIZES[size].people
    assert len(made.events) == SIZES[size].events
    least, most = SEATS[size]
    assert least <= sum(need.desired for need in made.needs) <= most


def test_a_size_nobody_knows():
    with pytest.raises(KeyError):
        week("XXL", 1)


def test_the_same_seed_gives_the_same_bytes_in_another_process(medium: Problem):
    script = (
        "import hashlib; from dispatch.bench.weeks import week; from dispatch.planner.problem import write; "
        "print(hashlib.sha256(write(week('M', 1))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == sha256(problems.write(medium)).hexdigest()


def test_another_seed_gives_another_week():
    assert problems.write(week("S", 1)) != problems.write(week("S", 2))


@pytest.mark.parametrize("seed", range(5))
def test_weeks_are_well_formed(seed: int):
    made = week("S", seed)
    assert problems.read(problems.write(made)) == made


def test_every_event_has_shifts_and_every_shift_needs(medium: Problem):
    assert {shift.event for shift in medium.shifts} == {event.id for event in medium.events}
    assert {need.shift for need in medium.needs} == {shift.id for shift in medium.shifts}


def test_the_roster_breaks_no_rule_line_by_line(medium: Problem):
    lines = tuple(Choice(held.person, held.need) for held in medium.roster)
    plan = Plan(medium.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, lines)
    broken = {found.rule for found in check.violations(medium, plan) + check.kept(medium, plan)}
    assert broken <= {"leader", "quorum", "cast"}
    assert len(medium.roster) >= len(medium.needs) // 15
    assert {held.firm for held in medium.roster} == {True, False}


def test_all_that_makes_a_week_hard_is_there(medium: Problem):
    skills = Counter(hold.skill for person in medium.people for hold in person.holds)
    assert skills["order"] > 20 * max(1, skills["dacheng-opera"])
    asked = {asks.skill for need in medium.needs for asks in need.asks}
    assert asked & set(HERITAGE)
    assert {event.mode for event in medium.events} == {"tutoring", "training", "performance", "support"}
    assert any(event.leader and event.quorum for event in medium.events)
    assert any(event.series for event in medium.events)
    assert any(need.team for need in medium.needs)
    assert any(need.near_minors for need in medium.needs)
    assert any(person.busy for person in medium.people)
    assert any(person.guardian_until for person in medium.people)
    assert any(not person.automated for person in medium.people)
