"""The pipeline: problem in, plan with a proven bound out.

Eligible pairs → what can never run → greedy floor → prices and their bound → whole numbers where the relaxation leaves
parts of lines (small scopes: everywhere) → last polish → explanations.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dispatch.planner.eligibility import Eligible
from dispatch.planner.plan import Breach, Plan
from dispatch.planner.problem import Problem, write
from dispatch.planner.reasons.explain import Outcome, choices, holes, off
from dispatch.planner.rules import why_not
from dispatch.planner.search.formulation import Ground, Trade, formulate
from dispatch.planner.search.greedy import Lines, fill
from dispatch.planner.search.parts import Part, parts, solved
from dispatch.planner.search.prices import Priced, price
from dispatch.planner.search.program import INFINITY, Answer, cp_sat, highs, linear
from dispatch.planner.search.scope import Scope, lines_of, scoped, score_of, worth_of
from dispatch.planner.tables import Ints, Tables

Status = Literal["proven", "unproven", "cut_short", "greedy"]
Floor = Callable[[Callable[[], Plan]], None]
Progress = Callable[[str, float, int | None, int | None], None]
Farm = Callable[[list[Part], float], dict[int, Ints]]
WHOLE = 5_000  # so many candidates are solved whole, exactly
TINY = 400  # so many candidates go to CP-SAT, which proves in integers
TINY_WORK = 20.0  # deterministic seconds
ODD_RELAXING = 0.2  # part of the time for the relaxation of an odd scope
ODD_SHARE = 0.6  # part of the time left that the first solver may take for it before another tries
ODD_WORK = 100_000.0  # deterministic seconds
TOLERANCE = 1e-6  # what floating solvers may be wrong by, of the bound
PROVABLE = 150_000  # so many candidates are searched whole, if need be
RELAXING = 0.3  # part of the gap that the relaxation may be wrong by
PRICING = 0.75  # part of the time left that prices may take; they are worth little without whole numbers
ROUNDING = 0.6  # part of the time left that rounding may take; the rest is for the proof
NEARLY_ALL = 0.98  # part of its time after which work counts as cut
EXPLAINING = 0.1  # part of the time kept for explanations
RELAXED = (
    "cast",
    "events_month",
    "hours_day",
    "hours_month",
    "hours_rolling",
    "hours_week",
    "mentor",
    "pair",
    "series",
)


@dataclass(frozen=True, slots=True)
class Found:
    """Chosen candidates, the bound of what any choice adds, the prices behind it, and what the bound leaves out.
    ``scope``: whose candidates they are, if it has grown."""

    rows: Ints
    bound: int
    prices: Ints
    relaxes: tuple[str, ...]
    status: Status
    scope: Scope | None = None


def solve(
    problem: Problem,
    *,
    seconds: float = 30.0,
    gap: float = 0.001,
    seed: int = 0,
    progress: Progress | None = None,
    floor: Floor | None = None,
    farm: Farm | None = None,
) -> Plan:
    """The best plan found, with a bound that no plan exceeds. Ends when the gap is reached, when its work is done or
    after ``seconds`` (then ``cut_short``); ended otherwise, the same problem and seed give the same plan. ``floor``
    gets, early, what makes a greedy plan of what is known then, should a solver oversleep. ``farm`` may have parts
    solved elsewhere, within so many seconds, and returns what it got; the others are solved here."""
    clock = _Clock(seconds)
    report: Progress = progress or (lambda *_: None)
    report("candidates", 0.0, None, None)
    scope = scoped(problem)
    report("greedy", 0.0, None, None)
    greedy = _polished(scope, np.zeros(0, np.int64))
    if floor is not None:
        none = np.zeros(len(scope.open_needs), np.int64)
        floor(lambda: _plan(scope, Found(greedy, _ceiling(scope), none, (), "greedy"), seed))
    found = _chosen(scope, greedy, clock, gap, seed, report, farm)
    scope = found.scope or scope
    report("explain", 0.0, scope.base + worth_of(scope, found.rows), scope.base + found.bound)
    return _plan(scope, found, seed)


class _Clock:
    """When to stop looking further; some of the time is kept for explanations. ``cut``: it ended some of the work."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds * (1 - EXPLAINING)
        self.cut = False

    def left(self) -> float:
        return max(0.0, self.end - time.monotonic())

    @contextmanager
    def allotted(self, seconds: float) -> Iterator[None]:
        """Work that may take so long; when it did, or nearly, something was cut short."""
        began = time.monotonic()
        yield
        self.cut |= time.monotonic() - began >= seconds * NEARLY_ALL


