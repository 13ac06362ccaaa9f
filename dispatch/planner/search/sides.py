"""Events that go whole or not at all, and those that can never run, with the reason."""

import numpy as np

from dispatch.planner.plan import Reason, Value
from dispatch.planner.tables import Flags, Ints, Tables


def together(tables: Tables) -> Flags:
    """Events that go whole or not at all."""
    return np.array([e.leader or e.quorum > 0 for e in tables.problem.events], np.bool_)


def closed(tables: Tables, eligible: Ints) -> tuple[Flags, dict[int, Reason]]:
    """Needs worth looking at, and the events that can never run, with the reason. ``eligible``: people who could be
    added to each need."""
    needs = tables.needs
    free = np.minimum(eligible, needs.cap - needs.firm)
    reasons: dict[int, Reason] = {}
    short = (needs.cast > 0) & (needs.firm + free < needs.cast)
    for n in np.flatnonzero(short).tolist():
        data: dict[str, Value] = {"wanted": int(needs.cast[n]), "possible": int(needs.firm[n] + free[n])}
        reasons.setdefault(int(needs.event[n]), Reason("cast", data))
    free = np.where(short, 0, free)
    by_event: dict[int, list[int]] = {}
    for n, e in enumerate(needs.event.tolist()):
        by_event.setdefault(e, []).append(n)
    shifts: dict[str, list[int]] = {}
    for number, shift in enumerate(tables.problem.shifts):
        shifts.setdefault(shift.event, []).append(number)
    never = np.zeros(len(tables.problem.events), np.bool_)
    for e in np.flatnonzero(together(tables)).tolist():
        mine = np.array(by_event.get(e, []), np.int64)
        reason = _never(tables, e, shifts.get(tables.problem.events[e].id, []), mine, needs.firm + free)
        if reason is not None:
            reasons[e], never[e] = reason, True
    return ~short & ~never[needs.event], reasons


def _never(tables: Tables, event: int, shifts: list[int], mine: Ints, possible: Ints) -> Reason | None:
    needs, row = tables.needs, tables.problem.events[event]
    if row.leader:
        leads = mine[needs.leader[mine]]
        if not len(leads) or (possible[leads] < needs.low[leads]).any():
            have = int(np.minimum(possible[leads], needs.low[leads]).sum())
            return Reason("leader", {"wanted": max(1, int(needs.low[leads].sum())), "possible": have})
    if row.quorum:
        fewest = min((int(possible[mine[needs.shift[mine] == shift]].sum()) for shift in shifts), default=0)
        if fewest < row.quorum:
            return Reason("quorum", {"wanted": row.quorum, "possible": fewest})
    return None
