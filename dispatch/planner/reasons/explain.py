"""Why this person, why this hole, why this event does not run: read off the finished lines, the pool and the prices."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from dispatch.planner.eligibility import NAMES
from dispatch.planner.goals import LINE_GOALS, burden, worths
from dispatch.planner.plan import Blocked, Choice, Elsewhere, Off, Reason, Unmet, Why
from dispatch.planner.reasons.finished import spread
from dispatch.planner.reasons.outcome import Outcome
from dispatch.planner.search.sides import together
from dispatch.planner.tables import Ints, among

NAMED = 5  # people named under "elsewhere"
FEW = 16  # the best of a need's candidates among whom the next person is looked for first


def choices(out: Outcome) -> tuple[Choice, ...]:
    """Every line in the problem's order of needs, then people, with what it adds and who would have been next."""
    problem = out.tables.problem
    burdens = _last_burden(out)
    after = _followers(out)
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
        follower, theirs = after(i)
        made.append(
            Choice(
                problem.people[p].id,
                problem.needs[n].id,
                bool(out.firm[i]),
                tuple(sorted(why, key=lambda each: (-abs(each.worth), each.goal))),
                problem.people[follower].id if follower >= 0 else None,
                int(out.worth[i] - burdens[i] - theirs) if follower >= 0 else None,
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
    """Rules that no choice of the person's own can mend come before the lines they have elsewhere."""
    tables, people = out.tables, out.tables.problem.people
    rows = out.rows(needs)
    person, need = out.pool.person[rows], out.pool.need[rows]
    serving = among(out.taken, need * len(people) + person)
    tutored = out.tutored(person, need) & ~serving
    apart = (out.apart(person, need) > 0) & ~serving & ~tutored
    line = out.own(person, need)
    bound = (line >= 0) & ~serving & ~tutored & ~apart
    cost = _moving(out, person, need, out.pool.spare[rows], np.maximum(line, 0)) if len(out.need) else line
    last = np.cumsum(out.first[needs + 1] - out.first[needs]).tolist()
    made = []
    for n, low, high in zip(needs.tolist(), [0, *last], last, strict=False):
        here = slice(low, high)
        counts = Counter({NAMES[r]: int(out.pool.refused[n, r]) for r in np.flatnonzero(out.pool.refused[n])})
        found = (("series", tutored), ("pair", apart), ("serving", serving))
        counts.update({rule: some for rule, flags in found if (some := int(flags[here].sum()))})
        busy = np.flatnonzero(bound[here]) + low
        idle = high - low - len(busy) - int((tutored | apart | serving)[here].sum())
        if idle and (rule := out.alone(n, idle)) is not None:
            counts[rule], idle = idle, 0
        cheap = busy[np.lexsort((person[busy], cost[busy]))][:NAMED].tolist()
        missing = max(0, int(tables.needs.low[n] - out.count[n]))
        made.append(
            Unmet(
                tables.problem.needs[n].id,
                missing,
                max(0, int(tables.needs.desired[n] - out.count[n]) - missing),
                len(people),
                tuple(Blocked(rule, some) for rule, some in counts.items()),
                len(busy),
                tuple(
                    Elsewhere(people[person[i]].id, tables.problem.needs[out.need[line[i]]].id, int(cost[i]))
                    for i in cheap
                ),
                idle,
            )
        )
    return tuple(made)


def off(out: Outcome, never: dict[int, Reason]) -> tuple[Off, ...]:
    """Events at which nobody serves though people are asked for, as far as a rule is the cause."""
    events = out.tables.problem.events
    still = ~out.served & together(out.tables)
    still[[e for e in never if not out.served[e]]] = True
    reasons = ((e, never.get(e) or out.lack(e)) for e in np.flatnonzero(still).tolist() if e in out.needs_of)
    return tuple(Off(events[e].id, reason) for e, reason in reasons if reason is not None)


def _last_burden(out: Outcome) -> Ints:
    """What each line's minutes cost in fairness if they are the person's last ones."""
    tables = out.tables
    after = out.ledger[out.person]
    return burden(tables, after) - burden(tables, after - out.minutes)


def _followers(out: Outcome) -> Callable[[int], tuple[int, int]]:
    """For a line, the best candidate who could serve there in its place and serves neither there nor in conflict with
    it, -1 = none (also where every seat is firm); and their worth. Looked for among the best few; only where none of
    them is free, among all."""
    tables, pairs, size = out.tables, out.pairs, len(out.tables.problem.needs)
    rows = np.flatnonzero((out.count > 0)[pairs.need])
    rows = rows[np.argsort(pairs.need[rows], kind="stable")]
    person, need = pairs.person[rows], pairs.need[rows]
    before = out.ledger[person]
    worth = pairs.worth[rows] - burden(tables, before + tables.minutes(person, need)) + burden(tables, before)
    first = np.searchsorted(need, np.arange(size + 1))
    best, value = np.full(size, -1, np.int64), np.zeros(size, np.int64)

    def ready(some: Ints, foes: int) -> Ints:
        """Those of these rows that nothing is against but so many people on the shift."""
        some = some[out.apart(person[some], need[some]) == foes]
        some = some[~out.tutored(person[some], need[some], besides=True)]
        return some[out.own(person[some], need[some]) < 0]

    def settle(some: Ints) -> None:
        some = ready(some, 0)
        order = some[np.lexsort((person[some], -worth[some], need[some]))]
        found, at = np.unique(need[order], return_index=True)
        best[found], value[found] = person[order[at]], worth[order[at]]

    settle(_top(worth, first))
    left = np.flatnonzero((best < 0) & (np.diff(first) > FEW))
    settle(spread(first[left], first[left + 1]))
    instead: dict[tuple[int, int], tuple[int, int]] = {}
    some = np.arange(len(rows) if out.foes else 0)
    for row in ready(some, 1).tolist():  # they could come if the one whom they are kept apart from went
        for foe in out.foes[int(person[row])]:
            known = instead.get((foe, int(need[row])), (-1, 0))
            if known[0] < 0 or worth[row] > known[1]:
                instead[foe, int(need[row])] = int(person[row]), int(worth[row])

    def after(line: int) -> tuple[int, int]:
        n = int(out.need[line])
        usual = int(best[n]), int(value[n])
        theirs = instead.get((int(out.person[line]), n), (-1, 0))
        return theirs if theirs[0] >= 0 and (usual[0] < 0 or theirs[1] > usual[1]) else usual

    return after


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


def _moving(out: Outcome, person: Ints, need: Ints, spare: Ints, line: Ints) -> Ints:
    """What the score loses, by the prices, when the person leaves ``line`` for this need."""
    value = out.value
    here = worths(out.tables, person, need, spare)
    seat = np.where(out.count < value.first, value.top, value.desired)
    cost: Ints = np.maximum(0, out.prices[out.need[line]] + out.worth[line] - here - seat[need])
    return cost
