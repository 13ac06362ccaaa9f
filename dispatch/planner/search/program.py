"""A linear program as arrays, and its hand-over to OR-Tools: HiGHS for prices and plans, CP-SAT for tiny ones, PDLP
for knotted prices."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dispatch.planner.tables import Flags, Floats, Ints

INFINITY = float("inf")
ROUNDING = 1e-12  # what sums of floats may be wrong by, of all that was summed


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows ``low <= a·x <= high``. ``row`` counts from 0 within these; ``owner``: the person whom each row binds
    alone. ``lazy``: a relaxation may leave those out that nobody breaks."""

    name: str
    row: Ints
    column: Ints
    weight: Ints
    low: Floats
    high: Floats
    owner: Ints | None = None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Maximise ``worth``·x, 0 <= x <= ``high``, x whole where ``whole``."""

    worth: Ints
    high: Ints
    whole: Flags
    rows: tuple[Rows, ...]

    @property
    def height(self) -> int:
        return sum(len(rows.low) for rows in self.rows)

    @property
    def entries(self) -> int:
        return sum(len(rows.row) for rows in self.rows)

    def fixed(self, columns: Ints) -> "Program":
        """The program in which these columns are one."""
        one = np.ones(len(columns), np.int64)
        rows = Rows("fixed", np.arange(len(columns)), columns, one, one.astype(np.float64), one.astype(np.float64))
        return Program(self.worth, self.high, self.whole, (*self.rows, rows))


@dataclass(frozen=True, slots=True)
class Answer:
    """``x``: the solution, none when the solver found none. ``bound``: no solution is worth more. ``prices`` of all
    rows, and ``duals``, the same by the name of the rows, for linear answers."""

    x: Floats | None
    worth: float
    bound: float
    optimal: bool
    duals: dict[str, Floats] = field(default_factory=dict)
    prices: Floats = field(default_factory=lambda: np.zeros(0))
    reduced: Floats = field(default_factory=lambda: np.zeros(0))


def less(
    name: str,
    row: Ints,
    column: Ints,
    weight: Ints | int,
    high: Ints | int,
    owner: Ints | None = None,
    *,
    lazy: bool = False,
) -> Rows:
    """Rows ``a·x <= high``; ``row`` may have gaps, the emptied rows are left out."""
    kept, number = np.unique(row, return_inverse=True)
    limits = np.full(len(kept), high, np.float64) if isinstance(high, int) else high[kept].astype(np.float64)
    weights = np.broadcast_to(np.asarray(weight, np.int64), row.shape)
    whose = None if owner is None else owner[kept]
    return Rows(name, number.astype(np.int64), column, weights, np.full(len(kept), -INFINITY), limits, whose, lazy)


def load() -> None:
    """Load the solvers, so that it is known how long that takes."""
    import ortools.math_opt.core.python.solver  # noqa: F401


class Draft:
    """Columns and rows while they are being laid out."""

    def __init__(self) -> None:
        self.worth: list[Ints] = []
        self.high: list[Ints] = []
        self.whole: list[Flags] = []
        self.rows: list[Rows] = []
        self.size = 0

    def columns(self, worth: Ints, high: Ints, *, whole: bool) -> Ints:
        """New columns; returns their numbers."""
        self.worth.append(worth)
        self.high.append(high)
        self.whole.append(np.full(len(worth), whole))
        self.size += len(worth)
        return np.arange(self.size - len(worth), self.size)

    def less(
        self,
        name: str,
        row: Ints,
        column: Ints,
        weight: Ints | int,
        high: Ints | int,
        owner: Ints | None = None,
        *,
        lazy: bool = False,
    ) -> None:
        if len(row):
            self.rows.append(less(name, row, column, weight, high, owner, lazy=lazy))

    def program(self) -> Program:
        return Program(
            np.concatenate(self.worth), np.concatenate(self.high), np.concatenate(self.whole), tuple(self.rows)
        )


def linear(program: Program, *, seconds: float) -> Answer:
    """The linear relaxation, with the price of every row; no answer when ``seconds`` end it."""
    from ortools.math_opt import model_parameters_pb2, parameters_pb2, result_pb2

    nothing = model_parameters_pb2.ModelSolveParametersProto()
    off = parameters_pb2.EMPHASIS_OFF  # a third faster than with: the programs are lean already
    reply = _sent(program, "HIGHS", seconds, nothing, relaxed=True, presolve=off)
    if reply.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL or not reply.solutions:
        return Answer(None, 0.0, INFINITY, False)
    found = reply.solutions[0]
    x = _dense(found.primal_solution.variable_values, len(program.worth))
    reduced = _dense(found.dual_solution.reduced_costs, len(program.worth))
    prices = _dense(found.dual_solution.dual_values, program.height)
    worth = found.primal_solution.objective_value
    return Answer(x, worth, worth, True, _by_name(program, prices), prices, reduced)


def approached(program: Program, *, seconds: float) -> Answer:
    """Prices near those of the linear relaxation, by first-order steps, of programs too knotted for a simplex method.
    However near they are, the bound is computed from the prices alone and holds. No ``x``; no prices, no bound when
    there are none yet."""
    from ortools.math_opt import model_parameters_pb2

    nothing = model_parameters_pb2.ModelSolveParametersProto()
    reply = _sent(program, "PDLP", seconds, nothing, relaxed=True)
    told = [one.dual_solution for one in reply.solutions if one.HasField("dual_solution")]
    if not told:
        return Answer(None, 0.0, INFINITY, False)
    prices = _dense(told[0].dual_values, program.height)
    return Answer(None, 0.0, certified(program, prices), False, _by_name(program, prices), prices)


def certified(program: Program, prices: Floats) -> float:
    """What no solution exceeds if each row is bought and sold at its price: weak duality, true of any prices. A row
    that has no limit on the side that its price asks for counts as free."""
    _, rows = _sides(program, prices)
    got = np.maximum(gains(program, prices), 0.0) * program.high.astype(np.float64)
    row, column, weight, _, _ = _stacked(program.rows)
    spent = np.bincount(column, np.abs(weight * prices[row]), len(program.worth))
    noise = float(np.abs(rows).sum() + ((np.abs(program.worth) + spent) * program.high).sum())
    return math.fsum(rows) + math.fsum(got) + noise * ROUNDING


def gains(program: Program, prices: Floats) -> Floats:
    """What one of each column is worth beyond what its rows cost at these prices. No solution with a column that gains
    less than nothing is worth more than ``certified`` says less what it loses so."""
    row, column, weight, _, _ = _stacked(program.rows)
    price, _ = _sides(program, prices)
    spent = np.bincount(column, weight * price[row], len(program.worth))
    return program.worth.astype(np.float64) - spent


def _sides(program: Program, prices: Floats) -> tuple[Floats, Floats]:
    """The prices that count, and what each row costs in all."""
    _, _, _, low, high = _stacked(program.rows)
    side = np.where(prices > 0, high, low)
    finite = np.isfinite(side)
    price = np.where(finite, prices, 0.0)
    return price, price * np.where(finite, side, 0.0)


def _dense(values: Any, size: int) -> Floats:
    found = np.zeros(size)
    found[np.array(values.ids, np.int64)] = np.array(values.values)
    return found


def _by_name(program: Program, prices: Floats) -> dict[str, Floats]:
    cuts = np.cumsum([len(rows.low) for rows in program.rows])
    return {rows.name: part for rows, part in zip(program.rows, np.split(prices, cuts[:-1]), strict=True)}


def highs(
    program: Program, *, hint: Floats | None, gap: float, seconds: float, seed: int, nodes: int | None = None
) -> Answer:
    """The program in whole numbers by HiGHS, on one thread, ended by ``nodes`` (deterministic) or ``seconds``."""
    return _mip(program, "HIGHS", hint, {"relative_gap_tolerance": gap, "node_limit": nodes}, seconds, seed)


def cp_sat(program: Program, *, hint: Floats | None, gap: float, seconds: float, work: float, seed: int) -> Answer:
    """The program in whole numbers by CP-SAT, on one worker, ended by ``work`` (deterministic) or ``seconds``."""
    from ortools.sat import sat_parameters_pb2

    cp = sat_parameters_pb2.SatParameters(num_workers=1, max_deterministic_time=work, mip_max_bound=1e12)
    return _mip(program, "CP_SAT", hint, {"relative_gap_tolerance": gap, "cp_sat": cp}, seconds, seed)


def _mip(
    program: Program, solver: str, hint: Floats | None, options: dict[str, Any], seconds: float, seed: int
) -> Answer:
    from ortools.math_opt import model_parameters_pb2, result_pb2, sparse_containers_pb2

    more = model_parameters_pb2.ModelSolveParametersProto()
    if hint is not None:
        values = sparse_containers_pb2.SparseDoubleVectorProto(ids=range(len(hint)), values=hint.tolist())
        more.solution_hints.add(variable_values=values)
    reply = _sent(program, solver, seconds, more, random_seed=seed, **options)
    ended = reply.termination
    bound = ended.objective_bounds.dual_bound
    optimal = ended.reason == result_pb2.TERMINATION_REASON_OPTIMAL
    if not reply.solutions or not reply.solutions[0].HasField("primal_solution"):
        return Answer(None, 0.0, bound, False)
    found = reply.solutions[0].primal_solution
    x = _dense(found.variable_values, len(program.worth))
    return Answer(x, found.objective_value, bound, optimal)


def _sent(program: Program, solver: str, seconds: float, more: Any, *, relaxed: bool = False, **options: Any) -> Any:
    from google.protobuf.duration_pb2 import Duration  # type: ignore[import-untyped]
    from ortools.math_opt import callback_pb2, parameters_pb2
    from ortools.math_opt.core.python import solver as math_opt

    seconds = max(0.01, seconds)
    limit = Duration(seconds=int(seconds), nanos=int((seconds % 1) * 1e9))
    params = parameters_pb2.SolveParametersProto(time_limit=limit, **options)
    kind = parameters_pb2.SolverTypeProto.Value(f"SOLVER_TYPE_{solver}")
    empty = parameters_pb2.SolverInitializerProto()
    model = _model(program, relaxed=relaxed)
    return math_opt.solve(model, kind, empty, params, more, None, callback_pb2.CallbackRegistrationProto(), None, None)


def _model(program: Program, *, relaxed: bool) -> Any:
    from ortools.math_opt import model_pb2

    model = model_pb2.ModelProto()
    size = len(program.worth)
    model.variables.ids.extend(range(size))
    model.variables.lower_bounds.extend([0.0] * size)
    model.variables.upper_bounds.extend(program.high.tolist())
    model.variables.integers.extend([False] * size if relaxed else program.whole.tolist())
    model.objective.maximize = True
    paid = np.flatnonzero(program.worth)
    model.objective.linear_coefficients.ids.extend(paid.tolist())
    model.objective.linear_coefficients.values.extend(program.worth[paid].tolist())
    row, column, weight, low, high = _stacked(program.rows)
    model.linear_constraints.ids.extend(range(len(low)))
    model.linear_constraints.lower_bounds.extend(low.tolist())
    model.linear_constraints.upper_bounds.extend(high.tolist())
    order = np.lexsort((column, row))
    model.linear_constraint_matrix.row_ids.extend(row[order].tolist())
    model.linear_constraint_matrix.column_ids.extend(column[order].tolist())
    model.linear_constraint_matrix.coefficients.extend(weight[order].tolist())
    return model


def _stacked(several: Sequence[Rows]) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    at, row = 0, []
    for rows in several:
        row.append(rows.row + at)
        at += len(rows.low)
    return (
        np.concatenate(row),
        np.concatenate([rows.column for rows in several]),
        np.concatenate([rows.weight for rows in several]),
        np.concatenate([rows.low for rows in several]),
        np.concatenate([rows.high for rows in several]),
    )