def _chosen(
    scope: Scope, greedy: Ints, clock: _Clock, gap: float, seed: int, report: Progress, farm: Farm | None
) -> Found:
    none = np.zeros(len(scope.open_needs), np.int64)
    if not len(scope.pairs):
        return Found(greedy, 0, none, (), "proven")
    if len(scope.pairs) <= WHOLE or _odd(scope.tables):
        return _whole(scope, greedy, clock, gap, seed, report)
    return _priced(scope, greedy, clock, gap, seed, report, farm)


def _odd(tables: Tables) -> bool:
    """Loads and costs of single pairs, and people who cost something at all, bind too much for prices by need."""
    return bool(len(tables.terms.key)) or bool(tables.people.cost.any())


def _whole(scope: Scope, greedy: Ints, clock: _Clock, gap: float, seed: int, report: Progress) -> Found:
    """All candidates in one exact program: CP-SAT when tiny, HiGHS otherwise, one after the other when odd."""
    report("whole", 0.0, scope.base + worth_of(scope, greedy), None)
    every = np.arange(len(scope.pairs))
    form = formulate(scope.ground, every, exact=True)
    allowed = clock.left() * (ODD_RELAXING if _odd(scope.tables) else 1.0)
    with clock.allotted(allowed):
        relaxed = linear(form.program, seconds=allowed)
    prices = np.zeros(len(scope.open_needs), np.int64)
    limit, rows, hint, answered = float(_ceiling(scope)), greedy, None, False
    if relaxed.x is not None:
        prices, limit = np.rint(relaxed.duals["seat"]).astype(np.int64), relaxed.bound
    bound = _wholly(limit)
    for name, share in _solvers(scope):
        seconds = clock.left() * share
        with clock.allotted(seconds):
            if name == "cp_sat":
                work = TINY_WORK if len(every) <= TINY else ODD_WORK
                answer = cp_sat(form.program, hint=hint, gap=0.0, seconds=seconds, work=work, seed=seed)
            else:
                answer = highs(form.program, hint=hint, gap=gap / 2, seconds=seconds, seed=seed)
        exact = name == "cp_sat" and answer.optimal
        rows, hint, answered = _rounded(scope, rows, every, answer), answer.x, answered or answer.x is not None
        bound = min(bound, round(answer.bound) if exact else _wholly(min(answer.bound, limit)))
        report("whole", 0.0, scope.base + worth_of(scope, rows), scope.base + max(bound, worth_of(scope, rows)))
        if _gap(scope.base + worth_of(scope, rows), scope.base + bound) <= gap:
            break
    added = worth_of(scope, rows)
    return Found(rows, max(added, bound), prices, (), _status(scope, clock, answered, added, bound, gap))


def _solvers(scope: Scope) -> tuple[tuple[str, float], ...]:
    """Which solvers try, each for how much of the time left then: whom to use at all is CP-SAT's strength, whose loads
    fit is HiGHS's."""
    if len(scope.pairs) <= TINY:
        return (("cp_sat", 1.0),)
    if not _odd(scope.tables):
        return (("highs", 1.0),)
    if scope.tables.people.cost.any():
        return ("cp_sat", ODD_SHARE), ("highs", 1.0)
    return ("highs", ODD_SHARE), ("cp_sat", 1.0)


