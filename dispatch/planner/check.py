"""The referee: says the hard rules and the score a second time, apart from the solver, in plain loops over objects.

Nothing of the rule registry, the goals or the model is imported here, so that an error there cannot hide here. A plan
that :func:`violations` refuses is never kept, and a plan whose score differs from :func:`score` is a defect.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import ceil

from dispatch.planner.lines import Board, Line, Stay, groups, home_km, keyed, km, lines_of, stays
from dispatch.planner.plan import Plan, Value
from dispatch.planner.problem import Asks, Id, Need, Person, Problem, Shift, Span

DETOUR = 1.3
ROLLING = 7
PERCENT = (100, 130, 170, 220, 300)
PARTS = (
    *("mandatory", "equal", "desired", "keep", "continuity", "preferred"),
    *("likes", "travel", "reliability", "level", "cost", "fairness", "use"),
)

Figures = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule by its registry name, the people and needs that break it together, and the figures."""

    rule: str
    people: tuple[Id, ...] = ()
    needs: tuple[Id, ...] = ()
    data: Figures = field(default_factory=dict)


def violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every broken rule in which a line takes part that the plan itself chose. Empty = the plan may be kept.

    Besides the registry's names: ``unknown`` (a person or need that the problem lacks), ``twice`` (the same pair chosen
    again) and ``firm`` (an accepted or pinned line is missing).
    """
    chosen = (found.violation for found in _findings(Board(problem), plan) if not found.all_firm)
    return (*_misquotes(problem, plan), *chosen)


def kept(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Warnings: rules that accepted or pinned lines break by themselves. They stay in every plan all the same."""
    return tuple(found.violation for found in _findings(Board(problem), plan) if found.all_firm)


def score(problem: Problem, plan: Plan) -> dict[str, int]:
    """The parts of the score in the order of :data:`PARTS`, then ``total``, their sum. Unknown and repeated pairs count
    nothing."""
    board = Board(problem)
    lines = board.lines(plan)
    parts = dict.fromkeys(PARTS, 0)
    worths = [_seats(problem, served) for served in groups(lines, lambda line: line.need.id)]
    worths += [_line_goals(board, line) for line in lines]
    worths += [_fairness(problem, served) for served in groups(lines, lambda line: line.person.id)]
    for worth in worths:
        for part, value in worth.items():
            parts[part] += value
    return parts | {"total": sum(parts.values())}


def filled(problem: Problem, plan: Plan) -> int:
    """How many mandatory seats the plan fills, of ``sum(need.min)``."""
    by_need = groups(Board(problem).lines(plan), lambda line: line.need.id)
    return sum(min(served[0].need.min, len(served)) for served in by_need)


@dataclass(frozen=True, slots=True)
class _Found:
    violation: Violation
    all_firm: bool


def _misquotes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    people = {person.id for person in problem.people}
    needs = {need.id for need in problem.needs}
    seen: set[tuple[Id, Id]] = set()
    for choice in plan.choices:
        if choice.person not in people or choice.need not in needs:
            yield Violation("unknown", (choice.person,), (choice.need,))
        if (choice.person, choice.need) in seen:
            yield Violation("twice", (choice.person,), (choice.need,))
        seen.add((choice.person, choice.need))
    for held in problem.roster:
        if held.firm and (held.person, held.need) not in seen:
            yield Violation("firm", (held.person,), (held.need,))


def _findings(board: Board, plan: Plan) -> Iterator[_Found]:
    lines = board.lines(plan)
    for line in lines:
        for rule, figures in _alone(board, line):
            yield _found(rule, [line], figures)
    for served in groups(lines, lambda line: line.person.id):
        yield from _clashes(board, served)
        yield from _hours(served)
        yield from _rolling(served)
        yield from _months(served)
    for served in groups(lines, lambda line: (line.person.id, line.event.id)):
        if len({line.need.role for line in served}) > 1:
            yield _found("role", served, {"event": served[0].event.id})
    for served in groups(lines, lambda line: line.shift.id):
        yield from _blocked_pairs(served)
    by_need = keyed(lines, lambda line: line.need.id)
    for served in by_need.values():
        yield from _crowd(board, served)
        yield from _learners(served, len(by_need.get(served[0].need.mentor, ())))
    for served in groups(lines, lambda line: line.event.id):
        yield from _running(board, served)
    yield from _series(board, lines)


def _found(rule: str, lines: list[Line], figures: Figures) -> _Found:
    people = tuple(dict.fromkeys(line.person.id for line in lines))
    needs = tuple(dict.fromkeys(line.need.id for line in lines))
    return _Found(Violation(rule, people, needs, figures), all(line.firm for line in lines))


# One person on one need


