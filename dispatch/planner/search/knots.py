"""People whom a relaxation tears apart: their whole schedules as columns, so that it can only mix what could really be.

Rows that say one rule each leave room between them; somebody who is half here and half there, for three half series,
lives in that room. Such people are few. For them all sets of candidates that keep the rules are listed, and what they
do is a mixture of those. A list may be longer than the rules allow, never shorter.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.candidates import Candidates, stopped
from dispatch.planner.tables import Flags, Floats, Ints, Tables

LINES = 8  # of a schedule
MOST = 1500  # schedules a person; who has more stays torn


@dataclass(frozen=True, slots=True)
class Knots:
    """``schedule[i]`` takes the candidate ``row[i]``; ``person`` of each schedule."""

    schedule: Ints
    row: Ints
    person: Ints


def knots(tables: Tables, pairs: Candidates, far: Floats, rows: Ints) -> Knots:
    """Every schedule of these candidates (by person, then start) but the empty one, of people who have not too many."""
    person = pairs.person[rows]
    last = np.searchsorted(person, person, side="right")
    count = last - np.arange(len(rows)) - 1
    begin = np.cumsum(count) - count
    one = np.repeat(np.arange(len(rows)), count)
    other = np.arange(len(one)) - np.repeat(begin, count) + one + 1
    able = ~stopped(tables, pairs, far, rows[one], rows[other])
    sets = np.arange(len(rows))[:, None]
    dropped = np.zeros(len(pairs.first), np.bool_)
    total = np.bincount(person, minlength=len(dropped))
    found = [sets]
    while len(sets) and sets.shape[1] < LINES:
        sets = _longer(tables, pairs, rows, sets, able, begin, count)
        total += np.bincount(person[sets[:, 0]], minlength=len(dropped))
        dropped = total > MOST
        sets = sets[~dropped[person[sets[:, 0]]]]
        found.append(sets)
    schedule, row, owner = [], [], []
    at = 0
    for some in found:
        sets = some[~dropped[person[some[:, 0]]]]
        schedule.append(np.repeat(np.arange(at, at + len(sets)), sets.shape[1]))
        row.append(rows[sets.ravel()])
        owner.append(person[sets[:, 0]])
        at += len(sets)
    return Knots(np.concatenate(schedule), np.concatenate(row), np.concatenate(owner))


def joined(pairs: Candidates, one: Knots, other: Knots) -> Knots:
    """Both; the ``other`` ones of those who are in both."""
    known = np.zeros(len(pairs.first), np.bool_)
    known[other.person] = True
    kept = ~known[one.person]
    number, mine = np.cumsum(kept) - 1 + len(other.person), kept[one.schedule]
    return Knots(
        np.concatenate([other.schedule, number[one.schedule[mine]]]),
        np.concatenate([other.row, one.row[mine]]),
        np.concatenate([other.person, one.person[kept]]),
    )


def _longer(tables: Tables, pairs: Candidates, rows: Ints, sets: Ints, able: Flags, begin: Ints, count: Ints) -> Ints:
    """Each set with each later candidate that fits all of its members."""
    tail = sets[:, -1]
    which = np.repeat(np.arange(len(sets)), count[tail])
    more = np.arange(len(which)) - np.repeat(np.cumsum(count[tail]) - count[tail], count[tail]) + tail[which] + 1
    fits = np.ones(len(which), np.bool_)
    for k in range(sets.shape[1]):
        member = sets[which, k]
        fits &= able[begin[member] + more - member - 1]
    which, more = which[fits], more[fits]
    needs, mine = tables.needs, rows[more]
    for period, left in (
        (needs.day, pairs.day_left),
        (needs.week, pairs.week_left),
        (needs.month, pairs.month_left),
    ):
        total = pairs.minutes[mine].copy()
        for k in range(sets.shape[1]):
            there = rows[sets[which, k]]
            total += pairs.minutes[there] * (period[pairs.need[there]] == period[pairs.need[mine]])
        keep = total <= left[mine]
        which, more, mine = which[keep], more[keep], mine[keep]
    longer: Ints = np.concatenate([sets[which], more[:, None]], axis=1)
    return longer
