"""Why this person, why this hole, why this event does not run: read off the finished lines, the pool and the prices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dispatch.planner.candidates import Candidates, clash
from dispatch.planner.eligibility import NAMES, Eligible
from dispatch.planner.goals import LINE_GOALS, Seats, burden, line_goals, worths
from dispatch.planner.plan import Blocked, Choice, Elsewhere, Off, Reason, Unmet, Why
from dispatch.planner.search.sides import together
from dispatch.planner.tables import Flags, Floats, Ints, Tables, among

NAMED = 5  # people named under "elsewhere"
FEW = 16  # the best of a need's candidates among whom the next person is looked for first
PERIODS = 10_000_000  # more than any day: person * PERIODS + day sorts by person, then day


@dataclass(frozen=True)
class Outcome:
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
    def promised(self) -> tuple[tuple[Ints, Ints, Ints, Ints], ...]:
        """By day, week and month: the needs' period, everybody's limit, and the minutes that busy spans take (keys,
        sums)."""
        tables, promises = self.tables, self.tables.promises
        busy = promises.need < 0
        found = []
        for period, theirs, limit in (
            (tables.needs.day, promises.day, tables.people.max_day),
            (tables.needs.week, promises.week, tables.people.max_week),
            (tables.needs.month, promises.month, tables.people.max_month),
        ):
            keys, number = np.unique(promises.person[busy] * PERIODS + theirs[busy], return_inverse=True)
            sums = np.bincount(number, promises.minutes[busy], len(keys)).astype(np.int64)
            found.append((period, limit, keys, sums))
        return tuple(found)

    def rows(self, needs: Ints) -> Ints:
        """The pool's rows of these needs, need by need."""
        return _spread(self.first[needs], self.first[needs + 1])


def choices(out: Outcome) -> tuple[Choice, ...]:
    """Every line in the problem's order of needs, then people, with what it adds and who would have been next."""
    problem = out.tables.problem
    burdens = _last_burden(out)
    next_row, next_worth = _runners(out)
    supply = out.supply
    scarce = np.maximum(0, out.prices)
    columns = {goal: out.goals[goal].tolist() for goal in LINE_GOALS}
    made = []
    for i in np.lexsort((out.person, out.need)).tolist():
        n, p = int(out.need[i]), int(out.person[i])
        why = [Why(_NAMES.get(goal, goal), values[i]) for goal, values in columns.items() if values[i]]
        why.append(Why("scarcity", int(scarce[n]), {"eligible": int(supply[n]), "seats": problem.needs[n].desired}))
        if burdens[i]:
            why.append(Why("fairness", -int(burdens[i]), {"load": problem.people[p].load}))
        after = int(next_row[n])
        made.append(
            Choice(
                problem.people[p].id,
                problem.needs[n].id,
                bool(out.firm[i]),
                tuple(sorted(why, key=lambda each: (-abs(each.worth), each.goal))),
                problem.people[after].id if after >= 0 else None,
                int(out.worth[i] - burdens[i] - next_worth[n]) if after >= 0 else None,
            )
        )
    return tuple(made)


_NAMES = {"travel": "distance"}


def holes(out: Outcome) -> tuple[Unmet, ...]:
    """Needs below their wish, with everybody of the pool counted once: first failing rule, elsewhere, or idle."""
    return _unmet(out, np.flatnonzero(out.count < out.tables.needs.desired))


def hole(out: Outcome, need: int) -> Unmet:
    """The same for one need, whether it is below its wish or not."""
    return _unmet(out, np.array([need]))[0]


def _unmet(out: Outcome, needs: Ints) -> tuple[Unmet, ...]:
    tables, problem = out.tables, out.tables.problem
    rows = out.rows(needs)
    person, need = out.pool.person[rows], out.pool.need[rows]
    serving = among(out.taken, need * len(problem.people) + person)
    line = _stopped(out, person, need)
    bound = (line >= 0) & ~serving
    cost = _moving(out, person, need, out.pool.spare[rows], np.maximum(line, 0)) if len(out.need) else line
    last = np.cumsum(out.first[needs + 1] - out.first[needs]).tolist()
    made = []
    for n, low, high in zip(needs.tolist(), [0, *last], last, strict=False):
        blocked = [Blocked(NAMES[r], int(out.pool.refused[n, r])) for r in np.flatnonzero(out.pool.refused[n])]
        if here := int(serving[low:high].sum()):
            blocked.append(Blocked("serving", here))
        idle = high - low - here - int(bound[low:high].sum())
        if idle and not _taught(out, n):
            blocked.append(Blocked("mentor", idle))
            idle = 0
        busy = np.flatnonzero(bound[low:high]) + low
        cheap = busy[np.lexsort((person[busy], cost[busy]))][:NAMED].tolist()
        missing = max(0, int(tables.needs.low[n] - out.count[n]))
        made.append(
            Unmet(
                problem.needs[n].id,
                missing,
                max(0, int(tables.needs.desired[n] - out.count[n]) - missing),
                len(problem.people),
                tuple(blocked),
                len(busy),
                tuple(
                    Elsewhere(problem.people[int(person[i])].id, problem.needs[int(out.need[line[i]])].id, int(cost[i]))
                    for i in cheap
                ),
                idle,
            )
        )
    return tuple(made)


def _taught(out: Outcome, need: int) -> bool:
    """Whether one more person on the need would have a mentor, if it is for learners."""
    needs, count = out.tables.needs, out.count
    mentor = int(needs.mentor[need])
    return mentor < 0 or bool(count[need] < needs.per_mentor[need] * count[mentor])


