"""The algebra of half-open spans, held against counting single minutes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.spans import Span, merged, minus, within

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def span(start: int, end: int) -> Span:
    return Span(ZERO + timedelta(minutes=start), ZERO + timedelta(minutes=end))


@st.composite
def some(draw: st.DrawFn) -> list[Span]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8))
    return [span(start, start + length) for start, length in pairs]


def minutes(spans: "list[Span] | tuple[Span, ...]") -> set[int]:
    def at(moment: datetime) -> int:
        return (moment - ZERO) // timedelta(minutes=1)

    return {m for s in spans for m in range(at(s.start), at(s.end))}


@given(some())
def test_merging_keeps_every_minute_and_leaves_gaps_between(spans: list[Span]) -> None:
    union = merged(spans)
    assert minutes(union) == minutes(spans)
    assert all(a.end < b.start for a, b in pairwise(union))


@given(some(), some())
def test_taking_away_is_taking_away_minutes(spans: list[Span], holes: list[Span]) -> None:
    assert minutes(minus(spans, holes)) == minutes(spans) - minutes(holes)


@given(some(), st.integers(0, 50), st.integers(1, 30))
def test_a_frame_cuts(spans: list[Span], start: int, length: int) -> None:
    frame = span(start, start + length)
    assert minutes(within(spans, frame)) == minutes(spans) & minutes([frame])


@given(some(), some())
def test_overlap_is_sharing_a_minute(one: list[Span], two: list[Span]) -> None:
    for a in one:
        for b in two:
            assert a.overlaps(b) == bool(minutes([a]) & minutes([b])) == b.overlaps(a)
            assert a.holds(b) == (minutes([b]) <= minutes([a]))


def test_touching_spans_do_not_clash() -> None:
    assert not span(0, 10).overlaps(span(10, 20))


def test_a_span_needs_a_length_and_a_zone() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        span(5, 5)
    with pytest.raises(ValueError, match="aware"):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001
