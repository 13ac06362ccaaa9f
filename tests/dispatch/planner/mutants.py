"""Planted mutants: one statement of the rules, made to ask a little less (or more) than it should.

Each rule is stated several times: for people (``rules``), for arrays (``eligibility``), for the solver's lines
(``solver``: programs, greedy filling and what events may do), for warm rosters (``repair``) and by the referee
(``check``). A mutant lets one of these
statements read the problem as if the rule were not there (``away``), or asked one unit less (``looser``) or more
(``stricter``): what the code would do if the rule were forgotten there, or its boundary were off by one. The others
read the true problem. ``test_mutants`` shows that the tests of the planner notice every one of them.

To add a rule: a line in ``AWAY``; if it has a limit, lines in ``LOOSER`` and ``STRICTER``. The goals have mutants of
their own in ``test_goals``.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from dispatch.planner import check, eligibility, model, rules
from dispatch.planner.desk import open_desk
from dispatch.planner.mending import warm
from dispatch.planner.problem import UNLIMITED, Problem, Span
from dispatch.planner.search import scope
from dispatch.planner.tables import tabulate
from tests.dispatch.planner import test_eligibility, test_rules
from tests.dispatch.planner.tiny import ALWAYS

Blind = Callable[[Problem], Problem]
LATER = 200_000_000
BETWEEN_LINES = (
    *("overlap", "travel", "rest", "hours_day", "hours_week", "hours_rolling", "hours_month", "events_month", "role"),
    *("series", "pair", "capacity", "cast", "leader", "quorum", "mentor"),
)


def people(**fields: Any) -> Blind:
    """Everybody with these fields, or with what a function makes of them."""
    return lambda problem: replace(problem, people=tuple(_with(each, fields) for each in problem.people))


def needs(**fields: Any) -> Blind:
    return lambda problem: replace(problem, needs=tuple(_with(each, fields) for each in problem.needs))


def events(**fields: Any) -> Blind:
    return lambda problem: replace(problem, events=tuple(_with(each, fields) for each in problem.events))


def teams(**fields: Any) -> Blind:
    return lambda problem: replace(problem, teams=tuple(_with(each, fields) for each in problem.teams))


def shifts(**fields: Any) -> Blind:
    return lambda problem: replace(problem, shifts=tuple(_with(each, fields) for each in problem.shifts))


def both(one: Blind, other: Blind) -> Blind:
    return lambda problem: other(one(problem))


def _with(row: Any, fields: dict[str, Any]) -> Any:
    return replace(row, **{name: value(row) if callable(value) else value for name, value in fields.items()})


def _by(name: str, step: float) -> Callable[[Any], Any]:
    """The field and so much more; nothing stays nothing."""
    return lambda row: None if getattr(row, name) is None else max(0, getattr(row, name) + step)


def _holds(step: int | None) -> Callable[[Any], Any]:
    """The person's holds end later; none = never."""
    return lambda person: tuple(
        replace(hold, until=None if step is None or hold.until is None else hold.until + step) for hold in person.holds
    )


def _asks(step: int) -> Callable[[Any], Any]:
    return lambda need: tuple(replace(ask, level=min(5, max(1, ask.level + step))) for ask in need.asks)


def _free(step: int) -> Callable[[Any], Any]:
    return lambda person: tuple(Span(max(0, span.start - step), span.end + step) for span in person.free)


def _busy(**fields: Any) -> Callable[[Any], Any]:
    return lambda person: tuple(_with(busy, fields) for busy in person.busy)


def _ages(step: int) -> dict[str, Any]:
    def bounded(need: Any) -> bool:
        return (need.age_min, need.age_max) != (0, 150)

    return {
        "age_min": lambda need: max(0, need.age_min - step) if bounded(need) else 0,
        "age_max": lambda need: need.age_max + step if bounded(need) else 150,
    }


def _everybody_in(problem: Problem) -> Problem:
    return teams(members=tuple(person.id for person in problem.people))(problem)


def _unblocked(whom: Callable[[Problem, str], bool]) -> Blind:
    """The blocks of people by other people, without those of the people ``whom`` tells."""

    def blind(problem: Problem) -> Problem:
        ids = {person.id for person in problem.people}
        return people(
            blocked=lambda person: (
                tuple(other for other in person.blocked if other not in ids)
                if whom(problem, person.id)
                else person.blocked
            )
        )(problem)

    return blind


def _no_units(problem: Problem) -> Problem:
    ids = {person.id for person in problem.people}
    return people(blocked=lambda person: tuple(other for other in person.blocked if other in ids))(problem)


def _other_side(problem: Problem, person: str) -> bool:
    """Whether the person is the one already there, or comes later among the people."""
    there = {held.person for held in problem.roster if held.firm}
    return person in there if there else person != problem.people[0].id


def _nowhere(problem: Problem) -> Problem:
    """No place is away from any other."""
    made = people(busy=_busy(at=None))(problem)
    return replace(made, venues=tuple(replace(venue, at=None) for venue in made.venues), roads=None)


def _wider(step: int) -> Blind:
    return needs(max=lambda need: need.max + step, desired=lambda need: need.desired + step)


