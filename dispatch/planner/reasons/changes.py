"""Small changes of a need, its shift or a person, as data, and carried out on a problem. Which of them would help is
found by ``relaxations``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from dispatch.planner.problem import UNLIMITED, Event, Hold, Id, Need, Person, Problem, Shift, Span

Kind = Literal[
    "hand", "later", "earlier", "longer", "radius", "series", "level", "language", "age", "hours", "team", "quorum",
    "guardian", "renewal", "background", "training",
]  # fmt: skip
OF_NEED: Final = frozenset({"level", "language", "age", "team"})
OF_EVENT: Final = frozenset({"series", "quorum"})
OF_SHIFT: Final = frozenset({"later", "earlier"})


@dataclass(frozen=True, slots=True)
class Change:
    """``amount``: minutes (later, earlier, longer, hours), kilometres (radius), levels (level), years (age), people
    (quorum). ``subject``: the skill or language it is about. ``people``: whom it is about; none = the need or shift."""

    kind: Kind
    amount: int = 0
    subject: Id = ""
    people: tuple[Id, ...] = ()


def applied(problem: Problem, need_id: Id, change: Change) -> Problem:
    """The problem as it would be. Raises ``KeyError`` for a need that it does not have."""
    need = {need.id: need for need in problem.needs}[need_id]
    shift = next(shift for shift in problem.shifts if shift.id == need.shift)
    if change.kind in OF_SHIFT:
        moved = tuple(_moved(one, change) if one.id == need.shift else one for one in problem.shifts)
        return replace(problem, shifts=moved)
    if change.kind in OF_EVENT:
        events = tuple(_lighter(one, change) if one.id == shift.event else one for one in problem.events)
        return replace(problem, events=events)
    if change.kind in OF_NEED:
        needs = tuple(eased(one, change) if one.id == need_id else one for one in problem.needs)
        return replace(problem, needs=needs)
    give, whom, case = _GIVEN[change.kind], set(change.people), _Case(need, shift, change)
    return replace(problem, people=tuple(give(one, case) if one.id in whom else one for one in problem.people))


def eased(need: Need, change: Change) -> Need:
    """The need with less asked of people."""
    if change.kind == "level":
        low = tuple(replace(a, level=a.level - change.amount) if a.skill == change.subject else a for a in need.asks)
        return replace(need, asks=low)
    if change.kind == "language":
        return replace(need, languages=tuple(language for language in need.languages if language != change.subject))
    if change.kind == "age":
        wide = (max(0, need.age_min - change.amount), min(150, need.age_max + change.amount))
        return replace(need, age_min=wide[0], age_max=wide[1])
    return replace(need, team=None)


def _lighter(event: Event, change: Change) -> Event:
    if change.kind == "series":
        return replace(event, series=None)
    return replace(event, quorum=event.quorum - change.amount)


def _moved(shift: Shift, change: Change) -> Shift:
    by = change.amount if change.kind == "later" else -change.amount
    return replace(shift, start=shift.start + by, end=shift.end + by)


@dataclass(frozen=True, slots=True)
class _Case:
    need: Need
    shift: Shift
    change: Change


def _longer(person: Person, case: _Case) -> Person:
    """Free so much longer before and after: every span that the shift then fits into is stretched to hold it."""
    start, end, more = case.shift.start - case.shift.call, case.shift.end + case.shift.out, case.change.amount
    stretched = (
        Span(min(span.start, start), max(span.end, end))
        for span in person.free
        if span.start - more <= start and end <= span.end + more
    )
    return replace(person, free=_merged([*person.free, *stretched]))


def _hours(person: Person, case: _Case) -> Person:
    more = case.change.amount
    return replace(
        person,
        max_day=person.max_day + more,
        max_week=person.max_week + more,
        max_month=person.max_month + more,
        max_rolling=person.max_rolling + more if person.max_rolling < UNLIMITED else UNLIMITED,
    )


def _training(person: Person, case: _Case) -> Person:
    level = next(ask.level for ask in case.need.asks if ask.skill == case.change.subject)
    return replace(person, holds=(*person.holds, Hold(case.change.subject, level)))


def _renewal(person: Person, case: _Case) -> Person:
    asked = {ask.skill for ask in case.need.asks}
    return replace(person, holds=tuple(replace(h, until=None) if h.skill in asked else h for h in person.holds))


_GIVEN: Mapping[Kind, Callable[[Person, _Case], Person]] = {
    "hand": lambda person, _: replace(person, automated=True),
    "longer": _longer,
    "radius": lambda person, case: replace(person, max_km=person.max_km + case.change.amount),
    "hours": _hours,
    "training": _training,
    "renewal": _renewal,
    "background": lambda person, case: replace(person, checked_until=case.shift.end),
    "guardian": lambda person, case: replace(person, guardian_until=case.shift.end),
}


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """Sorted, disjoint, merged where they touch."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
