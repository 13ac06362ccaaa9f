"""Each person's best set of candidates at given values: an exact dynamic programme over time, many people at once.

A day's, week's or month's hours are not counted here, nor events: the value found is never below that of a schedule
that obeys all rules, which is what a bound needs.
"""

import numpy as np

from dispatch.planner.candidates import Candidates
from dispatch.planner.tables import Flags, Floats, Ints, Tables

CELLS = 4_000_000


def best(tables: Tables, pairs: Candidates, far: Floats, values: Ints) -> tuple[Ints, Flags]:
    """Per person the greatest sum of ``values`` over candidates of which no two neighbours in time clash, and the
    candidates that reach it. ``far``: kilometres by road between venues."""
    everybody = len(pairs.first) - 1
    total = np.zeros(everybody, np.int64)
    chosen = np.zeros(len(pairs), np.bool_)
    active = np.flatnonzero(values > 0)
    count = np.bincount(pairs.person[active], minlength=everybody)
    begin = np.cumsum(count) - count
    order = np.argsort(-count, kind="stable")
    order = order[count[order] > 0]
    at = 0
    while at < len(order):
        width = int(count[order[at]])
        rows = order[at : at + max(1, CELLS // (width * 12))]
        found, picked = _block(tables, pairs, far, values, active, begin[rows], count[rows])
        total[rows] = found
        chosen[picked] = True
        at += len(rows)
    return total, chosen


def _block(
    tables: Tables, pairs: Candidates, far: Floats, values: Ints, active: Ints, begin: Ints, count: Ints
) -> tuple[Ints, Ints]:
    """The dynamic programme for some people, longest lists first: row = person, column = rank in time."""
    needs = tables.needs
    width = int(count[0])
    rank = np.arange(width)
    inside = rank[None, :] < count[:, None]
    index = active[np.where(inside, begin[:, None] + rank[None, :], begin[:, None])]
    need = pairs.need[index]
    start, end = needs.start[need].astype(np.int32), needs.end[need].astype(np.int32)
    day, venue = needs.day[need].astype(np.int32), needs.venue[need].astype(np.int32)
    event, role = needs.event[need].astype(np.int32), needs.role[need].astype(np.int32)
    minutes, left = pairs.minutes[index].astype(np.int32), pairs.day_left[index].astype(np.int32)
    person = pairs.person[index[:, 0]]
    rest = tables.people.rest[person].astype(np.int32)
    speed = tables.people.speed[person]
    reach = np.where(inside, values[index], 0)
    before = np.full(reach.shape, -1, np.int32)
    alive = np.searchsorted(-count, -rank, side="left")  # people with more than ``rank`` candidates
    for r in range(1, width):
        n = int(alive[r])
        gap = start[:n, r, None] - end[:n, :r]
        same_day = day[:n, :r] == day[:n, r, None]
        fits = (gap >= 0) & (same_day | (gap >= rest[:n, None]))
        fits &= ~same_day | (minutes[:n, :r] + minutes[:n, r, None] <= left[:n, r, None])
        fits &= (event[:n, :r] != event[:n, r, None]) | (role[:n, :r] == role[:n, r, None])
        row, col = np.nonzero(fits & (gap < 360))
        trip = np.ceil(far[venue[row, col], venue[row, r]] / speed[row] * 60)
        tight = trip > gap[row, col]
        fits[row[tight], col[tight]] = False
        past = np.where(fits, reach[:n, :r], 0)
        best_at = past.argmax(axis=1)
        gain = past[np.arange(n), best_at]
        reach[:n, r] += gain
        before[:n, r] = np.where(gain > 0, best_at, -1)
    last = reach.argmax(axis=1)
    rows = np.arange(len(count))
    found = reach[rows, last]
    picked = []
    while len(rows):
        picked.append(index[rows, last])
        last = before[rows, last]
        rows, last = rows[last >= 0], last[last >= 0]
    return found, np.concatenate(picked)
