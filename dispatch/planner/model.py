"""The pipeline: problem in, plan with a proven bound out.

Eligible pairs → what can never run → greedy floor → prices and their bound → whole numbers where the relaxation leaves
parts of lines (small scopes: everywhere) → last polish → explanations.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dispatch.planner.eligibility import Eligible
from dispatch.planner.plan import Breach, Plan
from dispatch.planner.problem import Problem, write
from dispatch.planner.reasons.explain import choices, holes, off
from dispatch.planner.reasons.outcome import Outcome
from dispatch.planner.rules import why_not
from dispatch.planner.search.ceiling import ceiling
from dispatch.planner.search.formulation import Ground, Trade, formulate
from dispatch.planner.search.found import (
    Clock,
    Found,
    Keep,
    Progress,
    better,
    polished,
    rounded,
    safely,
    shortfall,
    status,
)
from dispatch.planner.search.parts import Part, parts, solved
from dispatch.planner.search.prices import Priced, price
from dispatch.planner.search.program import INFINITY, highs
from dispatch.planner.search.scope import Scope, lines_of, scoped, score_of, worth_of
from dispatch.planner.search.whole import odd, whole
from dispatch.planner.tables import Ints

Floor = Callable[[Callable[[], Plan]], None]
Farm = Callable[[list[Part], float], dict[int, Ints]]
WHOLE = 5_000  # so many candidates are solved whole, exactly
PROVABLE = 150_000  # so many candidates are searched whole, if need be
RELAXING = 0.3  # part of the gap that the relaxation may be wrong by
PRICING = 0.75  # part of the time left that prices may take; they are worth little without whole numbers
ROUNDING = 0.6  # part of the time left that rounding may take; the rest is for the proof
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
    after ``seconds`` (then ``cut_short``); ended otherwise, the same problem and seed give the same plan, but where
    people cost or pairs have loads: searches use up shares of the time there, on the way to the gap as well. ``floor``
    gets, early and whenever more is known, what makes a plan of that, should a solver oversleep. ``farm`` may have
    parts solved elsewhere, within so many seconds, and returns what it got; the others are solved here."""
    clock = Clock(seconds)
    report: Progress = progress or (lambda *_: None)
    report("candidates", 0.0, None, None)
    began = scope = scoped(problem)
    report("greedy", 0.0, None, None)
    greedy = polished(scope, np.zeros(0, np.int64))

    def keep(found: Found) -> None:
        if floor is not None:
            floor(lambda: _plan(found.scope or began, found, seed))

    keep(Found(greedy, ceiling(scope), np.zeros(len(scope.open_needs), np.int64), (), "greedy"))
    found = _chosen(scope, greedy, clock, gap, seed, report, keep, farm)
    scope = found.scope or scope
    report("explain", 0.0, scope.base + worth_of(scope, found.rows), scope.base + found.bound)
    return _plan(scope, found, seed)


def _chosen(
    scope: Scope, greedy: Ints, clock: Clock, gap: float, seed: int, report: Progress, keep: Keep, farm: Farm | None
) -> Found:
    none = np.zeros(len(scope.open_needs), np.int64)
    if not len(scope.pairs):
        return Found(greedy, 0, none, (), "proven")
    if len(scope.pairs) <= WHOLE or odd(scope.tables):
        return whole(scope, greedy, clock, gap, seed, report, keep)
    return _priced(scope, greedy, clock, gap, seed, report, keep, farm)


def _priced(
    scope: Scope, greedy: Ints, clock: Clock, gap: float, seed: int, report: Progress, keep: Keep, farm: Farm | None
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
        return Found(greedy, ceiling(scope), np.zeros(len(scope.open_needs), np.int64), RELAXED, "greedy")
    bound = safely(priced.bound)
    scope, greedy = _grown(scope, priced.ground, greedy)
    report("rounding", 0.0, scope.base + added, scope.base + bound)
    rows, answered = _in_parts(scope, priced, greedy, clock, gap, seed, report, farm)
    keep(Found(rows, bound, priced.need, RELAXED, "cut_short", scope))
    far = shortfall(scope.base + worth_of(scope, rows), scope.base + bound) > gap
    if far and clock.left() > 0 and len(priced.rows) <= PROVABLE:
        report("proof", 0.0, scope.base + worth_of(scope, rows), scope.base + bound)
        seconds = clock.left()
        with clock.allotted(seconds):
            rows, bound = _proven(scope, priced, rows, bound, seconds, gap, seed)
    added = worth_of(scope, rows)
    word = status(scope, clock, answered, added, bound, gap)
    return Found(rows, max(added, bound), priced.need, RELAXED, word, scope)


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
    clock: Clock,
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
    return better(scope, greedy, polished(scope, np.sort(np.concatenate(chosen)))), answered


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
        bound = min(bound, safely(answer.bound))
    return rounded(scope, rows, every, answer), bound


def _shown(scope: Scope, bound: float) -> int | None:
    return scope.base + safely(bound) if bound < INFINITY else None


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
        shortfall(score, bound),
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