def _alone(board: Board, line: Line) -> Iterator[tuple[str, Figures]]:
    person, need, shift, event = line.person, line.need, line.shift, line.event
    if not person.automated:
        yield "automated", {}
    if event.locked:
        yield "locked", {"event": event.id}
    if need.team is not None and person.id not in board.teams[need.team].members:
        yield "team", {"team": need.team}
    for asks in need.asks:
        yield from _unskilled(person, asks, shift)
    for language in sorted(set(need.languages) - set(person.languages)):
        yield "language", {"language": language}
    yield from _underage(person, need, shift)
    if need.near_minors and (person.checked_until is None or person.checked_until < shift.end):
        yield "background", {}
    for demand in sorted(set(need.demands) & set(person.limitations)):
        yield "limitation", {"limitation": demand}
    yield from _out_of_reach(line)


def _out_of_reach(line: Line) -> Iterator[tuple[str, Figures]]:
    if line.event.unit in line.person.blocked:
        yield "blocked", {"unit": line.event.unit}
    if line.need.id in line.person.declined:
        yield "declined", {"need": line.need.id}
    if km(line.person.at, line.venue.at) > line.person.max_km:
        yield "radius", {"km": home_km(line)}
    if not _inside(line, line.person.free):
        yield "availability", {"start": line.start, "end": line.end}


def _unskilled(person: Person, asks: Asks, shift: Shift) -> Iterator[tuple[str, Figures]]:
    holds = [hold for hold in person.holds if hold.skill == asks.skill]
    have = max((hold.level for hold in holds), default=0)
    if have < asks.level:
        yield "skill", {"skill": asks.skill, "level": asks.level, "have": have}
    elif _valid_level(person, asks, shift) < asks.level:
        yield "expired", {"skill": asks.skill, "level": asks.level}


def _valid_level(person: Person, asks: Asks, shift: Shift) -> int:
    """The highest level of the skill that still holds at the shift's end; 0 = none."""
    best = 0
    for hold in person.holds:
        if hold.skill == asks.skill and (hold.until is None or hold.until >= shift.end):
            best = max(best, hold.level)
    return best


def _underage(person: Person, need: Need, shift: Shift) -> Iterator[tuple[str, Figures]]:
    bounded = (need.age_min, need.age_max) != (0, 150)
    if person.born is None:
        if bounded:
            yield "age", {"min": need.age_min, "max": need.age_max}
        return
    years = _years(person.born, shift.day)
    if bounded and not need.age_min <= years <= need.age_max:
        yield "age", {"min": need.age_min, "max": need.age_max, "age": years}
    if years < 18 and (person.guardian_until is None or person.guardian_until < shift.end):
        yield "guardian", {"age": years}


def _years(born: int, day: int) -> int:
    birth, today = date.fromordinal(born), date.fromordinal(day)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _inside(line: Line, spans: tuple[Span, ...]) -> bool:
    return any(span.start <= line.start and line.end <= span.end for span in spans)


# One person over time


def _clashes(board: Board, served: list[Line]) -> Iterator[_Found]:
    person = served[0].person
    for pair in combinations(sorted(stays(served), key=lambda stay: (stay.start, stay.end)), 2):
        first, then = pair
        lines = lines_of(pair)
        if not lines:
            continue
        gap = then.start - first.end
        if (first.start < then.end and then.start < first.end) or len({line.shift.id for line in lines}) < len(lines):
            yield _found("overlap", lines, {"minutes": -gap})
            continue
        needed = _travel_minutes(board, person, first, then)
        if gap < needed:
            yield _found("travel", lines, {"minutes": needed, "gap": gap})
        if first.day != then.day and gap < person.rest:
            yield _found("rest", lines, {"minutes": person.rest, "gap": gap})


def _travel_minutes(board: Board, person: Person, first: Stay, then: Stay) -> int:
    if first.venue is not None and then.venue is not None:
        if first.venue == then.venue:
            return 0
        if (first.venue, then.venue) in board.roads:
            return ceil(board.roads[first.venue, then.venue] / person.speed * 60)
    return ceil(km(first.at, then.at) * DETOUR / person.speed * 60)


def _week(day: int) -> tuple[int, int]:
    return 0, (day - 1) // 7


def _month(day: int) -> tuple[int, int]:
    return date.fromordinal(day).year, date.fromordinal(day).month


def _periods(served: list[Line], period: Callable[[int], Hashable]) -> list[list[Stay]]:
    return groups(stays(served), lambda stay: period(stay.day))


def _hours(served: list[Line]) -> Iterator[_Found]:
    person = served[0].person
    periods: tuple[tuple[str, Callable[[int], Hashable], int], ...] = (
        ("hours_day", lambda day: day, person.max_day),
        ("hours_week", _week, person.max_week),
        ("hours_month", _month, person.max_month),
    )
    for rule, period, most in periods:
        for within in _periods(served, period):
            minutes = sum(stay.minutes for stay in within)
            if minutes > most and lines_of(within):
                yield _found(rule, lines_of(within), {"minutes": minutes, "most": most})


