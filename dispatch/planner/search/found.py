"""What searching finds: chosen candidates and a bound, by when, and in which words."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dispatch.planner.search.greedy import Lines, fill
from dispatch.planner.search.program import ROUNDING, Answer
from dispatch.planner.search.scope import Scope, worth_of
from dispatch.planner.tables import Ints

Status = Literal["proven", "unproven", "cut_short", "greedy"]
Progress = Callable[[str, float, int | None, int | None], None]
TOLERANCE = 1e-6  # what floating solvers may be wrong by, of the bound
NEARLY_ALL = 0.98  # part of its time after which work counts as cut
EXPLAINING = 0.1  # part of the time kept for explanations


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


Keep = Callable[[Found], None]  # takes the best so far, should what comes next not end in time


class Clock:
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


def polished(scope: Scope, rows: Ints) -> Ints:
    """The rows as far as they fit, mentors before their learners, and whatever else still fits and pays."""
    lines = Lines(scope.tables, scope.pairs, scope.far)
    learns = scope.tables.needs.mentor[scope.pairs.need[rows]] >= 0
    for row in rows[np.argsort(learns, kind="stable")].tolist():
        if lines.fits(row):
            lines.add(row)
    fill(lines, scope.value)
    return lines.rows()


def better(scope: Scope, one: Ints, other: Ints) -> Ints:
    return other if worth_of(scope, other) >= worth_of(scope, one) else one


def rounded(scope: Scope, rows: Ints, columns: Ints, answer: Answer) -> Ints:
    """The better of ``rows`` and the polished answer."""
    if answer.x is None:
        return rows
    return better(scope, rows, polished(scope, columns[answer.x[: len(columns)] > 0.5]))


def status(scope: Scope, clock: Clock, answered: bool, added: int, bound: int, gap: float) -> Status:
    if shortfall(scope.base + added, scope.base + bound) <= gap:
        return "proven"
    if not answered:
        return "greedy"
    return "cut_short" if clock.cut else "unproven"


def shortfall(score: int, bound: int) -> float:
    """By what part of the bound the score may miss the best."""
    return 0.0 if bound <= score else (bound - score) / max(1, abs(bound))


def safely(bound: float) -> int:
    """A floating bound, raised past its rounding errors."""
    return math.floor(bound + max(1.0, abs(bound) * TOLERANCE))


def wholly(bound: float, reach: int) -> int:
    """The same of a program of all candidates, in which everything is counted in whole numbers: solvers may be wrong by
    their tolerance for each step that any column can take, ``reach`` steps in all."""
    return math.floor(bound + max(0.001, reach * TOLERANCE) + abs(bound) * ROUNDING)
