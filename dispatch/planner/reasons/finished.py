"""A finished plan as arrays: its lines, the pool they were chosen from, the prices behind them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dispatch.planner.candidates import Candidates
from dispatch.planner.eligibility import Eligible
from dispatch.planner.goals import Seats, line_goals
from dispatch.planner.tables import Flags, Floats, Ints, Tables

PERIODS = 10_000_000  # more than any day: person * PERIODS + day sorts by person, then day


@dataclass(frozen=True)
class Finished:
    """The finished lines, firm ones first, and what is needed to read them. ``prices``: what a person more on each need
    is worth at the bound; ``supply``: how many could take each need. What more than one question asks for is worked out
    once."""

    tables: Tables
    pool: Eligible
    pairs: Candidates
    value: Seats
    far: Floats
    person: Ints
    need: Ints
    spare: Ints
    firm: Flags
    prices: Ints
    supply: Ints

    @cached_property
    def count(self) -> Ints:
        return np.bincount(self.need, minlength=len(self.tables.problem.needs)).astype(np.int64)

    @cached_property
    def first(self) -> Ints:
        """The pool's rows of need n are ``first[n]:first[n + 1]``."""
        return np.searchsorted(self.pool.need, np.arange(len(self.tables.problem.needs) + 1)).astype(np.int64)

    @cached_property
    def mine(self) -> tuple[Ints, Ints]:
        """Lines by person: the order, and where each person's begin in it."""
        order = np.argsort(self.person, kind="stable")
        return order, np.searchsorted(self.person[order], np.arange(len(self.tables.problem.people) + 1))

    @cached_property
    def goals(self) -> dict[str, Ints]:
        return line_goals(self.tables, self.person, self.need, self.spare)

    @cached_property
    def worth(self) -> Ints:
        """What each line adds by itself."""
        total: Ints = np.sum(list(self.goals.values()), axis=0, dtype=np.int64)
        return total

    @cached_property
    def taken(self) -> Ints:
        """The lines as sorted keys: need, then person."""
        return np.sort(self.need * len(self.tables.problem.people) + self.person)

    @cached_property
    def minutes(self) -> Ints:
        """What each line counts."""
        return self.tables.minutes(self.person, self.need)

    @cached_property
    def ledger(self) -> Ints:
        """Everybody's minutes with all lines."""
        people = self.tables.problem.people
        minutes = np.bincount(self.person, self.minutes, len(people)).astype(np.int64)
        return self.tables.people.load + minutes

    @cached_property
    def served(self) -> Flags:
        """The events at which anybody serves."""
        events = self.tables.needs.event[self.need]
        return np.bincount(events, minlength=len(self.tables.problem.events)) > 0

    @cached_property
    def needs_of(self) -> dict[int, Ints]:
        """The needs of each event that has any."""
        found: dict[int, list[int]] = {}
        for n, e in enumerate(self.tables.needs.event.tolist()):
            found.setdefault(e, []).append(n)
        return {e: np.array(mine, np.int64) for e, mine in found.items()}

    def rows(self, needs: Ints) -> Ints:
        """The pool's rows of these needs, need by need."""
        return spread(self.first[needs], self.first[needs + 1])


def spread(low: Ints, high: Ints) -> Ints:
    """The numbers ``low[i] .. high[i] - 1`` of every i, one after the other."""
    count = high - low
    numbers: Ints = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - low, count)
    return numbers
