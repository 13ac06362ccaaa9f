"""Of very many pairs the best few of each need are candidates; the others wait, packed, until prices ask for them.

They count all the same: whoever could gain at the prices is made a candidate before a bound is believed.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dispatch.planner.eligibility import Eligible, Judged
from dispatch.planner.search.appraisal import appraised
from dispatch.planner.tables import Flags, Ints, Tables, among

ALL = 6_000_000  # so many pairs are candidates as they are
BEST = 60  # of more, so many of each need, and some a seat
SEATS = 4
CHUNK = 2_000_000
NOTHING = np.int32(-(2**31))


@dataclass(frozen=True, slots=True)
class Reserve:
    """All pairs of the problem, need by need, with what each adds by itself with its person's fairness taken off
    (:func:`net`). ``held``: sorted keys, need then person, of those that are candidates already."""

    judged: Judged
    net: npt.NDArray[np.int32]
    held: Ints


def parted(tables: Tables, judged: Judged, open_needs: Flags) -> tuple[Eligible, Reserve | None]:
    """The pairs to choose among, and the reserve if those are not all."""
    if len(judged.person) <= ALL:
        return judged.eligible(), None
    nets = np.full(len(judged.person), NOTHING, np.int32)
    keep = np.zeros(len(judged.person), np.bool_)
    cap, firm = tables.needs.cap, tables.needs.firm  # who serves already takes no place of those who could
    most = np.where(open_needs, BEST + SEATS * (cap - firm) + firm, 0).tolist()
    for n, mine, net in appraised(tables, judged):
        nets[mine] = np.clip(net, -(2**30), 2**30)
        keep[mine] = _top(net, most[n])
    keep[judged.found(tables.held_person, tables.held_need)] = True
    kept = np.flatnonzero(keep)
    need = np.searchsorted(judged.first, kept, side="right") - 1
    who = judged.person[kept].astype(np.int64)
    pool = Eligible(who, need, judged.spare[kept].astype(np.int64), judged.refused)
    return pool, Reserve(judged, nets, need * len(tables.problem.people) + who)


def asked(tables: Tables, reserve: Reserve, open_needs: Flags, prices: Ints) -> Eligible:
    """The pairs in reserve that gain something at the prices."""
    judged, people = reserve.judged, len(tables.problem.people)
    persons, needs, spares = [], [], []
    wanted = open_needs & (tables.needs.cap > tables.needs.firm)
    for low, high in _chunks(judged.first):
        rows = slice(int(judged.first[low]), int(judged.first[high]))
        count = np.diff(judged.first[low : high + 1])
        threshold = np.where(wanted[low:high], -prices[low:high], 2**40)
        some = np.flatnonzero(reserve.net[rows] > np.repeat(threshold, count)) + rows.start
        need = np.searchsorted(judged.first, some, side="right") - 1
        person = judged.person[some].astype(np.int64)
        new = ~among(reserve.held, need * people + person)
        persons.append(person[new])
        needs.append(need[new])
        spares.append(judged.spare[some[new]].astype(np.int64))
    return Eligible(np.concatenate(persons), np.concatenate(needs), np.concatenate(spares), judged.refused)


def _top(values: Ints, most: int) -> Flags:
    if len(values) <= most:
        return np.ones(len(values), np.bool_)
    if not most:
        return np.zeros(len(values), np.bool_)
    top: Flags = values >= np.partition(values, len(values) - most)[len(values) - most]
    return top


def _chunks(first: Ints) -> list[tuple[int, int]]:
    """Runs of needs with about so many pairs."""
    cuts = np.unique(np.searchsorted(first, np.arange(0, int(first[-1]) + CHUNK, CHUNK)))
    ends = np.unique(np.concatenate([[0], np.minimum(cuts, len(first) - 1), [len(first) - 1]])).tolist()
    return list(pairwise(ends))
