"""Warm arrays stay what a fresh build would make of the same lines."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.bench.weeks import week
from dispatch.planner.mending import repair
from dispatch.planner.mending.openings import Terms
from dispatch.planner.mending.warm import Line, Warm, warmed
from dispatch.planner.problem import Busy, Problem
from tests.dispatch.planner import tiny

HOLDS = ("open", "accepted", "fixed")


def same(one: Warm, other: Warm) -> None:
    """All that changes with lines is equal, whatever room was made for it."""
    wide = max(one.width, other.width)
    for arrays in (one, other):
        if arrays.width < wide:
            arrays._widen(wide)
        assert np.shares_memory(arrays.tables.promises.minutes, arrays.cells)  # what rules read is what changes
    assert np.array_equal(one.cells, other.cells)
    assert np.array_equal(one.points, other.points, equal_nan=True)
    assert np.array_equal(one.filled, other.filled)
    assert np.array_equal(one.planned, other.planned)
    assert np.array_equal(one.count, other.count)
    assert one.holders == other.holders
    assert one.lines() == other.lines()
    assert {key: who for key, who in one.barred.items() if who} == {
        key: who for key, who in other.barred.items() if who
    }


class Roster:
    """Warm arrays and, beside them, the plain record of what was done to them."""

    def __init__(self, posed: Problem) -> None:
        self.posed, self.arrays = posed, warmed(posed, [])
        self.lines: dict[tuple[str, str], Line] = {}
        self.barred: list[tuple[str, str]] = []
        self.elsewhere: dict[tuple[str, str], Busy] = {}

    def take(self, line: Line) -> None:
        self.lines[line.person, line.need] = line
        self.arrays.take(line)

    def drop(self, pair: tuple[str, str], *, barred: bool) -> None:
        self.lines.pop(pair, None)
        self.barred += [pair] if barred else []
        self.arrays.give_up(*pair, barred=barred)

    def promise(self, person: str, name: str, busy: Busy | None) -> None:
        self.elsewhere.pop((person, name), None)
        if busy is not None:
            self.elsewhere[person, name] = busy
        self.arrays.elsewhere(person, name, busy)

    def mend(self, need: str) -> None:
        found = repair.repair(self.arrays, need, Terms(0, consent=True)).proposals
        for step in found[0].steps if found else ():
            if step.leaves is not None:
                self.drop((step.person, step.leaves), barred=False)
            if step.instead is not None:
                self.drop((step.instead, step.need), barred=False)
            self.take(Line(step.person, step.need))

    def fresh(self) -> Warm:
        made = warmed(self.posed, self.lines.values(), barred=self.barred)
        for (person, name), busy in self.elsewhere.items():
            made.elsewhere(person, name, busy)
        return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tiny.problems(), st.data())
def test_after_any_changes_the_arrays_equal_fresh_ones(posed: Problem, data: st.DataObject):
    roster = Roster(replace(posed, roster=()))
    who = st.sampled_from([person.id for person in posed.people])
    what = st.sampled_from([need.id for need in posed.needs])
    for _ in range(data.draw(st.integers(1, 25))):
        match data.draw(st.sampled_from(("take", "take", "drop", "step back", "mend", "promise", "over"))):
            case "take":
                hold, held = data.draw(st.sampled_from(HOLDS)), data.draw(st.booleans())
                roster.take(Line(data.draw(who), data.draw(what), hold, held))
            case "drop":
                roster.drop((data.draw(who), data.draw(what)), barred=False)
            case "step back":
                roster.drop((data.draw(who), data.draw(what)), barred=True)
            case "mend":
                roster.mend(data.draw(what))
            case "promise":
                start = tiny.at(data.draw(st.integers(0, 3)), data.draw(st.integers(7, 20)))
                busy = Busy(start, start + 60, tiny.MONDAY, 60, data.draw(st.sampled_from((None, tiny.FAR))))
                roster.promise(data.draw(who), data.draw(st.sampled_from("xyz")), busy)
            case "over":
                roster.promise(data.draw(who), data.draw(st.sampled_from("xyz")), None)
    same(roster.arrays, roster.fresh())


def test_a_search_leaves_no_trace():
    posed = week("S", 4)
    lines = [Line(held.person, held.need) for held in posed.roster]
    arrays = warmed(posed, lines)
    for need in posed.needs:
        repair.repair(arrays, need.id, Terms(0))
    same(arrays, warmed(posed, lines))


def test_thin_tables_know_nobody_by_more_than_an_id():
    posed = week("S", 4)
    thin = warmed(posed, []).tables
    assert all(person.holds == person.free == () for person in thin.problem.people)
    assert [person.id for person in thin.problem.people] == [person.id for person in posed.people]