AWAY: dict[str, Blind] = {
    "automated": people(automated=True),
    "locked": events(locked=False),
    "team": _everybody_in,
    "skill": needs(asks=()),
    "expired": people(holds=_holds(None)),
    "language": needs(languages=()),
    "age": needs(age_min=0, age_max=150),
    "guardian": people(guardian_until=LATER),
    "background": needs(near_minors=False),
    "limitation": needs(demands=()),
    "blocked": _no_units,
    "declined": people(declined=()),
    "radius": people(max_km=2000.0),
    "availability": people(free=(ALWAYS,)),
    "overlap": both(
        people(busy=()), shifts(start=lambda shift: shift.start * 3, end=lambda shift: shift.start * 3 + 1)
    ),
    "travel": _nowhere,
    "rest": people(rest=0),
    "hours_day": people(max_day=UNLIMITED),
    "hours_week": people(max_week=UNLIMITED),
    "hours_rolling": people(max_rolling=UNLIMITED),
    "hours_month": people(max_month=UNLIMITED),
    "events_month": people(max_events=100_000),
    "role": needs(role="any"),
    "series": events(series=None),
    "pair": _unblocked(lambda *_: True),
    "capacity": _wider(9),
    "cast": teams(min_cast=1),
    "leader": events(leader=False),
    "quorum": events(quorum=0),
    "mentor": needs(mentor=None),
    "firm": lambda problem: replace(problem, roster=tuple(replace(held, firm=False) for held in problem.roster)),
}
LOOSER: dict[str, Blind] = {
    "skill": needs(asks=_asks(-1)),
    "expired": people(holds=_holds(1)),
    "language": needs(languages=lambda need: need.languages[:1]),
    "age": needs(**_ages(1)),
    "guardian": people(guardian_until=_by("guardian_until", 1)),
    "background": people(checked_until=_by("checked_until", 1)),
    "limitation": needs(demands=lambda need: need.demands[:1]),
    "radius": people(max_km=_by("max_km", 0.05)),
    "availability": people(free=_free(1)),
    "overlap": both(people(busy=_busy(end=_by("end", -1))), shifts(end=_by("end", -1))),
    "travel": people(speed=lambda person: person.speed * 1.003),
    "rest": people(rest=_by("rest", -1)),
    "hours_day": people(max_day=_by("max_day", 1)),
    "hours_week": people(max_week=_by("max_week", 1)),
    "hours_rolling": people(max_rolling=_by("max_rolling", 1)),
    "hours_month": people(max_month=_by("max_month", 1)),
    "events_month": people(max_events=_by("max_events", 1)),
    "pair": _unblocked(_other_side),
    "capacity": _wider(1),
    "cast": teams(min_cast=lambda team: max(1, team.min_cast - 1)),
    "quorum": events(quorum=_by("quorum", -1)),
    "mentor": needs(per_mentor=_by("per_mentor", 1)),
}
STRICTER: dict[str, Blind] = {
    "skill": needs(asks=_asks(1)),
    "expired": people(holds=_holds(-1)),
    "age": needs(**_ages(-1)),
    "guardian": people(guardian_until=_by("guardian_until", -1)),
    "background": people(checked_until=_by("checked_until", -1)),
    "radius": people(max_km=_by("max_km", -0.05)),
    "availability": people(free=_free(-1)),
    "overlap": both(people(busy=_busy(end=_by("end", 1))), shifts(out=_by("out", 1))),
    "travel": people(speed=lambda person: person.speed * 0.997),
    "rest": people(rest=_by("rest", 1)),
    "hours_day": people(max_day=_by("max_day", -1)),
    "hours_week": people(max_week=_by("max_week", -1)),
    "hours_rolling": people(max_rolling=_by("max_rolling", -1)),
    "hours_month": people(max_month=_by("max_month", -1)),
    "events_month": people(max_events=_by("max_events", -1)),
    "cast": teams(min_cast=_by("min_cast", 1)),
    "quorum": events(quorum=lambda event: event.quorum + 1 if event.quorum else 0),
}
KINDS = {"away": AWAY, "looser": LOOSER, "stricter": STRICTER}


@dataclass(frozen=True, slots=True)
class Mutant:
    """``statement`` reads the problem through ``blind``."""

    rule: str
    statement: str
    kind: str
    blind: Blind

    def __str__(self) -> str:
        return f"{self.rule} {self.kind} in {self.statement}"


def statements(rule: str) -> Iterator[str]:
    """Where the rule is stated. What is accepted or pinned stays (``firm``): nobody is asked about that."""
    yield "check"
    if rule in {each.name for each in rules.PAIR_RULES}:
        yield from ("rules", "eligibility")
    if rule in (*BETWEEN_LINES, "firm"):
        yield "solver"
    if rule in BETWEEN_LINES:
        yield "repair"


def mutants() -> Iterator[Mutant]:
    for kind, blinds in KINDS.items():
        for rule, blind in blinds.items():
            for statement in statements(rule):
                yield Mutant(rule, statement, kind, blind)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Let the statement go wrong, wherever the planner or its tests ask it."""
    why_not, judge, violations, scoped = rules.why_not, eligibility.judge, check.violations, model.scoped
    warmed = warm.warmed

    def blind_why_not(desk: Any, *who: Any, **how: Any) -> Any:
        return why_not(open_desk(mutant.blind(desk.problem)), *who, **how)

    def blind_judge(tables: Any, *more: Any, **how: Any) -> Any:
        return judge(tabulate(open_desk(mutant.blind(tables.problem))), *more, **how)

    def blind_violations(problem: Problem, plan: Any) -> Any:
        return violations(mutant.blind(problem), plan)

    def blind_scoped(problem: Problem) -> Any:
        return scoped(mutant.blind(problem))

    def blind_warmed(problem: Problem, *more: Any, **how: Any) -> Any:
        return warmed(mutant.blind(problem), *more, **how)

    places: dict[str, tuple[Any, str, tuple[Any, ...]]] = {
        "rules": (blind_why_not, "why_not", (rules, test_rules, test_eligibility)),
        "eligibility": (blind_judge, "judge", (eligibility, scope)),
        "check": (blind_violations, "violations", (check,)),
        "solver": (blind_scoped, "scoped", (model,)),
        "repair": (blind_warmed, "warmed", (warm,)),
    }
    wrong, name, modules = places[mutant.statement]
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch.object(module, name, wrong))
        yield