def off(out: Outcome, never: dict[int, Reason]) -> tuple[Off, ...]:
    """Events at which nobody serves though people are asked for, as far as a rule is the cause."""
    tables, events = out.tables, out.tables.problem.events
    served = np.bincount(tables.needs.event[out.need], minlength=len(events)) > 0
    still = ~served & together(tables)
    still[[e for e in never if not served[e]]] = True
    rows = out.rows(np.flatnonzero(still[tables.needs.event]))
    person, need = out.pool.person[rows], out.pool.need[rows]
    free = np.bincount(need[_stopped(out, person, need) < 0], minlength=len(out.count)).astype(np.int64)
    needs: dict[int, list[int]] = {}
    for n in np.flatnonzero(still[tables.needs.event]).tolist():
        needs.setdefault(int(tables.needs.event[n]), []).append(n)
    return tuple(
        Off(events[e].id, never.get(e) or _short(out, free, e, np.array(mine, np.int64)))
        for e, mine in sorted(needs.items())
    )


def _short(out: Outcome, free: Ints, event: int, mine: Ints) -> Reason:
    """Why an event that could run does not: too few are ``free``, the others serve elsewhere, at a higher worth."""
    needs, row = out.tables.needs, out.tables.problem.events[event]
    leads = mine[needs.leader[mine]]
    if row.leader and (free[leads] < needs.low[leads]).any():
        have = int(np.minimum(free[leads], needs.low[leads]).sum())
        return Reason("leader", {"wanted": int(needs.low[leads].sum()), "possible": have})
    shifts = np.unique(needs.shift[mine])
    fewest = min(int(np.minimum(free, needs.cap)[mine[needs.shift[mine] == s]].sum()) for s in shifts)
    return Reason("quorum", {"wanted": row.quorum, "possible": fewest})


def _last_burden(out: Outcome) -> Ints:
    """What each line's minutes cost in fairness if they are the person's last ones."""
    tables = out.tables
    after = out.ledger[out.person]
    return burden(tables, after) - burden(tables, after - out.minutes)


def _runners(out: Outcome) -> tuple[Ints, Ints]:
    """Per need with lines the best candidate who serves neither there nor in conflict with it, -1 = none (also where
    every seat is firm); their worth. Looked for among the best few; only where none of them is free, among all."""
    tables, pairs, size = out.tables, out.pairs, len(out.tables.problem.needs)
    rows = np.flatnonzero((out.count > 0)[pairs.need])
    rows = rows[np.argsort(pairs.need[rows], kind="stable")]
    person, need = pairs.person[rows], pairs.need[rows]
    before = out.ledger[person]
    worth = pairs.worth[rows] - burden(tables, before + tables.minutes(person, need)) + burden(tables, before)
    first = np.searchsorted(need, np.arange(size + 1))
    best, value = np.full(size, -1, np.int64), np.zeros(size, np.int64)

    def settle(some: Ints) -> None:
        some = some[_stopped(out, person[some], need[some]) < 0]
        order = some[np.lexsort((person[some], -worth[some], need[some]))]
        found, at = np.unique(need[order], return_index=True)
        best[found], value[found] = person[order[at]], worth[order[at]]

    settle(_top(worth, first))
    left = np.flatnonzero((best < 0) & (np.diff(first) > FEW))
    settle(_spread(first[left], first[left + 1]))
    return best, value


def _top(worth: Ints, first: Ints) -> Ints:
    """Of each need's rows the :data:`FEW` best, and all that tie with the last of them."""
    some = []
    for low, high in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        mine = worth[low:high]
        if high - low <= FEW:
            some.append(np.arange(low, high))
        else:
            some.append(low + np.flatnonzero(mine >= np.partition(mine, high - low - FEW)[high - low - FEW]))
    return np.concatenate(some) if some else np.zeros(0, np.int64)


def _stopped(out: Outcome, person: Ints, need: Ints) -> Ints:
    """For each pair the person's line that forbids it: one that clashes, else, when a limit on hours is used up, any of
    that period; -1 = nothing forbids it. A line on the very need forbids it too."""
    tables = out.tables
    order, first = out.mine
    pair = np.repeat(np.arange(len(person)), first[person + 1] - first[person])
    line = order[_spread(first[person], first[person + 1])]
    broken = clash(tables, out.far, person[pair], need[pair], out.need[line])
    stops = np.full(len(person), -1, np.int64)
    stops[pair[broken]] = line[broken]
    for period, limit, keys, sums in out.promised:
        same = period[need[pair]] == period[out.need[line]]
        used = np.bincount(pair[same], out.minutes[line[same]], len(person)).astype(np.int64)
        used += _summed(keys, sums, person * PERIODS + period[need])
        over = used + tables.minutes(person, need) > limit[person]
        full = over[pair] & same & (stops[pair] < 0)
        stops[pair[full]] = line[full]
    return stops


def _moving(out: Outcome, person: Ints, need: Ints, spare: Ints, line: Ints) -> Ints:
    """What the score loses, by the prices, when the person leaves ``line`` for this need."""
    value = out.value
    here = worths(out.tables, person, need, spare)
    seat = np.where(out.count < value.first, value.top, value.desired)
    cost: Ints = np.maximum(0, out.prices[out.need[line]] + out.worth[line] - here - seat[need])
    return cost


def _spread(low: Ints, high: Ints) -> Ints:
    """The numbers ``low[i] .. high[i] - 1`` of every i, one after the other."""
    count = high - low
    numbers: Ints = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - low, count)
    return numbers


def _summed(keys: Ints, sums: Ints, wanted: Ints) -> Ints:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, sums[at], 0)