def _priced(
    scope: Scope, greedy: Ints, clock: _Clock, gap: float, seed: int, report: Progress, farm: Farm | None
) -> Found:
    """Prices over all candidates for the bound; whole numbers where the relaxation left parts of lines, then, if that
    is not near enough, on all attractive ones."""
    ground, added, kept = scope.ground, worth_of(scope, greedy), clock.left() * (1 - PRICING)
    report("prices", 0.0, scope.base + added, None)
    with clock.allotted(clock.left() - kept):
        priced = price(
            ground,
            greedy,
            gap=gap * RELAXING,
            left=lambda: max(0.0, clock.left() - kept),
            report=lambda done, bound: report("prices", done, scope.base + added, _shown(scope, bound)),
        )
    if priced is None:
        return Found(greedy, _ceiling(scope), np.zeros(len(scope.open_needs), np.int64), RELAXED, "greedy")
    bound = _safely(priced.bound)
    scope, greedy = _grown(scope, priced.ground, greedy)
    report("rounding", 0.0, scope.base + added, scope.base + bound)
    rows, answered = _in_parts(scope, priced, greedy, clock, gap, seed, report, farm)
    far = _gap(scope.base + worth_of(scope, rows), scope.base + bound) > gap
    if far and clock.left() > 0 and len(priced.rows) <= PROVABLE:
        report("proof", 0.0, scope.base + worth_of(scope, rows), scope.base + bound)
        seconds = clock.left()
        with clock.allotted(seconds):
            rows, bound = _proven(scope, priced, rows, bound, seconds, gap, seed)
    added = worth_of(scope, rows)
    status = _status(scope, clock, answered, added, bound, gap)
    return Found(rows, max(added, bound), priced.need, RELAXED, status, scope)


def _grown(scope: Scope, ground: Ground, rows: Ints) -> tuple[Scope, Ints]:
    """The scope with the candidates that prices added, and these rows' numbers in it."""
    if ground is scope.ground:
        return scope, rows
    old, size = scope.pairs, len(scope.open_needs)
    keys = ground.pairs.person * size + ground.pairs.need
    order = np.argsort(keys)
    moved = order[np.searchsorted(keys[order], old.person[rows] * size + old.need[rows])]
    return replace(scope, pairs=ground.pairs, ground=ground), np.sort(moved)


def _in_parts(
    scope: Scope,
    priced: Priced,
    greedy: Ints,
    clock: _Clock,
    gap: float,
    seed: int,
    report: Progress,
    farm: Farm | None,
) -> tuple[Ints, bool]:
    """Whole numbers part by part, those that the farm left over here; whether any part was answered."""
    stay, several = parts(scope.ground, priced)
    chosen, answered, until = [stay], not several, clock.left() * (1 - ROUNDING)
    told = {} if farm is None or len(several) < 2 else farm(several, clock.left() - until)
    for number, part in enumerate(several):
        seconds = (clock.left() - until) / (len(several) - number)
        rows = told.get(number)
        if rows is None:
            with clock.allotted(seconds):
                rows = solved(part, gap=gap / 10, seconds=seconds, seed=seed)
        answered |= rows is not None
        chosen.append(np.zeros(0, np.int64) if rows is None else rows[np.isin(rows, part.rows[part.own])])
        report("rounding", (number + 1) / len(several), None, None)
    return _better(scope, greedy, _polished(scope, np.sort(np.concatenate(chosen)))), answered


def _proven(
    scope: Scope, priced: Priced, rows: Ints, bound: int, seconds: float, gap: float, seed: int
) -> tuple[Ints, int]:
    """Whole numbers on all candidates that gain something at the prices, the others sold at them."""
    ground, pairs = scope.ground, scope.pairs
    gain = ground.net + priced.need[pairs.need]
    gain[priced.rows] = 1
    every = np.flatnonzero(gain > 0)
    supply = np.maximum(0, scope.could - np.bincount(pairs.need[every], minlength=len(scope.could)))  # the reserve too
    form = formulate(ground, every, trade=Trade(np.ones(len(supply), np.bool_), priced.need, supply))
    hint = np.zeros(len(every))
    hint[np.searchsorted(every, rows[gain[rows] > 0])] = 1
    answer = highs(form.program, hint=hint, gap=gap / 4, seconds=seconds, seed=seed)
    if answer.bound < INFINITY:
        bound = min(bound, _safely(answer.bound))
    return _rounded(scope, rows, every, answer), bound


def _rounded(scope: Scope, rows: Ints, columns: Ints, answer: Answer) -> Ints:
    """The better of ``rows`` and the polished answer."""
    if answer.x is None:
        return rows
    return _better(scope, rows, _polished(scope, columns[answer.x[: len(columns)] > 0.5]))


def _ceiling(scope: Scope) -> int:
    """What can be added if all free seats are filled and every candidate's own worth is had: a bound without prices."""
    needs, value = scope.tables.needs, scope.value
    seats = value.worth(np.where(scope.open_needs, needs.cap, needs.firm)) - value.worth(needs.firm)
    rest = scope.ground.reserve.net if scope.ground.reserve is not None else np.zeros(0, np.int32)
    lines = np.maximum(0, scope.ground.net).sum() + np.maximum(0, rest).sum(dtype=np.int64)
    return int(seats.sum() + lines)


