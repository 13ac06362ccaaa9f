"""Any seven days: the stretches in which a person's lines may come to more than the rolling limit.

A fullest stretch begins on a day on which the person serves, so only those are looked at.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.problem import UNLIMITED
from dispatch.planner.tables import Flags, Ints, Tables

DAYS = 7
FAR = np.int64(10_000_000)  # more than any day: person * FAR + day


@dataclass(frozen=True, slots=True)
class Stretches:
    """Which line lies in which stretch that could overflow, and what ``left`` each of those leaves."""

    stretch: Ints
    line: Ints
    left: Ints


def stretches(tables: Tables, person: Ints, need: Ints, minutes: Ints) -> Stretches:
    """The stretches in which these lines together with what is promised pass their person's limit."""
    limit = tables.people.max_rolling
    day = tables.needs.day[need]
    held = np.bincount(tables.promises.person, tables.promises.minutes, len(limit))
    total = np.bincount(person, minutes, len(limit)) + held
    some = np.flatnonzero((limit < UNLIMITED)[person] & (total > limit)[person])
    line = np.tile(some, DAYS)
    first = day[line] - np.repeat(np.arange(DAYS), len(some))
    starts = _starts(tables, person[some], day[some])
    real = np.isin(person[line] * FAR + first, starts)
    line, first = line[real], first[real]
    key, at, number = np.unique(person[line] * FAR + first, return_index=True, return_inverse=True)
    left = limit[person[line[at]]] - promised(tables, person[line[at]], first[at])
    tight = (np.bincount(number, minutes[line], len(key)) > left)[number]
    return Stretches(number[tight].astype(np.int64), line[tight], left)


def promised(tables: Tables, person: Ints, first: Ints) -> Ints:
    """Minutes that each person has promised in the seven days from ``first``."""
    keys, sums = _ledger(tables)
    low = np.searchsorted(keys, person * FAR + first)
    high = np.searchsorted(keys, person * FAR + first + DAYS)
    return sums[high] - sums[low]


def fits(days: list[int], minutes: list[int], day: int, more: int, limit: int) -> bool:
    """Whether ``more`` minutes on ``day`` fit beside those on the other days."""
    for first in range(day - DAYS + 1, day + 1):
        there = sum(m for d, m in zip(days, minutes, strict=True) if first <= d < first + DAYS)
        if there + more > limit:
            return False
    return True


def limited(tables: Tables) -> Flags:
    """Who has such a limit at all."""
    return tables.people.max_rolling < UNLIMITED


def _ledger(tables: Tables) -> tuple[Ints, Ints]:
    """Days of promises in order, and the minutes before each of them."""
    keys = tables.promises.person * FAR + tables.promises.day
    order = np.argsort(keys, kind="stable")
    return keys[order], np.concatenate([[0], np.cumsum(tables.promises.minutes[order])]).astype(np.int64)


def _starts(tables: Tables, person: Ints, day: Ints) -> Ints:
    keys = np.concatenate([person * FAR + day, tables.promises.person * FAR + tables.promises.day])
    return np.unique(keys)
