"""B.5: random lives against real PostgreSQL, an oracle, and every invariant after each command."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tortoise import connections
from tortoise.exceptions import IntegrityError

from tests.dispatch.ground import PEOPLE, Ground
from tests.dispatch.machine import SCENES, Life
from tests.dispatch.mutants import MUTANTS, planted
from volunteer import database

QUIET = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False,
    phases=[Phase.generate], report_multiple_bugs=False,
)  # fmt: skip

DRAWS = """import importlib, sys
from hypothesis import given, settings, strategies as st
from tests.dispatch.player import Number, Person, Stray

@settings(derandomize=True, database=None, deadline=None, max_examples=50)
@given(st.lists(Number | Stray | Person, min_size=9))
def draw(numbers):
    print(numbers)

for name in sys.argv[1:]:
    importlib.import_module(name)
draw()
"""


@pytest.fixture(scope="module")
def ground(module_database_url: str) -> Iterator[Ground]:
    """One world on a loop of its own: the machine is not a coroutine."""
    loop = asyncio.new_event_loop()
    context = database.opened(module_database_url)
    loop.run_until_complete(context.__aenter__())
    made = Ground(loop)
    made.do(made.lay())
    yield made
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.close()


def play(ground: Ground, *, examples: int, steps: int) -> None:
    machine = type("LifeHere", (Life,), {"ground": ground})
    run_state_machine_as_test(machine, settings=settings(QUIET, max_examples=examples, stateful_step_count=steps))


def met(ground: Ground) -> None:
    """Every opening, played by the same four people in the same order: nothing of it is left to chance."""
    for scene in SCENES:
        machine = type("LifeHere", (Life,), {"ground": ground})()
        machine.begin(scene, list(range(PEOPLE)))


def test_the_openings_are_lawful(ground: Ground) -> None:
    met(ground)


def test_no_random_life_leaves_the_rules(ground: Ground) -> None:
    play(ground, examples=15, steps=40)


def test_the_lives_are_the_same_whatever_is_loaded(tmp_path: Path) -> None:
    """Hypothesis likes to draw what literals it finds in loaded modules: other files' tests would change the lives."""
    (tmp_path / "beside.py").write_text("\n".join(f"a{number} = {number}" for number in range(100, 10_000, 25)))
    (tmp_path / "draws.py").write_text(DRAWS)

    def drawn(*modules: str) -> bytes:
        return subprocess.run([sys.executable, tmp_path / "draws.py", *modules], check=True, capture_output=True).stdout

    alone = drawn()
    assert alone.count(b"\n") == 50
    assert drawn("beside") == alone


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_kills_the_mutant(ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Canaries: with one guard taken away the same machine must fail, and already in its openings."""

    def run(statement: str) -> None:
        ground.do(connections.get("default").execute_script(statement))

    with planted(name, monkeypatch, run), pytest.raises((AssertionError, IntegrityError)):
        met(ground)
