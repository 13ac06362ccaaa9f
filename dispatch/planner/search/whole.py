"""Small and odd scopes: all candidates in one exact program, by one solver after the other."""

import math
import time
from collections.abc import Callable
from functools import cached_property

import numpy as np

from dispatch.planner.search.budgets import SCALE, Budgets, budgets
from dispatch.planner.search.ceiling import ceiling
from dispatch.planner.search.dives import Priced, dived, priced
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
from dispatch.planner.search.program import INFINITY, Answer, approached, certified, cp_sat, gains, highs, linear
from dispatch.planner.search.scope import Scope, worth_of
from dispatch.planner.tables import Ints, Tables

TINY = 400  # so many candidates go to CP-SAT, which proves in integers
TINY_WORK = 20.0  # deterministic seconds
WORK = 100_000.0  # deterministic seconds
LARGEST = 150_000  # so many candidates are stated in one exact program
PRICED = 400_000  # and so many for prices alone
PACE = 20_000  # entries of a program that a second is enough for: solvers look at the clock late
CORE, EACH = 15_000, 3  # so many candidates are the core of a program; for each need, as long as nothing is known

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
LOADS: Steps = (
    ("linear", 0.3),
    ("hours", 0.2),
    ("dives", 0.1),
    ("core", 0.2),
    ("core", 0.2),
    ("dives", 0.7),
    ("core", 0.4),
    ("dives", 0.7),
    ("neighbours", 0.4),
    ("core", 0.7),
    ("cp_sat", 1.0),
)
HUGE: Steps = (("fewer", 0.3), ("approached", 0.6), ("neighbours", 1.0))


def odd(tables: Tables) -> bool:
    """Loads and costs of single pairs, and people who cost something at all, bind too much for prices by need."""
    return bool(len(tables.terms.key)) or bool(tables.people.cost.any())


def whole(scope: Scope, greedy: Ints, clock: Clock, gap: float, seed: int, report: Progress, keep: Keep) -> Found:
    """The best choice of all candidates, or the best that one step after the other finds until the gap is reached."""
    search = _Search(scope, greedy, clock, gap, seed)
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

    def __init__(self, scope: Scope, rows: Ints, clock: Clock, gap: float, seed: int) -> None:
        self.scope, self.rows, self.clock, self.gap, self.seed = scope, rows, clock, gap, seed
        self.bound = ceiling(scope)
        self.prices = np.zeros(len(scope.open_needs), np.int64)
        self.answered, self.searches = False, 0
        self._sure, self._gains = INFINITY, np.zeros(len(scope.pairs))
        self._near = np.zeros(0)  # prices by the relaxation
        self._known: Priced | None = None  # and by whole lines

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
        elif name == "hours":
            self._hours(seconds)
        elif name == "dives":
            self._dives(seconds)
        elif name == "core":
            self._core(seconds)
        elif name == "approached":
            self._approached(seconds)
        else:
            self._exact(name, seconds)

    @cached_property
    def _form(self) -> Formulation:
        return formulate(self.scope.ground, np.arange(len(self.scope.pairs)), exact=True)

    def _searched(self, way: Callable[..., Ints], seconds: float) -> None:
        enough, end = self._enough(), time.monotonic() + seconds
        seed, self.searches = self.seed + self.searches, self.searches + 1  # never the same again
        found = way(self.scope, self.rows, enough=enough, seed=seed, left=lambda: end - time.monotonic())
        self.answered |= way is bettered or found is not self.rows
        self.rows = better(self.scope, self.rows, polished(self.scope, found))

    def _enough(self) -> int:
        return self.bound - int(self.gap * abs(self.scope.base + self.bound))

    def _approached(self, seconds: float) -> None:
        if len(self.scope.pairs) > PRICED:
            return
        end = time.monotonic() + seconds
        program = self._form.program  # which may take a while to state
        if time.monotonic() < end:
            near = approached(program, seconds=end - time.monotonic())
            self._priced(near, near.bound)

    def _linear(self, seconds: float) -> None:
        answer = linear(self._form.program, seconds=seconds)
        if answer.x is not None:
            self._priced(answer, certified(self._form.program, answer.prices))
        self.rows = rounded(self.scope, self.rows, self._form.rows, answer)

    @cached_property
    def _budgets(self) -> Budgets | None:
        return budgets(self._form, self.scope.pairs.person)

    def _hours(self, seconds: float) -> None:
        """Prices at which everybody's hours are filled in whole lines, where hours are all that binds."""
        hours, end = self._budgets, time.monotonic() + seconds
        if hours is None or seconds <= 0:
            return
        near = self._near if len(self._near) else np.zeros(len(hours.seat))
        prices = np.rint((hours.seat - near) * SCALE).astype(np.int64)
        self._known = known = priced(hours, prices, left=lambda: end - time.monotonic())
        if known.bound / SCALE <= self._sure:
            there = hours.row >= 0
            self._sure, self._gains[hours.row[there]] = known.bound / SCALE, known.loss[there] / -SCALE
            self.bound = min(self.bound, known.bound // SCALE)

    def _dives(self, seconds: float) -> None:
        hours, known, end = self._budgets, self._known, time.monotonic() + seconds
        if hours is None or known is None or seconds <= 0:
            return
        seed, self.searches = self.seed + self.searches, self.searches + 1
        own, enough = hours.chosen(self.rows) if self.answered else None, self._enough()
        found, sure = dived(hours, known, own, enough=enough, seed=seed, left=lambda: end - time.monotonic())
        rows = hours.rows(found)
        if not len(rows) and not sure:  # time ended before the first was found
            return
        self.answered = True
        self.rows = better(self.scope, self.rows, polished(self.scope, rows))
        if sure:
            self.bound = min(self.bound, hours.worth(found))

    def _priced(self, answer: Answer, sure: float) -> None:
        if sure == INFINITY:
            return
        self._near, self._sure = answer.duals["seat"], sure
        self.prices = np.rint(self._near).astype(np.int64)
        self._gains = gains(self._form.program, answer.prices)[: len(self.scope.pairs)]
        self.bound = min(self.bound, math.floor(self._sure))

    def _core(self, seconds: float) -> None:
        """All candidates that a better choice can hold at the prices, if those are few; else those that lose least."""
        worth = worth_of(self.scope, self.rows)
        some = np.flatnonzero(self._sure + np.minimum(self._gains, 0) >= worth + 1)
        most = CORE if self.answered else EACH * len(self.scope.open_needs)
        every = len(some) <= most
        if not every:
            some = np.sort(some[np.argsort(-self._gains[some], kind="stable")[:most]])
        columns = np.union1d(some, self.rows)
        program = formulate(self.scope.ground, columns, exact=True).program
        if seconds * PACE < program.entries:
            self.clock.cut = True
            return
        hint = np.isin(columns, self.rows).astype(np.float64) if self.answered else None
        answer = highs(program, hint=hint, gap=self.gap / 2, seconds=seconds, seed=self.seed)
        self.rows = rounded(self.scope, self.rows, columns, answer)
        self.answered |= answer.x is not None
        if every and answer.bound < INFINITY:
            self.bound = min(self.bound, max(worth, wholly(answer.bound, int(program.high.sum()))))

    def _exact(self, name: str, seconds: float) -> None:
        program, every, hint = self._form.program, self._form.rows, None
        if seconds * PACE < program.entries:
            self.clock.cut = True
            return
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
            self.bound = min(self.bound, round(answer.bound) if sure else wholly(answer.bound, int(program.high.sum())))
