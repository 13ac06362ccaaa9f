"""What binds people in a program: no two places at once, hours, events, one tutor, who does not meet whom, fairness."""

import numpy as np

from dispatch.planner import goals
from dispatch.planner.candidates import Candidates
from dispatch.planner.eligibility import blocked_pairs
from dispatch.planner.search import crowds
from dispatch.planner.search.knots import Knots
from dispatch.planner.search.program import Draft, Rows
from dispatch.planner.search.rolling import stretches
from dispatch.planner.tables import Flags, Floats, Ints, Tables

FAR = np.int64(10_000_000)  # more than any day, week or month: person * FAR + period
LISTED = 400_000  # so many lines of moments are listed in full
ROUND = {k: k * (k + 1) for k in (1, 2, 3)}


def uses(draft: Draft, tables: Tables, person: Ints) -> Ints:
    """For each row the column that says whether its person is used, where that costs anything; -1 = it does not."""
    cost = goals.uses(tables)
    column = np.full(len(cost), -1, np.int64)
    who = np.unique(person[cost[person] > 0])
    column[who] = draft.columns(-cost[who], np.ones(len(who), np.int64), whole=True)
    return column[person]


def clashes(draft: Draft, tables: Tables, far: Floats, x: Ints, person: Ints, need: Ints, use: Ints) -> None:
    """At most one of candidates that clash, and none of somebody who is not used: a row for each crowd of candidates
    that all overlap in time, and rows that mix two crowds. Where using somebody costs, a row for each moment of theirs
    as well: much hangs on how near a relaxation comes to whole people."""
    crowd = crowds.crowds(tables, person, need)
    size = np.bincount(crowd, minlength=1)
    costs = np.full(len(size), -1, np.int64)
    costs[crowd] = use
    whose = np.empty(len(size), np.int64)
    whose[crowd] = person
    free = np.flatnonzero((size[crowd] > 1) & (use < 0))
    _one_at_most(draft, "crowd", crowd[free], x[free], costs, whose)
    dear = np.flatnonzero(use >= 0)
    _moments(draft, crowds.moments(tables, person[dear], need[dear]), x[dear], person[dear], use[dear])
    one, other = crowds.clashing(tables, far, person, need, crowd)
    apart = (use[one] < 0) | (tables.needs.start[need[other]] >= tables.needs.end[need[one]])
    row, line, first = crowds.mixed(one[apart], other[apart], crowd)
    _one_at_most(draft, "clash", row, x[line], use[first], person[first], lazy=True)


def _moments(draft: Draft, moments: crowds.Moments, x: Ints, person: Ints, use: Ints) -> None:
    """One line at most of each moment of whoever is used. Of many lines a moment, each row tells only what changes from
    the moment before, and a column that the person is idle then."""
    size, count = len(moments.person), moments.last - moments.first + 1
    used = np.full(int(person.max(initial=-1)) + 1, -1, np.int64)
    used[person] = use
    if moments.size <= LISTED:
        line = np.repeat(np.arange(len(x)), count)
        moment = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count) + moments.first[line]
        _one_at_most(draft, "moment", moment, x[line], used[moments.person], moments.person)
        return
    idle = draft.columns(np.zeros(size, np.int64), np.ones(size, np.int64), whole=False)
    begins = np.diff(moments.person, prepend=-1) != 0
    goes = moments.last + 1
    gone = np.flatnonzero(goes < size)
    gone = gone[moments.person[goes[gone]] == person[gone]]
    row = np.concatenate([moments.first, goes[gone], np.arange(size), np.arange(size)])
    before = np.where(begins, used[moments.person], idle - 1)
    column = np.concatenate([x, x[gone], idle, before])
    ones = [np.ones(n, np.int64) for n in (len(x), len(gone), size, size)]
    weight = np.concatenate([ones[0], -ones[1], ones[2], -ones[3]])
    zeros = np.zeros(size)
    draft.rows.append(Rows("moment", row, column, weight, zeros, zeros, moments.person))


def _one_at_most(
    draft: Draft, name: str, row: Ints, column: Ints, use: Ints, owner: Ints, *, lazy: bool = False
) -> None:
    """One of each row's columns at most; where ``use`` (by row) is a column, none unless that is one."""
    there = np.zeros(len(use), np.bool_)
    there[row] = True
    costly = np.flatnonzero((use >= 0) & there)
    weight = np.concatenate([np.ones(len(column), np.int64), np.full(len(costly), -1, np.int64)])
    column = np.concatenate([column, use[costly]])
    draft.less(name, np.concatenate([row, costly]), column, weight, (use < 0).astype(np.int64), owner, lazy=lazy)


