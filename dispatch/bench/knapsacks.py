"""Generalised assignment, exactly as a :class:`Problem`: agents with room, jobs that each go to one of them.

An agent is a person whose weekly limit is the room. Jobs are needs for one, on shifts of a minute, one after the other,
in one event. What a job takes of an agent and what it costs there are the pair's ``load`` and ``cost``; no other goal
weighs anything. A seat is worth so much that no plan which leaves a job out is better than the best that leaves none:
so the plan's score is ``jobs x seat - cost``, and its bound proves a cost.

Files as OR-Library has them: one instance (``m n``, costs, loads, rooms), or their number and then each of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dispatch.planner.plan import Plan
from dispatch.planner.problem import UNLIMITED, Event, Need, Pair, Person, Point, Problem, Shift, Span, Venue, Weights
from dispatch.planner.search.program import Program, less, linear

Ints = NDArray[np.int64]
DAY = 719_163 + 4  # 1970-01-05, a Monday
HOUSE = Point(24.9, 118.6)
EVERYWHERE = Span(0, 200_000_000)


class WrongFileError(ValueError):
    """The file is not in the format; says where."""


@dataclass(frozen=True, slots=True)
class Instance:
    """``cost[i, j]`` and ``load[i, j]`` of job j with agent i, ``room[i]`` of agent i."""

    name: str
    cost: Ints
    load: Ints
    room: Ints


@dataclass(frozen=True, slots=True)
class Posed:
    """The instance as a problem, and what a seat is worth in it."""

    instance: Instance
    problem: Problem
    seat: int

    def value(self, plan: Plan) -> int | None:
        """What the plan costs; none when it leaves a job out."""
        return self.cost(plan.score) if plan.filled == plan.mandatory else None

    def cost(self, score: int) -> int:
        """The cost that a score (or a bound of scores) stands for."""
        return self.seat * int(self.instance.cost.shape[1]) - score


def read(name: str, text: str, *, most: bool = False) -> list[Instance]:
    """The instances of a file. ``most``: its costs are profits, wanted high. Raises :class:`WrongFileError`."""
    try:
        numbers = [int(word) for word in text.split()]
    except ValueError as error:
        raise WrongFileError(f"{name}: {error}; the file has whole numbers only") from error
    single = len(numbers) > 2 and len(numbers) == 2 + 2 * numbers[0] * numbers[1] + numbers[0]
    found = [_one(name, numbers)[0]] if single else list(_several(name, numbers))
    return [replace(one, cost=-one.cost) for one in found] if most else found


def _several(name: str, numbers: Sequence[int]) -> Iterator[Instance]:
    if not numbers or numbers[0] < 1:
        raise WrongFileError(f"{name}: wants the number of instances first")
    rest = numbers[1:]
    for count in range(numbers[0]):
        made, rest = _one(f"{name}:{count + 1}", rest)
        yield made
    if rest:
        raise WrongFileError(f"{name}: {len(rest)} numbers too many after {numbers[0]} instances")


def _one(name: str, numbers: Sequence[int]) -> tuple[Instance, Sequence[int]]:
    agents, jobs = (*numbers[:2], 0, 0)[:2]
    end = 2 + 2 * agents * jobs + agents
    if agents < 1 or jobs < 1 or len(numbers) < end:
        raise WrongFileError(f"{name}: {agents} agents and {jobs} jobs want {end} numbers, there are {len(numbers)}")
    body = np.array(numbers[2:end], np.int64)
    table = agents * jobs
    cost, load = body[:table].reshape(agents, jobs), body[table : 2 * table].reshape(agents, jobs)
    if load.min() < 0 or load.max() > UNLIMITED or (room := body[2 * table :]).min() < 0 or room.max() > UNLIMITED:
        raise WrongFileError(f"{name}: loads and rooms lie between 0 and {UNLIMITED}")
    return Instance(name, cost, load, room), numbers[end:]


def write(instance: Instance) -> str:
    """The instance in the format of :func:`read`."""
    rows = chain([instance.cost.shape], instance.cost.tolist(), instance.load.tolist(), [instance.room.tolist()])
    return "\n".join(" ".join(map(str, row)) for row in rows) + "\n"


def posed(instance: Instance) -> Posed:
    jobs = instance.cost.shape[1]
    seat = _seat(instance)
    start = (DAY - 719_163) * 1440
    people = tuple(
        Person(
            f"a{i}", HOUSE, free=(EVERYWHERE,), max_day=UNLIMITED, max_week=room, max_month=UNLIMITED, rest=0,
        )
        for i, room in enumerate(instance.room.tolist())
    )  # fmt: skip
    made = Problem(
        instance.name,
        Span(start, start + jobs),
        people,
        venues=(Venue("here", HOUSE),),
        events=(Event("all", priority=1),),
        shifts=tuple(Shift(f"s{j}", "all", "here", start + j, start + j + 1, DAY) for j in range(jobs)),
        needs=tuple(Need(f"j{j}", f"s{j}", "job") for j in range(jobs)),
        pairs=tuple(
            Pair(f"a{i}", f"j{j}", load, cost)
            for i, (loads, costs) in enumerate(zip(instance.load.tolist(), instance.cost.tolist(), strict=True))
            for j, (load, cost) in enumerate(zip(loads, costs, strict=True))
        ),
        weights=Weights(seat, *[0] * 10),
    )
    return Posed(instance, made, seat)


def _seat(instance: Instance) -> int:
    """What a seat must be worth so that a job left out never pays, as small as is easily known.

    With any prices of room, every set of jobs costs at least the sum of its jobs' cheapest priced costs less the
    price of all room. A full assignment of a known cost is better than any with jobs left out, when a seat is worth
    more than the dearest job's priced cost and the distance between that cost and this lower bound.
    """
    cost, load, room = instance.cost, instance.load, instance.room
    price = _prices(instance)
    cheapest = (cost * 1000 + price[:, None] * load).min(axis=0)
    floor = int(cheapest.sum() - (price * room).sum()) / 1000
    known = _full(cost * 1000 + price[:, None] * load, instance)
    dearest = max(0.0, float(cheapest.max()) / 1000)
    if known is None:  # any full assignment costs at most this
        known = int(cost.max(axis=0).sum())
    return int(known - floor + dearest) + 2


def _prices(instance: Instance) -> Ints:
    """Prices of room, in thousandths, from the linear relaxation; nothing when it has no solution."""
    agents, jobs = instance.cost.shape
    x = np.arange(agents * jobs)
    one = np.ones(agents * jobs, np.int64)
    rows = (
        less("job", x % jobs, x, one, 1),
        less("room", x // jobs, x, instance.load.ravel(), instance.room),
    )
    seat = int(np.abs(instance.cost).sum()) + 1
    program = Program(seat - instance.cost.ravel(), one, np.zeros(len(x), np.bool_), rows)
    answer = linear(program, seconds=60.0)
    if answer.x is None:
        return np.zeros(agents, np.int64)
    prices: Ints = np.rint(np.maximum(0, answer.duals["room"]) * 1000).astype(np.int64)
    return prices


def _full(priced: Ints, instance: Instance) -> int | None:
    """What the cheapest full assignment costs that a few orders of jobs lead to: by what a job loses when it cannot go
    where it is cheapest, by what it takes, and by both. None if all get stuck."""
    least = np.sort(priced, axis=0)[: min(2, len(priced))]
    regret, size = least[-1] - least[0], instance.load.min(axis=0)
    worths = (priced, priced + np.abs(priced).max() * (instance.load // np.maximum(1, instance.room)[:, None]))
    orders = (regret, size, regret * np.maximum(1, size), size * 1_000_000 + regret)
    found = [_filled(np.argsort(-order, kind="stable"), worth, instance) for order in orders for worth in worths]
    found += [_filled(np.argsort(-order, kind="stable"), instance.load, instance) for order in orders]
    return min((total for total in found if total is not None), default=None)


def _filled(order: Ints, priced: Ints, instance: Instance) -> int | None:
    """The jobs in this order, each with the cheapest agent who still has room."""
    left, total = instance.room.copy(), 0
    for job in order.tolist():
        fits = np.flatnonzero(instance.load[:, job] <= left)
        if not len(fits):
            return None
        agent = fits[np.argmin(priced[fits, job])]
        left[agent] -= instance.load[agent, job]
        total += int(instance.cost[agent, job])
    return total
