"""Small and odd scopes: all candidates in one exact program, by one solver after the other."""

import math
import time
from collections.abc import Callable
from functools import cached_property

import numpy as np

from dispatch.planner.search.ceiling import ceiling
from dispatch.planner.search.evictions import fewer
from dispatch.planner.search.formulation import Formulation, formulate
from dispatch.planner.search.found import (
    Clock,
    Found,
    Keep,
    Progress,
    better,
    polished,
    rounded,
    shortfall,
    status,
    wholly,
)
from dispatch.planner.search.neighbours import bettered
from dispatch.planner.search.program import INFINITY, approached, cp_sat, highs, linear
from dispatch.planner.search.scope import Scope, worth_of
from dispatch.planner.tables import Ints, Tables

TINY = 400  # so many candidates go to CP-SAT, which proves in integers
TINY_WORK = 20.0  # deterministic seconds
WORK = 100_000.0  # deterministic seconds
LARGEST = 150_000  # so many candidates are stated in one exact program
PRICED = 400_000  # and so many for prices alone

Steps = tuple[tuple[str, float], ...]
# What is tried one after the other, each for how much of the time left then. Whom to use at all is the neighbourhoods'
# and CP-SAT's strength, whose loads fit is HiGHS's.
SMALL: Steps = (("linear", 1.0), ("highs", 1.0))
SMALLEST: Steps = (("linear", 1.0), ("cp_sat", 1.0))
COSTS: Steps = (
    ("fewer", 0.25),
    ("approached", 0.4),
    ("neighbours", 0.4),
    ("fewer", 0.4),
    ("cp_sat", 0.7),
    ("neighbours", 0.7),
    ("highs", 1.0),
)
LOADS: Steps = (("linear", 0.2), ("highs", 0.4), ("neighbours", 0.5), ("highs", 0.6), ("cp_sat", 1.0))
HUGE: Steps = (("fewer", 0.3), ("approached", 0.6), ("neighbours", 1.0))


def odd(tables: Tables) -> bool:
    """Loads and costs of single pairs, and people who cost something at all, bind too much for prices by need."""
    return bool(len(tables.terms.key)) or bool(tables.people.cost.any())


def whole(scope: Scope, greedy: Ints, clock: Clock, gap: float, seed: int, report: Progress, keep: Keep) -> Found:
    """The best choice of all candidates, or the best that one step after the other finds until the gap is reached."""
    search = _Search(scope, greedy, gap, seed)
    for name, share in _steps(scope):
        report("whole", 0.0, scope.base + worth_of(scope, search.rows), scope.base + search.most())
        seconds = clock.left() * share
        with clock.allotted(seconds):
            search.step(name, seconds)
        if search.answered:
            keep(Found(search.rows, search.most(), search.prices, (), "cut_short"))
        if search.answered and search.near():  # greedy alone may be near the relaxation, and unfair
            break
    report("whole", 1.0, scope.base + worth_of(scope, search.rows), scope.base + search.most())
    word = status(scope, clock, search.answered, worth_of(scope, search.rows), search.bound, gap)
    return Found(search.rows, search.most(), search.prices, (), word)


def _steps(scope: Scope) -> Steps:
    if len(scope.pairs) <= TINY:
        return SMALLEST
    if not odd(scope.tables):
        return SMALL
    if len(scope.pairs) > LARGEST:
        return HUGE
    return COSTS if scope.tables.people.cost.any() else LOADS


class _Search:
    """What is known so far: the best ``rows``, a ``bound`` of what any choice adds, the relaxation's ``prices``."""

    def __init__(self, scope: Scope, rows: Ints, gap: float, seed: int) -> None:
        self.scope, self.rows, self.gap, self.seed = scope, rows, gap, seed
        self.bound = ceiling(scope)
        self.prices = np.zeros(len(scope.open_needs), np.int64)
        self.answered, self.searches = False, 0

    def near(self) -> bool:
        base, added = self.scope.base, worth_of(self.scope, self.rows)
        return shortfall(base + added, base + self.bound) <= self.gap

    def most(self) -> int:
        """What no choice adds more than."""
        return max(self.bound, worth_of(self.scope, self.rows))

    def step(self, name: str, seconds: float) -> None:
        if name == "fewer":
            self._searched(fewer, seconds)
        elif name == "neighbours":
            self._searched(bettered, seconds)
        elif name == "linear":
            self._linear(seconds)
        elif name == "approached":
            self._approached(seconds)
        else:
            self._exact(name, seconds)

    @cached_property
    def _form(self) -> Formulation:
        return formulate(self.scope.ground, np.arange(len(self.scope.pairs)), exact=True)

    def _searched(self, way: Callable[..., Ints], seconds: float) -> None:
        enough, end = self.bound - int(self.gap * abs(self.scope.base + self.bound)), time.monotonic() + seconds
        seed, self.searches = self.seed + self.searches, self.searches + 1  # never the same again
        found = way(self.scope, self.rows, enough=enough, seed=seed, left=lambda: end - time.monotonic())
        self.rows, self.answered = better(self.scope, self.rows, polished(self.scope, found)), True

    def _approached(self, seconds: float) -> None:
        if len(self.scope.pairs) > PRICED:
            return
        end = time.monotonic() + seconds
        program = self._form.program  # which may take a while to state
        near = approached(program, seconds=end - time.monotonic())
        if near.bound < INFINITY:
            self.prices = np.rint(near.duals["seat"]).astype(np.int64)
            self.bound = min(self.bound, math.floor(near.bound))

    def _linear(self, seconds: float) -> None:
        relaxed = linear(self._form.program, seconds=seconds)
        if relaxed.x is not None:
            self.prices = np.rint(relaxed.duals["seat"]).astype(np.int64)
            self.bound = min(self.bound, wholly(relaxed.bound))

    def _exact(self, name: str, seconds: float) -> None:
        program, every, hint = self._form.program, self._form.rows, None
        if self.answered:
            hint = np.isin(every, self.rows).astype(np.float64)
        if name == "cp_sat":
            work = TINY_WORK if len(every) <= TINY else WORK
            answer = cp_sat(program, hint=hint, gap=0.0, seconds=seconds, work=work, seed=self.seed)
        else:
            answer = highs(program, hint=hint, gap=self.gap / 2, seconds=seconds, seed=self.seed)
        self.rows = rounded(self.scope, self.rows, every, answer)
        self.answered |= answer.x is not None
        sure = name == "cp_sat" and answer.optimal  # in whole numbers
        if answer.bound < INFINITY:
            self.bound = min(self.bound, round(answer.bound) if sure else wholly(answer.bound))
