"""Crowds hold only what clashes, leave no clash out, and are not split where one would do."""

from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.bench.weeks import week
from dispatch.planner.candidates import clash
from dispatch.planner.model import scoped
from dispatch.planner.search import crowds
from dispatch.planner.tables import Ints

spans = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=2, max_size=14)


def overlapping(spans: list[tuple[int, int]], pause: int) -> tuple[Ints, Ints, Ints]:
    """One person's candidates from their starts and lengths: clashes of different crowds, and the crowds."""
    spans = sorted(spans)
    crowd = np.zeros(len(spans), np.int64)
    soonest = spans[0][0] + spans[0][1]
    for at, ((_, _), (start, length)) in enumerate(pairwise(spans), 1):
        opens = start >= soonest
        crowd[at] = crowd[at - 1] + opens
        soonest = start + length if opens else min(soonest, start + length)
    found = [
        (a, b)
        for (a, (start, length)), (b, (later, _)) in combinations(enumerate(spans), 2)
        if later < start + length + pause and crowd[a] != crowd[b]
    ]
    one, other = np.array(found, np.int64).reshape(-1, 2).T
    return one, other, crowd


def rows(one: Ints, other: Ints, crowd: Ints) -> list[set[int]]:
    row, line, first = crowds.mixed(one, other, crowd)
    found = [set(line[row == number].tolist()) for number in np.unique(row)]
    assert sum(map(len, found)) == len(line)
    assert all(int(first[number]) in lines for number, lines in zip(np.unique(row), found, strict=True))
    return found


@pytest.mark.parametrize("most", [4, crowds.COUPLES])
@given(spans, st.integers(0, 4))
def test_every_clash_lies_in_a_crowd_of_clashes(most: int, spans: list[tuple[int, int]], pause: int):
    one, other, crowd = overlapping(spans, pause)
    known = set(zip(one.tolist(), other.tolist(), strict=True))
    covered = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "COUPLES", most)
        found = rows(one, other, crowd)
    for lines in found:
        for a, b in combinations(sorted(lines), 2):
            assert crowd[a] == crowd[b] or (a, b) in known
            covered.add((a, b))
    assert known <= covered


@given(spans, st.integers(0, 4))
def test_nobody_is_missing_who_clashes_with_all_of_a_crowd_of_two(spans: list[tuple[int, int]], pause: int):
    one, other, crowd = overlapping(spans, pause)
    known = set(zip(one.tolist(), other.tolist(), strict=True))
    for lines in rows(one, other, crowd):
        two = {int(crowd[line]) for line in lines}
        assert len(two) == 2
        for more in np.flatnonzero(np.isin(crowd, list(two))).tolist():
            fits = all(crowd[more] == crowd[a] or tuple(sorted((a, more))) in known for a in lines)
            assert more in lines or not fits


def test_two_that_end_late_share_a_crowd_with_what_both_reach_into():
    one, other, crowd = overlapping([(0, 5), (1, 6), (2, 1), (4, 3)], 0)
    assert crowd.tolist() == [0, 0, 0, 1]
    assert rows(one, other, crowd) == [{0, 1, 3}]


@pytest.mark.parametrize("most", [1, 50, crowds.COUPLES])
def test_clashes_are_the_same_however_many_are_compared_at_a_time(monkeypatch: pytest.MonkeyPatch, most: int):
    scope = scoped(week("S", 2))
    pairs, tables = scope.pairs, scope.tables
    crowd = crowds.crowds(tables, pairs.person, pairs.need)
    monkeypatch.setattr(crowds, "COUPLES", most)
    one, other = crowds.clashing(tables, scope.far, pairs.person, pairs.need, crowd)
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    person = np.repeat(np.arange(len(pairs.first) - 1), np.diff(pairs.first))
    assert (person == pairs.person).all()
    for first, last in pairwise(pairs.first[:40].tolist()):
        mine = np.arange(first, last)
        a, b = (mine[index] for index in np.triu_indices(len(mine), 1))
        broken = clash(tables, scope.far, pairs.person[a], pairs.need[a], pairs.need[b]) & (crowd[a] != crowd[b])
        assert {(x, y) for x, y in found if first <= x < last} == set(
            zip(a[broken].tolist(), b[broken].tolist(), strict=True)
        )
    assert found


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(1, 9)), max_size=14))
def test_every_moment_has_all_of_its_lines_and_none_is_part_of_another(several: list[tuple[int, int, int]]):
    several.sort()
    person, start, length = np.array(several, np.int64).reshape(-1, 3).T
    tables: Any = SimpleNamespace(needs=SimpleNamespace(start=start, end=start + length))
    told = crowds.moments(tables, person, np.arange(len(several)))
    found = [
        (int(who), frozenset(np.flatnonzero((told.first <= number) & (number <= told.last)).tolist()))
        for number, who in enumerate(told.person)
    ]
    known = {
        (one, frozenset(n for n, (who, at, long) in enumerate(several) if who == one and at <= minute < at + long))
        for one in (0, 1)
        for minute in range(30)
    }
    assert set(found) == {(who, lines) for who, lines in known if lines and not any(lines < b for _, b in known)}
    assert len(set(found)) == len(found)
    assert told.size == sum(len(lines) for _, lines in found)