def hours(draft: Draft, tables: Tables, pairs: Candidates, rows: Ints, x: Ints) -> None:
    """Minutes within a period; and the same in steps, so that a relaxation knows that no half line helps. Where any two
    lines are too many, that alone says it all."""
    person, need = pairs.person[rows], pairs.need[rows]
    minutes = pairs.minutes[rows]
    for name, period, left in (
        ("hours_day", tables.needs.day, pairs.day_left),
        ("hours_week", tables.needs.week, pairs.week_left),
        ("hours_month", tables.needs.month, pairs.month_left),
    ):
        limit = left[rows]
        _, first, group = np.unique(person * FAR + period[need], return_index=True, return_inverse=True)
        binds = (np.bincount(group, minutes, len(first)) > limit[first])[group]
        single = (np.bincount(group, 2 * minutes <= limit, len(first)) == 0)[group]
        for k, most in ROUND.items():
            weight = steps(minutes, limit, k)
            tight = (np.bincount(group, weight, len(first)) > most)[group]
            mine = np.flatnonzero(binds & tight & (weight > 0) & ~single)
            draft.less(f"{name} {k}", group[mine], x[mine], weight[mine], most, person[first], lazy=True)
        mine = np.flatnonzero(binds & single)
        draft.less(f"{name} alone", group[mine], x[mine], 1, 1, person[first], lazy=True)
        mine = np.flatnonzero(binds & ~single)
        draft.less(name, group[mine], x[mine], minutes[mine], limit[first], person[first], lazy=True)
    rolling = stretches(tables, person, need, minutes)
    whose = np.zeros(len(rolling.left), np.int64)
    whose[rolling.stretch] = person[rolling.line]
    some = x[rolling.line], minutes[rolling.line]
    draft.less("hours_rolling", rolling.stretch, *some, rolling.left, whose, lazy=True)


