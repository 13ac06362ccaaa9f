"""Half-open spans of time and their algebra. Touching spans do not overlap. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

_BY_TIME = attrgetter("start", "end")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """``start <= t < end``; both aware datetimes, ``start < end``."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware datetimes")
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union: sorted, disjoint, never touching."""
    out: list[Span] = []
    for span in sorted(spans, key=_BY_TIME):
        if out and span.start <= out[-1].end:
            if span.end > out[-1].end:
                out[-1] = Span(out[-1].start, span.end)
        else:
            out.append(span)
    return tuple(out)


def minus(spans: Sequence[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """``spans`` without every instant of ``holes``; merged."""
    left = list(merged(spans))
    for hole in merged(holes):
        rest: list[Span] = []
        for span in left:
            if not span.overlaps(hole):
                rest.append(span)
                continue
            if span.start < hole.start:
                rest.append(Span(span.start, hole.start))
            if hole.end < span.end:
                rest.append(Span(hole.end, span.end))
        left = rest
    return tuple(left)


def within(spans: Iterable[Span], frame: Span) -> tuple[Span, ...]:
    """The parts of ``spans`` inside ``frame``; merged."""
    cut = (Span(max(s.start, frame.start), min(s.end, frame.end)) for s in spans if s.overlaps(frame))
    return merged(cut)
