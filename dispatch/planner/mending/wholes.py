"""Teams and events that go whole or not at all: what a change of a warm roster would break that was whole before."""

from collections.abc import Iterable, Mapping

from dispatch.planner.mending.warm import Warm
from dispatch.planner.plan import Reason


def breaks(warm: Warm, before: Mapping[int, int], after: Mapping[int, int]) -> Reason | None:
    """The first team or event that was whole with so many people more on some needs (``before``), and is not with
    those of ``after``."""
    events = {int(warm.tables.needs.event[need]) for need in (*before, *after)}
    broken = _broken(warm, events, before)
    return next((reason for key, reason in _broken(warm, events, after).items() if key not in broken), None)


def _broken(warm: Warm, events: Iterable[int], more: Mapping[int, int]) -> dict[tuple[object, ...], Reason]:
    """Whatever keeps these events and their teams from being whole; an event or team without people lacks nothing."""
    needs = warm.tables.needs
    found: dict[tuple[object, ...], Reason] = {}
    for event in events:
        row, mine = warm.tables.problem.events[event], warm.needs_of[event]
        count = {need: int(warm.count[need]) + more.get(need, 0) for need in mine}
        for need in mine:
            if 0 < count[need] < needs.cast[need]:
                found["cast", need] = _lack("cast", int(needs.cast[need]), count[need])
            if needs.mentor[need] >= 0:
                found |= _alone(need, count[need], count[int(needs.mentor[need])], int(needs.per_mentor[need]))
        if (row.leader or row.quorum) and any(count.values()):
            found |= _short(warm, event, count)
    return found


def _alone(need: int, learners: int, mentors: int, each: int) -> dict[tuple[object, ...], Reason]:
    """Each learner without a mentor."""
    most = mentors * each
    reason = Reason("mentor", {"mentors": mentors, "most": most})
    return {("mentor", need, number): reason for number in range(most, learners)}


def _short(warm: Warm, event: int, count: Mapping[int, int]) -> dict[tuple[object, ...], Reason]:
    """What a running event lacks of its leaders and its quorum."""
    needs, row = warm.tables.needs, warm.tables.problem.events[event]
    found: dict[tuple[object, ...], Reason] = {}
    leads = [need for need in count if needs.leader[need]] if row.leader else []
    if row.leader and not leads:
        found["leaders", event] = _lack("leader", 1, 0)
    for need in leads:
        if count[need] < needs.low[need]:
            found["leader", need] = _lack("leader", int(needs.low[need]), count[need])
    for shift in warm.shifts_of[event]:
        people = sum(count[need] for need in warm.on_shift.get(shift, ()))
        if people < row.quorum:
            found["quorum", shift] = _lack("quorum", row.quorum, people)
    return found


def _lack(rule: str, wanted: int, possible: int) -> Reason:
    return Reason(rule, {"wanted": wanted, "possible": possible})