def steps(minutes: Ints, left: Ints, k: int) -> Ints:
    """Minutes in steps such that lines within ``left`` come to ``ROUND[k]`` at most (a dual feasible function). With
    ``k`` = 1, a line of more than half of what is left counts whole and a shorter one nothing."""
    parts = (k + 1) * minutes
    left = np.maximum(left, 1)
    found: Ints = np.where(parts % left == 0, k * (parts // left), (k + 1) * (parts // left))
    return found


def months(draft: Draft, tables: Tables, pairs: Candidates, rows: Ints, x: Ints) -> None:
    """Events a month: each event counts once, however many of its shifts a person serves."""
    needs = tables.needs
    fresh = np.flatnonzero(pairs.fresh[rows])
    person, need = pairs.person[rows][fresh], pairs.need[rows][fresh]
    months, month_first, month = np.unique(person * FAR + needs.month[need], return_index=True, return_inverse=True)
    size = np.int64(len(tables.problem.events) + 1)
    events, event = np.unique(month * size + needs.event[need], return_inverse=True)
    limit = pairs.events_left[rows][fresh][month_first]
    binds = np.bincount(events // size, minlength=len(months)) > limit
    several = np.bincount(event, minlength=len(events)) > 1
    counted = np.flatnonzero(binds[events // size] & several)
    q = np.full(len(events), -1, np.int64)
    q[counted] = draft.columns(np.zeros(len(counted), np.int64), np.ones(len(counted), np.int64), whole=True)
    mine = np.flatnonzero(q[event] >= 0)
    row = np.tile(np.arange(len(mine)), 2)
    weight = np.concatenate([np.ones(len(mine), np.int64), np.full(len(mine), -1, np.int64)])
    draft.less("counted", row, np.concatenate([x[fresh[mine]], q[event[mine]]]), weight, 0, person[mine], lazy=True)
    q[event] = np.where(q[event] >= 0, q[event], x[fresh])
    every = np.flatnonzero(binds[events // size])
    draft.less("events_month", events[every] // size, q[every], 1, limit, months // FAR, lazy=True)


def series(draft: Draft, tables: Tables, x: Ints, person: Ints, need: Ints) -> Ints:
    """One tutor for all sessions of a series. Returns for each row the column of its person's whole part in its series,
    -1 = that is the line itself."""
    series = tables.needs.series[need]
    mine = np.flatnonzero(tutored(tables, need))
    size = np.int64(len(tables.problem.people) + 1)
    keys, tutor = np.unique(series[mine] * size + person[mine], return_inverse=True)
    t = np.full(len(keys), -1, np.int64)
    several = np.flatnonzero(np.bincount(tutor, minlength=len(keys)) > 1)
    t[several] = draft.columns(np.zeros(len(several), np.int64), np.ones(len(several), np.int64), whole=True)
    bound = np.flatnonzero(t[tutor] >= 0)
    row = np.tile(np.arange(len(bound)), 2)
    weight = np.concatenate([np.ones(len(bound), np.int64), np.full(len(bound), -1, np.int64)])
    draft.less("tutor", row, np.concatenate([x[mine[bound]], t[tutor[bound]]]), weight, 0)
    t[tutor] = np.where(t[tutor] >= 0, t[tutor], x[mine])
    draft.less("series", keys // size, t, 1, 1)
    tutors = np.full(len(x), -1, np.int64)
    tutors[mine[bound]] = t[tutor[bound]]
    return tutors


def knotted(draft: Draft, knots: Knots, rows: Ints, x: Ints, tutors: Ints) -> None:
    """What knotted people do is a mixture of whole schedules, and so is their part in each series."""
    one = draft.columns(np.zeros(len(knots.person), np.int64), np.ones(len(knots.person), np.int64), whole=False)
    draft.less("knot", knots.person, one, 1, 1, np.arange(int(knots.person.max(initial=-1)) + 1))
    at = np.searchsorted(rows, knots.row)
    made, number = np.unique(at, return_inverse=True)
    row = np.concatenate([number, np.arange(len(made))])
    weight = np.concatenate([np.ones(len(at), np.int64), np.full(len(made), -1, np.int64)])
    zeros = np.zeros(len(made))
    draft.rows.append(Rows("made", row, np.concatenate([one[knots.schedule], x[made]]), weight, zeros, zeros))
    taught = np.flatnonzero(tutors[at] >= 0)
    part = np.unique(tutors[at[taught]] * len(one) + knots.schedule[taught])
    column, which = part // len(one), part % len(one)
    both = np.unique(column)
    row, weight = np.concatenate([column, both]), np.ones(len(column) + len(both), np.int64)
    weight[len(column) :] = -1
    draft.less("taught", row, np.concatenate([one[which], both]), weight, 0)


def tutored(tables: Tables, need: Ints) -> Flags:
    """Whether each need belongs to a series of several sessions, which wants one tutor."""
    series = tables.needs.series
    sessions = np.bincount(series[series >= 0], minlength=int(series.max(initial=0)) + 1)
    mine = series[need]
    wanted: Flags = (mine >= 0) & (sessions[np.maximum(mine, 0)] > 1)
    return wanted


def enemies(draft: Draft, tables: Tables, x: Ints, person: Ints, need: Ints) -> None:
    """Two people who are not to serve together: one of them at most on a shift."""
    shift = tables.needs.shift[need]
    at = np.searchsorted(person, np.arange(len(tables.problem.people) + 1))
    row: list[int] = []
    column: list[int] = []
    count = 0
    for a, b in blocked_pairs(tables):
        mine, theirs = np.arange(at[a], at[a + 1]), np.arange(at[b], at[b + 1])
        for both in np.intersect1d(shift[mine], shift[theirs]).tolist():
            found = [*mine[shift[mine] == both].tolist(), *theirs[shift[theirs] == both].tolist()]
            row += [count] * len(found)
            column += found
            count += 1
    draft.less("pair", np.array(row, np.int64), x[np.array(column, np.int64)], 1, 1)


def fairness(draft: Draft, tables: Tables, pairs: Candidates, rows: Ints, x: Ints) -> None:
    """Hours beyond the one already begun cost more and more; the pieces are convex, so they fill in order."""
    cost = tables.problem.weights.fairness
    if not cost or not len(rows):
        return
    person = pairs.person[rows]
    who, number = np.unique(person, return_inverse=True)
    minutes = pairs.minutes[rows]
    limit = np.minimum(np.bincount(number, minutes, len(who)), _most_minutes(tables, pairs, rows))
    base = pairs.base[who]
    slack = -base % 60
    count = np.maximum(0, -(-(limit.astype(np.int64) - slack) // 60))
    owner = np.repeat(np.arange(len(who)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    hours = (base[owner] + slack[owner]) // 60 + rank
    u = draft.columns(-cost * (hours + 1), np.ones(len(owner), np.int64), whole=True)
    column = np.concatenate([x, u])
    weight = np.concatenate([minutes, np.full(len(u), -60)])
    draft.less("fairness", np.concatenate([number, owner]), column, weight, slack)


def _most_minutes(tables: Tables, pairs: Candidates, rows: Ints) -> Ints:
    """What the weeks' limits leave to each person in ``rows``, all weeks in sight together."""
    weeks = pairs.person[rows] * FAR + tables.needs.week[pairs.need[rows]]
    keys, first = np.unique(weeks, return_index=True)
    _, owner = np.unique(keys // FAR, return_inverse=True)
    return np.bincount(owner, pairs.week_left[rows][first]).astype(np.int64)