def _rolling(served: list[Line]) -> Iterator[_Found]:
    """Any seven days: a fullest stretch begins on a day of its own."""
    most, every = served[0].person.max_rolling, stays(served)
    for first in sorted({stay.day for stay in every}):
        within = [stay for stay in every if first <= stay.day < first + ROLLING]
        minutes = sum(stay.minutes for stay in within)
        if minutes > most and lines_of(within):
            yield _found("hours_rolling", lines_of(within), {"minutes": minutes, "most": most})


def _months(served: list[Line]) -> Iterator[_Found]:
    most = served[0].person.max_events
    for within in _periods(served, _month):
        events = len({stay.counts_as for stay in within})
        if events > most and lines_of(within):
            yield _found("events_month", lines_of(within), {"events": events, "most": most})


# Several people


def _blocked_pairs(served: list[Line]) -> Iterator[_Found]:
    for one, other in combinations(served, 2):
        if one.person.id in other.person.blocked or other.person.id in one.person.blocked:
            yield _found("pair", [one, other], {"shift": one.shift.id})


def _crowd(board: Board, served: list[Line]) -> Iterator[_Found]:
    need = served[0].need
    if len(served) > need.max:
        yield _found("capacity", served, {"people": len(served), "most": need.max})
    if need.team is not None and len(served) < (least := min(board.teams[need.team].min_cast, need.max)):
        yield _found("cast", served, {"people": len(served), "least": least})


def _learners(served: list[Line], mentors: int) -> Iterator[_Found]:
    need = served[0].need
    most = mentors * need.per_mentor
    if need.mentor is not None and len(served) > most:
        yield _found("mentor", served, {"people": len(served), "mentors": mentors, "most": most})


def _running(board: Board, served: list[Line]) -> Iterator[_Found]:
    event = served[0].event
    leaders = [need for need in board.needs_of[event.id] if need.leader]
    if event.leader and not leaders:
        yield _found("leader", served, {"leaders": 0})
    for need in leaders if event.leader else ():
        people = sum(line.need.id == need.id for line in served)
        if people < need.min:
            yield _found("leader", served, {"leaders": people, "least": need.min})
    for shift in board.shifts_of[event.id]:
        people = sum(line.shift.id == shift.id for line in served)
        if people < event.quorum:
            yield _found("quorum", served, {"shift": shift.id, "people": people, "least": event.quorum})


def _series(board: Board, lines: list[Line]) -> Iterator[_Found]:
    beyond = keyed(board.problem.tutors, lambda tutor: (tutor.series, tutor.role))
    single = [line for line in lines if line.event.series is not None and line.need.max == 1]
    for served in groups(single, lambda line: (line.event.series, line.need.role)):
        elsewhere = beyond.get((served[0].event.series, served[0].need.role), ())
        if len({line.person.id for line in served} | {tutor.person for tutor in elsewhere}) > 1:
            yield _found("series", served, {"series": str(served[0].event.series)})


# The score


def _seats(problem: Problem, served: list[Line]) -> dict[str, int]:
    need, event, weights = served[0].need, served[0].event, problem.weights
    percent, waited = PERCENT[event.priority - 1], min(event.waiting, 90)
    first = min(len(served), need.min)
    wished = min(len(served), need.desired) - first
    return {
        "mandatory": first * (weights.mandatory * percent // 100),
        "equal": first * (weights.equal * waited**2 // 90**2),
        "desired": wished * (weights.desired * percent // 100),
    }


def _line_goals(board: Board, line: Line) -> dict[str, int]:
    person, weights = line.person, board.problem.weights
    known = line.venue.id in person.knows or (line.event.series is not None and line.event.series in person.knows)
    spare = (_valid_level(person, asks, line.shift) - asks.level for asks in line.need.asks)
    return {
        "keep": weights.keep * ((person.id, line.need.id) in board.held),
        "continuity": weights.continuity * known,
        "preferred": weights.preferred * _inside(line, person.preferred),
        "likes": weights.likes * (line.event.mode in person.likes),
        "travel": -weights.travel * home_km(line),
        "reliability": weights.reliability * person.reliability // 1000,
        "level": -weights.level * sum(max(0, levels) for levels in spare),
        "cost": -line.cost,
    }


def _fairness(problem: Problem, served: list[Line]) -> dict[str, int]:
    before = served[0].person.load
    after = before + sum(line.minutes for line in served)
    return {"fairness": _burden(problem, before) - _burden(problem, after), "use": -served[0].person.cost}


def _burden(problem: Problem, minutes: int) -> int:
    hours = ceil(minutes / 60)
    return problem.weights.fairness * hours * (hours + 1) // 2