def _status(scope: Scope, clock: _Clock, answered: bool, added: int, bound: int, gap: float) -> Status:
    if _gap(scope.base + added, scope.base + bound) <= gap:
        return "proven"
    if not answered:
        return "greedy"
    return "cut_short" if clock.cut else "unproven"


def _safely(bound: float) -> int:
    """A floating bound, raised past its rounding errors."""
    return math.floor(bound + max(1.0, abs(bound) * TOLERANCE))


def _wholly(bound: float) -> int:
    """The same where everything is counted in whole numbers, as in a program of all candidates."""
    return math.floor(bound + max(0.001, abs(bound) * TOLERANCE))


def _shown(scope: Scope, bound: float) -> int | None:
    return scope.base + _safely(bound) if bound < INFINITY else None


def _gap(score: int, bound: int) -> float:
    return 0.0 if bound <= score else (bound - score) / max(1, abs(bound))


def _polished(scope: Scope, rows: Ints) -> Ints:
    """The rows as far as they fit, mentors before their learners, and whatever else still fits and pays."""
    lines = Lines(scope.tables, scope.pairs, scope.far)
    learns = scope.tables.needs.mentor[scope.pairs.need[rows]] >= 0
    for row in rows[np.argsort(learns, kind="stable")].tolist():
        if lines.fits(row):
            lines.add(row)
    fill(lines, scope.value)
    return lines.rows()


def _better(scope: Scope, one: Ints, other: Ints) -> Ints:
    return other if worth_of(scope, other) >= worth_of(scope, one) else one


def _plan(scope: Scope, found: Found, seed: int) -> Plan:
    tables = scope.tables
    person, need, spare = lines_of(scope, found.rows)
    firm = np.arange(len(person)) < len(scope.firm_spare)
    pool, supply = _told(scope, need), np.diff(scope.judged.first)
    out = Outcome(
        tables,
        pool,
        scope.pairs,
        scope.value,
        scope.far,
        person,
        need,
        spare,
        firm,
        found.prices,
        supply,
    )
    parts = score_of(scope, found.rows)
    score = sum(parts.values())
    bound = scope.base + found.bound
    low = tables.needs.low
    could = np.where(scope.open_needs, tables.needs.firm + scope.could, 0)
    return Plan(
        tables.problem.id,
        hashlib.sha256(write(tables.problem)).hexdigest(),
        seed,
        found.status,
        score,
        bound,
        _gap(score, bound),
        int(low.sum()),
        int(np.minimum(out.count, low).sum()),
        int(np.minimum(np.maximum(could, tables.needs.firm), low).sum()),
        choices(out),
        holes(out),
        off(out, scope.never),
        found.relaxes,
        parts,
        _breaches(scope),
    )


def _told(scope: Scope, need: Ints) -> Eligible:
    """The pairs that reasons are read off: the pool, but everybody for needs with holes."""
    if scope.ground.reserve is None:
        return scope.pool
    needs, size = scope.tables.needs, len(scope.open_needs)
    count = np.bincount(need, minlength=size)
    served = np.bincount(needs.event[need], minlength=len(scope.tables.problem.events)) > 0
    holes = (count < needs.desired) | ~served[needs.event]
    pool, kept = scope.judged.eligible(np.flatnonzero(holes)), ~holes[scope.pool.need]
    person = np.concatenate([pool.person, scope.pool.person[kept]])
    what = np.concatenate([pool.need, scope.pool.need[kept]])
    spare = np.concatenate([pool.spare, scope.pool.spare[kept]])
    order = np.argsort(what, kind="stable")
    return Eligible(person[order], what[order], spare[order], pool.refused)


def _breaches(scope: Scope) -> tuple[Breach, ...]:
    """Firm lines to which the rules object, though a hand may do what a plan may not: those that are not eligible."""
    tables, found = scope.tables, []
    fine = scope.judged.knows(tables.held_person, tables.held_need)
    for line in np.flatnonzero(tables.held_firm & ~fine).tolist():
        held = tables.problem.roster[line]
        if reasons := why_not(tables.desk, held.person, held.need, by_hand=True):
            found.append(Breach(held.person, held.need, reasons))
    return tuple(found)
