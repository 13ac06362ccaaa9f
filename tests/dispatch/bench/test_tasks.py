"""Personnel task scheduling: read as published, and staffed with as few people as brute force needs."""

from itertools import combinations
from random import Random

import pytest

from dispatch.bench import tasks
from dispatch.bench.knapsacks import WrongFileError
from dispatch.bench.tasks import Instance
from dispatch.planner import check, model


def made(seed: int) -> Instance:
    """Five workers, seven tasks; now and then nobody can do them all."""
    draw = Random(seed)
    starts = [draw.randint(0, 20) for _ in range(7)]
    spans = tuple((start, start + draw.randint(1, 8)) for start in starts)
    return Instance(
        f"r{seed}", spans, tuple(tuple(t for t in range(7) if draw.random() < (0.6, 0.3)[seed % 2]) for _ in range(5))
    )


def fewest(instance: Instance) -> int | None:
    people = range(len(instance.can))
    return next((size for size in range(6) for some in combinations(people, size) if _can(instance, some, 0, [])), None)


def _can(instance: Instance, some: tuple[int, ...], task: int, given: list[int]) -> bool:
    if task == len(instance.spans):
        return True
    start, end = instance.spans[task]
    for who in some:
        busy = any(
            other == who and start < instance.spans[t][1] and instance.spans[t][0] < end
            for t, other in enumerate(given)
        )
        if task in instance.can[who] and not busy and _can(instance, some, task + 1, [*given, who]):
            return True
    return False


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_uses_as_few_people_as_can_be(seed: int):
    posed = tasks.posed(made(seed))
    plan = model.solve(posed.problem, seconds=30, gap=0.0)
    assert check.violations(posed.problem, plan) == ()
    assert plan.status == "proven"
    best = fewest(posed.instance)
    assert posed.value(plan) == best
    if best is not None:
        assert posed.cost(plan.bound) == best == len({line.person for line in plan.choices})


def test_some_of_these_can_be_done_and_some_cannot():
    assert 0 < sum(fewest(made(seed)) is not None for seed in range(12)) < 12


def test_what_is_written_is_read_again():
    assert tasks.read("r3", tasks.write(made(3))) == made(3)


WRONG = {
    "nothing": ("", "wants jobs"),
    "no head": ("12 13\n", "should stand"),
    "a task backwards": ("Jobs = 1\n5 5\nQualifications = 1\n1: 0\n", "no start and end"),
    "fewer tasks than said": ("Jobs = 1\n5 6\nQualifications = 1\n2: 0\n", "as many tasks"),
    "an unknown task": ("Jobs = 1\n5 6\nQualifications = 1\n1: 1\n", "count from 0"),
    "cut off": ("Jobs = 3\n5 6\n", "no start and end"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_its_place(case: str):
    text, said = WRONG[case]
    with pytest.raises(WrongFileError, match=said):
        tasks.read("file", text)
