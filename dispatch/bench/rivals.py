"""What the planner is measured against, on the same problem: a greedy filling, and two plain ways to ask a solver.

All rivals obey all rules: they choose among the same eligible pairs, and the referee judges their plans too.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np

from dispatch.planner import check
from dispatch.planner.candidates import Candidates, candidates
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import eligible
from dispatch.planner.goals import Seats, seats
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Problem
from dispatch.planner.search.formulation import Formulation, Ground, formulate
from dispatch.planner.search.greedy import Lines, fill
from dispatch.planner.search.program import Rows, highs
from dispatch.planner.search.rivals import rivals
from dispatch.planner.search.sides import closed
from dispatch.planner.search.ties import ROUND
from dispatch.planner.tables import Flags, Floats, Ints, Tables, tabulate

CLIQUES: Final = frozenset({"crowd", "clash"})
STEPS: Final = tuple(f"hours_{period} {k}" for period in ("day", "week", "month") for k in ROUND)
CLEVER: Final = frozenset({"rivals", "whole", *STEPS})  # rows that follow from the others


@dataclass(frozen=True, slots=True)
class Field:
    """The eligible pairs of a problem, and what all rivals start from. ``seconds`` it took to find them."""

    problem: Problem
    tables: Tables
    value: Seats
    runs: Flags
    pairs: Candidates
    far: Floats
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rival's plan, none when it found none in its time; ``bound`` when it proved one."""

    plan: Plan | None
    bound: float | None
    build_seconds: float
    solve_seconds: float


def survey(problem: Problem) -> Field:
    started = time.perf_counter()
    tables = tabulate(open_desk(problem))
    found = eligible(tables)
    every = candidates(tables, found, np.ones(len(problem.needs), np.bool_))
    runs, _ = closed(tables, np.bincount(every.need, minlength=len(problem.needs)).astype(np.int64))
    pairs = candidates(tables, found, runs)
    return Field(problem, tables, seats(tables), runs, pairs, tables.roads, time.perf_counter() - started)


def greedy(field: Field) -> Outcome:
    """Seats by what they add, each with the best person who still fits."""
    started = time.perf_counter()
    lines = Lines(field.tables, field.pairs, field.far)
    fill(lines, field.value)
    return Outcome(_plan(field, lines.rows()), None, 0.0, time.perf_counter() - started)


def whole(field: Field, *, seconds: float, gap: float) -> Outcome:
    """All pairs in one mixed-integer program, to HiGHS."""
    started = time.perf_counter()
    asked = _formulated(field)
    built = time.perf_counter()
    answer = highs(asked.program, hint=None, gap=gap, seconds=seconds, seed=0)
    solved = time.perf_counter()
    plan = None if answer.x is None else _plan(field, asked.rows[answer.x[: len(asked.rows)] > 0.5])
    return Outcome(plan, answer.bound + _already(field), built - started, solved - built)


def naive(field: Field, *, seconds: float, gap: float) -> Outcome:
    """One Boolean a pair, one constraint for every two pairs of a person that clash, built in a loop, to CP-SAT."""
    from ortools.sat.python import cp_model

    started = time.perf_counter()
    asked = _formulated(field)
    model: Any = cp_model.CpModel()
    highest = asked.program.high.tolist()
    x = [
        model.new_bool_var(f"x{i}") if high == 1 else model.new_int_var(0, high, f"x{i}")
        for i, high in enumerate(highest)
    ]
    for rows in asked.program.rows:
        if rows.name in CLEVER:
            continue
        for low, high, columns, weights in _each(rows):
            if rows.name in CLIQUES and min(weights) > 0:
                for one, other in combinations(columns, 2):
                    model.add_at_most_one(x[one], x[other])
            else:
                total = sum(weight * x[column] for column, weight in zip(columns, weights, strict=True))
                model.add_linear_constraint(total, _whole(low), _whole(high))
    model.maximize(sum(worth * one for worth, one in zip(asked.program.worth.tolist(), x, strict=True) if worth))
    built = time.perf_counter()
    solver: Any = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.relative_gap_limit = gap
    found = solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    solved = time.perf_counter()
    rows_taken = [row for row, one in zip(asked.rows.tolist(), x, strict=False) if found and solver.value(one)]
    plan = _plan(field, np.array(rows_taken, np.int64)) if found else None
    return Outcome(plan, solver.best_objective_bound + _already(field), built - started, solved - built)


def _formulated(field: Field) -> Formulation:
    every = np.arange(len(field.pairs))
    found = rivals(field.tables, field.pairs, field.far)
    return formulate(
        Ground(field.tables, field.value, field.runs, field.pairs, field.pairs.worth, found), every, exact=True
    )


def _plan(field: Field, rows: Ints) -> Plan:
    """The firm lines and these candidates."""
    problem, pairs = field.problem, field.pairs
    firm = [Choice(held.person, held.need, firm=True) for held in problem.roster if held.firm]
    taken = zip(pairs.person[rows].tolist(), pairs.need[rows].tolist(), strict=True)
    lines = [Choice(problem.people[who].id, problem.needs[what].id) for who, what in taken]
    return Plan(problem.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, (*firm, *lines))


def _already(field: Field) -> int:
    """What the firm lines are worth, which no program counts."""
    return check.score(field.problem, _plan(field, np.zeros(0, np.int64)))["total"]


def _each(rows: Rows) -> Iterator[tuple[float, float, list[int], list[int]]]:
    order = np.argsort(rows.row, kind="stable")
    cuts = np.searchsorted(rows.row[order], np.arange(len(rows.low) + 1)).tolist()
    columns, weights = rows.column[order].tolist(), rows.weight[order].tolist()
    for row, (start, end) in enumerate(pairwise(cuts)):
        yield float(rows.low[row]), float(rows.high[row]), columns[start:end], weights[start:end]


def _whole(limit: float) -> int:
    """A finite limit as an integer, an infinite one as the largest that CP-SAT knows."""
    return int(np.clip(limit, -(2**62), 2**62))
