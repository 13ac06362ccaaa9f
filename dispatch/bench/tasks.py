"""Personnel task scheduling with the fewest people, exactly as a :class:`Problem`.

A worker is a person who costs 1 when used at all and holds one skill a task; a task is a need for one on a shift with
its start and end. All tasks belong to one event, so that no limit on events binds. A seat is worth more than all
workers: the score is ``tasks x seat - workers used``, and its bound proves a number of workers.

Files as the shift minimisation sets have them: comments (#), ``Jobs = n`` and a line ``start end`` each, then
``Qualifications = m`` and a line ``count: task task …`` each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.bench.knapsacks import DAY, EVERYWHERE, HOUSE, WrongFileError
from dispatch.planner.plan import Plan
from dispatch.planner.problem import (
    UNLIMITED,
    Asks,
    Event,
    Hold,
    Need,
    Person,
    Problem,
    Shift,
    Span,
    Venue,
    Weights,
)


@dataclass(frozen=True, slots=True)
class Instance:
    """``spans``: start and end of each task, half-open. ``can``: the tasks of each worker."""

    name: str
    spans: tuple[tuple[int, int], ...]
    can: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Posed:
    """The instance as a problem."""

    instance: Instance
    problem: Problem
    seat: int

    def value(self, plan: Plan) -> int | None:
        """How many people the plan uses; none when it leaves a task out."""
        return self.cost(plan.score) if plan.filled == plan.mandatory else None

    def cost(self, score: int) -> int:
        """The number of people that a score (or a bound of scores) stands for."""
        return self.seat * len(self.instance.spans) - score


def read(name: str, text: str) -> Instance:
    """The instance of a file. Raises :class:`WrongFileError`."""
    lines = iter([line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")])
    found: dict[str, list[str]] = {}
    for line in lines:
        head = re.fullmatch(r"(Type|Jobs|Qualifications)\s*=\s*(\d+)", line)
        if head is None:
            raise WrongFileError(f"{name}: {line[:40]!r} where Jobs = or Qualifications = should stand")
        if head[1] != "Type":
            found[head[1]] = [next(lines, "") for _ in range(int(head[2]))]
    spans = tuple(_span(name, line) for line in found.get("Jobs", ()))
    can = tuple(tuple(_tasks(name, line, len(spans))) for line in found.get("Qualifications", ()))
    if not spans or not can:
        raise WrongFileError(f"{name}: wants jobs and qualifications")
    return Instance(name, spans, can)


def _span(name: str, line: str) -> tuple[int, int]:
    words = line.split()
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[0]) >= int(words[1]):
        raise WrongFileError(f"{name}: {line[:40]!r} is no start and end of a task")
    return int(words[0]), int(words[1])


def _tasks(name: str, line: str, count: int) -> Iterator[int]:
    said, _, words = line.partition(":")
    tasks = [int(word) for word in words.split() if word.isdigit()]
    if not said.isdigit() or int(said) != len(tasks) or len(words.split()) != len(tasks):
        raise WrongFileError(f"{name}: {line[:40]!r} does not name as many tasks as it says")
    if any(task >= count for task in tasks):
        raise WrongFileError(f"{name}: {line[:40]!r} names a task that there is not; they count from 0")
    yield from tasks


def write(instance: Instance) -> str:
    """The instance in the format of :func:`read`."""
    spans = [f"{start} {end}" for start, end in instance.spans]
    can = [f"{len(tasks)}: {' '.join(map(str, tasks))}" for tasks in instance.can]
    head = ["# shift minimisation personnel task scheduling", "Type = 1", f"Jobs = {len(spans)}"]
    return "\n".join([*head, *spans, f"Qualifications = {len(can)}", *can, ""])


def posed(instance: Instance) -> Posed:
    seat = len(instance.can) + 1
    start = (DAY - 719_163) * 1440
    last = max(end for _, end in instance.spans)
    people = tuple(
        Person(
            f"w{i}", HOUSE, holds=tuple(Hold(f"t{task}") for task in tasks), free=(EVERYWHERE,), max_day=UNLIMITED,
            max_week=UNLIMITED, max_month=UNLIMITED, rest=0, cost=1,
        )
        for i, tasks in enumerate(instance.can)
    )  # fmt: skip
    shifts = tuple(
        Shift(f"s{j}", "all", "here", start + begin, start + end, DAY) for j, (begin, end) in enumerate(instance.spans)
    )
    made = Problem(
        instance.name,
        Span(start, start + last),
        people,
        venues=(Venue("here", HOUSE),),
        events=(Event("all", priority=1),),
        shifts=shifts,
        needs=tuple(Need(f"t{j}", f"s{j}", "task", asks=(Asks(f"t{j}"),)) for j in range(len(shifts))),
        weights=Weights(seat, *[0] * 10),
    )
    return Posed(instance, made, seat)
