"""What would fill a hole: small changes, each tried out before it is offered.

Arrays say whom a change alone would make eligible, among everybody. Then it is carried out on the neighbourhood (the
need's event, those who serve there, the best of the people it brings), which is staffed anew with every line left as it
is, and judged by ``check``. Only what fills seats that stay empty without it, and breaks nothing, is kept; it promises
what that trial yielded, for the people that took part in it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dispatch.planner import check, goals
from dispatch.planner.candidates import candidates
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import Asked, eligible
from dispatch.planner.plan import Choice, Plan
from dispatch.planner.problem import Busy, Held, Id, Need, Problem, Span
from dispatch.planner.reasons.changes import OF_EVENT, OF_NEED, OF_SHIFT, Change, Kind, applied, eased
from dispatch.planner.search.greedy import Lines, fill
from dispatch.planner.search.sides import closed
from dispatch.planner.tables import ALWAYS, Ints, Tables, tabulate

SPARE: Final = 6  # so many people more than there are seats take part in a trial
TRAINED: Final = 3  # up to this level one training brings somebody
# How much each kind asks of people, by what it is measured in: (each time, for each unit, units).
EFFORT: Final[Mapping[Kind, tuple[int, int, int]]] = {
    "hand": (10, 0, 1),
    "later": (15, 15, 30),
    "earlier": (15, 15, 30),
    "longer": (10, 15, 30),
    "radius": (5, 15, 5),
    "series": (40, 0, 1),
    "level": (30, 20, 1),
    "language": (50, 0, 1),
    "age": (35, 5, 1),
    "hours": (20, 20, 60),
    "team": (45, 0, 1),
    "quorum": (25, 5, 1),
    "guardian": (50, 0, 1),
    "renewal": (60, 0, 1),
    "background": (80, 0, 1),
    "training": (100, 0, 1),
}
AGREES: Final = 10  # for everybody who serves there already and must agree to another time
STEPS: Final[Mapping[Kind, tuple[int, ...]]] = {
    "later": (30, 60, 120),
    "earlier": (30, 60, 120),
    "longer": (30, 60),
    "radius": (5, 10, 20),
    "age": (2, 5),
    "hours": (60, 120),
    "quorum": (1, 2, 3, 5),
}


@dataclass(frozen=True, slots=True)
class Relaxation:
    """``seats``: how many more the change fills, by ``people`` (who would then serve). ``effort``: what ranks it, small
    is easy. ``touched``: people who serve there already and must agree."""

    need: Id
    change: Change
    seats: int
    people: tuple[Id, ...]
    effort: int
    touched: int


@dataclass(frozen=True, slots=True)
class Found:
    """``missing``: seats that the present lines leave below the wish. ``today``: how many of them can be filled with no
    change at all, by ``people``."""

    need: Id
    missing: int
    today: int
    people: tuple[Id, ...]
    relaxations: tuple[Relaxation, ...]


def relaxations(problem: Problem, need_id: Id, frame: Span, asked: Asked | None = None) -> Found:
    """What would fill this need, the easiest first. Every line of the problem's roster stays where it is. ``frame``:
    within which the shift may be moved, call time and get-out included. ``asked``: warm arrays of the same problem.
    Raises ``KeyError`` for a need that the problem does not have."""
    asked = asked or Asked(tabulate(open_desk(problem)))
    trial = _Trial(asked, need_id)
    base = trial.staffed(trial.newcomers(asked.need(trial.number).person), None)
    found: list[Relaxation] = []
    if trial.missing > base.seats:
        for changes in _wishes(trial, frame):
            most = 0
            for change in changes:
                one = _tried(trial, base, change)
                if one is not None and one.seats > most:
                    found.append(one)
                    most = one.seats
    ranked = sorted(found, key=lambda r: (r.effort / r.seats, -r.seats, r.change.kind, r.change.subject))
    return Found(need_id, trial.missing, base.seats, base.people, tuple(ranked))


@dataclass(frozen=True, slots=True)
class _Staffed:
    """What a trial came to: seats filled beyond the present lines and by whom, and what its firm lines break."""

    seats: int
    people: tuple[Id, ...]
    kept: frozenset[tuple[str, tuple[Id, ...], tuple[Id, ...]]]


class _Trial:
    """One need and its neighbourhood."""

    def __init__(self, asked: Asked, need_id: Id) -> None:
        self.asked, self.tables = asked, asked.tables
        self.problem = problem = self.tables.problem
        self.number = self.tables.need_number[need_id]
        self.need = problem.needs[self.number]
        desk = self.tables.desk
        self.shift = desk.shifts[self.need.shift]
        event = desk.events[self.shift.event]
        near = {e.id for e in problem.events if e.id == event.id or (event.series and e.series == event.series)}
        self.shifts = tuple(shift for shift in problem.shifts if shift.event in near)
        inside = {shift.id for shift in self.shifts}
        self.needs = tuple(need for need in problem.needs if need.shift in inside)
        self.events = tuple(e for e in problem.events if e.id in near)
        ids = {need.id for need in self.needs}
        self.roster = tuple(Held(held.person, held.need) for held in problem.roster if held.need in ids)
        self.there = {held.person for held in self.roster if held.need == need_id}
        shift_of = {need.id: need.shift for need in self.needs}
        self.beside = {held.person for held in self.roster if shift_of[held.need] == self.shift.id}
        self.missing = max(0, self.need.desired - len(self.there))
        self.usual = {int(i) for i in asked.need(self.number).person}
        self.company = self._company()

    def _company(self) -> set[int]:
        """People whom no change is needed for, enough of them for each need of the event."""
        count = Counter(held.need for held in self.roster)
        some: set[int] = set()
        for need in self.needs:
            number, lack = self.tables.need_number[need.id], need.desired - count[need.id]
            if lack > 0:
                some |= set(self.ranked(number, self.asked.need(number).person)[: lack + SPARE])
        return some

    def ranked(self, number: int, people: Ints) -> list[int]:
        """These people, the best for the need first."""
        need = np.full(len(people), number, np.int64)
        worth = goals.worths(self.tables, people, need, np.zeros(len(people), np.int64))
        order: list[int] = people[np.lexsort((people, -worth))].tolist()
        return order

    def newcomers(self, people: Ints) -> tuple[int, ...]:
        """The best of these people for the need, who do not serve there."""
        numbers = [self.tables.person_number[who] for who in self.there]
        return tuple(self.ranked(self.number, people[~np.isin(people, numbers)])[: self.missing + SPARE])

    def staffed(self, newcomers: tuple[int, ...], change: Change | None) -> _Staffed:
        """The neighbourhood staffed anew; nothing but the present lines when the referee objects."""
        posed = self.neighbourhood(newcomers)
        if change is not None:
            posed = applied(posed, self.need.id, change)
        lines = _filled(posed)
        made = Plan(posed.id, "", 0, "greedy", 0, 0, 0.0, 0, 0, 0, tuple(Choice(who, what) for who, what in lines))
        broken = frozenset((found.rule, found.people, found.needs) for found in check.kept(posed, made))
        if check.violations(posed, made):
            return _Staffed(0, (), broken)
        added = tuple(sorted(who for who, what in lines if what == self.need.id and who not in self.there))
        return _Staffed(min(len(added), self.missing), added, broken)

    def neighbourhood(self, newcomers: tuple[int, ...]) -> Problem:
        """The event (and its series) with those who serve there and these people; all other lines are busy spans."""
        problem, desk = self.problem, self.tables.desk
        ids = {problem.people[i].id for i in self.company.union(newcomers)} | {held.person for held in self.roster}
        inside = {need.id for need in self.needs}
        elsewhere: dict[Id, list[Busy]] = {}
        for held in problem.roster:
            if held.person in ids and held.need not in inside:
                line = desk.line(held.need, held.person)
                busy = Busy(line.start, line.end, line.day, line.minutes, line.at, line.venue)
                elsewhere.setdefault(held.person, []).append(busy)
        people = tuple(
            replace(who, busy=(*who.busy, *elsewhere.get(who.id, ()))) for who in problem.people if who.id in ids
        )
        wanted = {need.team for need in self.needs}
        teams = tuple(
            replace(team, members=tuple(m for m in team.members if m in ids))
            for team in problem.teams
            if team.id in wanted
        )
        venues = {shift.venue for shift in self.shifts} | {busy.venue for who in people for busy in who.busy}
        return replace(
            problem,
            people=people,
            teams=teams,
            venues=tuple(venue for venue in problem.venues if venue.id in venues),
            events=self.events,
            shifts=self.shifts,
            needs=self.needs,
            roster=self.roster,
            pairs=tuple(pair for pair in problem.pairs if pair.person in ids and pair.need in inside),
        )


def _filled(posed: Problem) -> list[tuple[Id, Id]]:
    """Everybody on the roster, and whoever else fits and pays."""
    tables = tabulate(open_desk(posed))
    pool = eligible(tables)
    held = tables.held_person * len(posed.needs) + tables.held_need
    free = ~np.isin(pool.person * len(posed.needs) + pool.need, held)
    open_needs, _ = closed(tables, np.bincount(pool.need[free], minlength=len(posed.needs)).astype(np.int64))
    pairs = candidates(tables, pool, open_needs)
    lines = Lines(tables, pairs, tables.roads)
    fill(lines, goals.seats(tables))
    rows = lines.rows()
    added = zip(pairs.person[rows].tolist(), pairs.need[rows].tolist(), strict=True)
    firm = [(held.person, held.need) for held in posed.roster]
    return firm + [(posed.people[p].id, posed.needs[n].id) for p, n in added]


def _tried(trial: _Trial, base: _Staffed, change: Change) -> Relaxation | None:
    """The change as it turned out; none when it does not fill more than nothing does, or breaks something."""
    brought = trial.usual if change.kind == "quorum" else _brought(trial, change) - trial.usual
    newcomers = trial.newcomers(np.array(sorted(brought), np.int64))
    if not newcomers:
        return None
    ids = tuple(trial.problem.people[i].id for i in newcomers)
    personal = change.kind not in OF_NEED | OF_SHIFT | OF_EVENT
    if personal:
        change = replace(change, people=ids)
    made = trial.staffed(newcomers, change)
    if personal and made.seats > base.seats:
        change = replace(change, people=tuple(sorted(set(made.people) & set(ids))))
        made = trial.staffed(newcomers, change)
    if made.seats <= base.seats or not made.kept <= base.kept:
        return None
    touched = len(trial.beside) if change.kind in OF_SHIFT else 0
    each, step, unit = EFFORT[change.kind]
    effort = (each + step * -(-change.amount // unit)) * max(1, len(change.people)) + AGREES * touched
    return Relaxation(trial.need.id, change, made.seats - base.seats, made.people, effort, touched)


def _brought(trial: _Trial, change: Change) -> set[int]:
    """Who would be eligible, were it so for everybody."""
    tables, kind, amount = trial.tables, change.kind, change.amount
    people, instead, asked = tables.people, None, trial.asked
    if kind == "series":
        series = tables.needs.series.copy()
        series[trial.number] = -1
        asked = asked.under(replace(tables, needs=replace(tables.needs, series=series)))
    elif kind in OF_NEED:
        instead = eased(trial.need, change)
    elif kind in OF_SHIFT:
        asked = asked.under(_shifted(tables, trial.shift.id, amount if kind == "later" else -amount))
    elif kind == "longer":
        late, early = (asked.under(_shortened(tables, trial.number, *by)) for by in ((amount, 0), (0, amount)))
        return {*late.need(trial.number).person.tolist(), *early.need(trial.number).person.tolist()}
    elif kind == "training":
        instead = replace(trial.need, asks=tuple(ask for ask in trial.need.asks if ask.skill != change.subject))
    elif kind == "renewal":
        asked = asked.under(tables, lasting=True)
    elif kind == "hand":
        asked = asked.under(replace(tables, people=replace(people, automated=np.ones_like(people.automated))))
    elif kind == "radius":
        asked = asked.under(replace(tables, people=replace(people, max_km=people.max_km + amount)))
    elif kind == "background":
        asked = asked.under(replace(tables, people=replace(people, checked=people.checked * 0 + ALWAYS)))
    elif kind == "guardian":
        asked = asked.under(replace(tables, people=replace(people, guardian=people.guardian * 0 + ALWAYS)))
    else:
        more = {name: getattr(people, name) + amount for name in ("max_day", "max_week", "max_month", "max_rolling")}
        asked = asked.under(replace(tables, people=replace(people, **more)))
    return set(asked.need(trial.number, instead).person.tolist())


def _shifted(tables: Tables, shift: Id, by: int) -> Tables:
    needs = tables.needs
    mine = np.array([need.shift == shift for need in tables.problem.needs], np.bool_)
    moved = np.where(mine, by, 0)
    return replace(tables, needs=replace(needs, start=needs.start + moved, end=needs.end + moved))


def _shortened(tables: Tables, number: int, head: int, tail: int) -> Tables:
    """The need as somebody sees it who is free so much too late, or not long enough."""
    start, end = tables.needs.start.copy(), tables.needs.end.copy()
    start[number], end[number] = start[number] + head, end[number] - tail
    return replace(tables, needs=replace(tables.needs, start=start, end=end))


def _wishes(trial: _Trial, frame: Span) -> Iterator[list[Change]]:
    """What can be asked for here, kind by kind, small steps first."""
    need, shift = trial.need, trial.shift
    start, end = shift.start - shift.call, shift.end + shift.out
    yield [Change("hand")]
    yield [Change("later", by) for by in STEPS["later"] if end + by <= frame.end]
    yield [Change("earlier", by) for by in STEPS["earlier"] if start - by >= frame.start]
    yield [Change("longer", by) for by in STEPS["longer"] if by < end - start]
    yield [Change("radius", km) for km in STEPS["radius"]]
    yield [Change("hours", by) for by in STEPS["hours"]]
    yield [Change("guardian")]
    yield [Change("renewal")] if need.asks else []
    yield [Change("background")] if need.near_minors else []
    yield [Change("team")] if need.team is not None else []
    event = trial.tables.desk.events[shift.event]
    yield [Change("quorum", by) for by in STEPS["quorum"] if by < event.quorum]
    yield [Change("series")] if trial.tables.needs.series[trial.number] >= 0 else []
    yield (
        [Change("age", by) for by in STEPS["age"] if _grown(need, by)]
        if (need.age_min, need.age_max) != (0, 150)
        else []
    )
    for ask in need.asks:
        yield [Change("training", 0, ask.skill)] if ask.level <= TRAINED else []
        yield [Change("level", 1, ask.skill)] if ask.level > 1 and _mentored(trial, ask.skill, ask.level) else []
    for language in need.languages:
        yield [Change("language", 0, language)] if _spoken(trial, language) else []


def _grown(need: Need, by: int) -> bool:
    """Nobody under age is let into a need for grown people."""
    return need.age_min < 18 or need.age_min - by >= 18


def _mentored(trial: _Trial, skill: Id, level: int) -> bool:
    """Somebody who serves on the shift masters what is asked and can look after a learner."""
    people = trial.tables.desk.people
    return any(
        hold.skill == skill and hold.level >= level and (hold.until is None or hold.until >= trial.shift.end)
        for who in trial.beside
        for hold in people[who].holds
    )


def _spoken(trial: _Trial, language: Id) -> bool:
    return any(language in trial.tables.desk.people[who].languages for who in trial.beside)
