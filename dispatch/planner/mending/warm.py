"""A roster kept warm for repair: who could serve where, who serves where now, as arrays that change line by line.

What never changes between two snapshots (eligibility but for promises, what a pair is worth) is computed once; each
line taken or given up rewrites one person's few cells. Rules that look at promises read those cells through
``eligibility.against``, the same statement that the planner's candidates come from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from dispatch.planner import goals
from dispatch.planner.desk import month, open_desk, week
from dispatch.planner.eligibility import blocked_pairs, eligible
from dispatch.planner.goals import Seats
from dispatch.planner.problem import Busy, Id, Person, Problem
from dispatch.planner.tables import Flags, Floats, Ints, Promises, Spans, Tables, tabulate

Hold = Literal["open", "accepted", "fixed"]
OPEN, ACCEPTED, FIXED = 0, 1, 2
_HOLDS: Final[Mapping[Hold, int]] = {"open": OPEN, "accepted": ACCEPTED, "fixed": FIXED}
WIDTH: Final = 4  # promises a person that cells are made for at first
NOWHERE: Final = -1

# The columns of a cell. The first eleven are those of ``tables.Promises``.
COLUMNS: Final = (
    *("need", "shift", "event", "venue", "role", "start", "end", "day", "week", "month", "minutes"),
    *("hold", "held", "worth"),
)
NEED, EVENT, START, MINUTES, HOLD, HELD, WORTH = (
    COLUMNS.index(name) for name in ("need", "event", "start", "minutes", "hold", "held", "worth")
)
_EMPTY: Final = (NOWHERE,) * 10 + (0, FIXED, 0, 0)
_UNPLACED: Final = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody on a need. ``hold``: an open offer may be moved, what was accepted only with consent, what is fixed
    (pinned, asked by hand, already there) never. ``held``: staying is worth the ``keep`` weight."""

    person: Id
    need: Id
    hold: Hold = "open"
    held: bool = True


@dataclass(frozen=True, slots=True)
class Pool:
    """Everybody whom no rule but promises keeps from a need: rows ``first[n]:first[n+1]``, people ascending. ``worth``:
    what the pair adds by itself, ``best`` the most of any pair of the need; ``spare``: levels above what is asked;
    ``known``, ``preferred``, ``liked``: whether that goal speaks for the pair."""

    first: Ints
    person: npt.NDArray[np.int32]
    worth: Ints
    spare: npt.NDArray[np.int16]
    known: Flags
    preferred: Flags
    liked: Flags
    best: Ints

    def row(self, person: int, need: int) -> int:
        """The pair's row; -1 = a rule is against it whatever else the person does."""
        low, high = int(self.first[need]), int(self.first[need + 1])
        at = low + int(np.searchsorted(self.person[low:high], person))
        return at if at < high and self.person[at] == person else -1


Cell = tuple[tuple[int, ...], tuple[float, float]]


@dataclass(slots=True)
class Warm:
    """``tables`` are thin: no people but their numbers. Its ``promises`` show the cells of ``width`` slots a person,
    sorted by time, of which ``filled`` are in use. ``serving``: lines of each person, ``planned``: their minutes.
    ``barred``: by need, whoever is not to be asked. ``price``: what a person more on each need was worth at the last
    plan's bound; ``priced`` where that is known."""

    tables: Tables
    pool: Pool
    value: Seats
    top: Ints
    automated: Flags
    locked: Flags
    price: Ints
    priced: Flags
    enemies: dict[int, set[int]]
    needs_of: dict[int, list[int]]
    shifts_of: dict[int, list[int]]
    on_shift: dict[int, list[int]]
    in_series: dict[int, list[int]]
    cells: Ints
    points: Floats
    filled: Ints
    planned: Ints
    serving: Ints
    count: Ints
    holders: list[set[int]]
    places: Mapping[Id, int]
    own: dict[int, dict[int | str, Cell]] = field(default_factory=dict)
    barred: dict[int, set[int]] = field(default_factory=dict)
    width: int = WIDTH

    # ---- changes ----

    def take(self, line: Line) -> None:
        """The person now has this line, or has it on other terms."""
        person, need = self.tables.person_number[line.person], self.tables.need_number[line.need]
        self.put(person, need, _HOLDS[line.hold], held=line.held)

    def give_up(self, person: Id, need: Id, *, barred: bool = False) -> None:
        """The person no longer has this line. ``barred``: nor is to be asked for its shift again."""
        who, what = self.tables.person_number[person], self.tables.need_number[need]
        if who in self.holders[what]:
            self.pull(who, what)
        if barred:
            for other in self.on_shift[int(self.tables.needs.shift[what])]:
                self.barred.setdefault(other, set()).add(who)

    def elsewhere(self, person: Id, name: str, promise: Busy | None) -> None:
        """A promise outside this problem, by its name; none = it is over."""
        who = self.tables.person_number[person]
        mine = self.own.setdefault(who, {})
        mine.pop(name, None)
        if promise is not None:
            mine[name] = _promise(promise, self.places)
        self._write(who)

    def put(self, person: int, need: int, hold: int, *, held: bool) -> None:
        needs, row = self.tables.needs, self.pool.row(person, need)
        facts = (needs.shift, needs.event, needs.venue, needs.role, needs.start, needs.end, needs.day, needs.week,
                 needs.month)  # fmt: skip
        minutes = int(self.tables.minutes(np.array([person]), np.array([need]))[0])
        worth = int(self.pool.worth[row]) if row >= 0 else 0
        cell = (need, *(int(fact[need]) for fact in facts), minutes, hold if row >= 0 else FIXED, int(held), worth)
        if person not in self.holders[need]:
            self.holders[need].add(person)
            self.planned[person] += minutes
            self.serving[person] += 1
            self.count[need] += 1
        self.own.setdefault(person, {})[need] = (cell, (float(needs.lat[need]), float(needs.lon[need])))
        self._write(person)

    def pull(self, person: int, need: int) -> Cell:
        """Take the line away; what it was, for :meth:`restore`."""
        cell = self.own[person].pop(need)
        self.holders[need].remove(person)
        self.count[need] -= 1
        self.planned[person] -= cell[0][MINUTES]
        self.serving[person] -= 1
        self._write(person)
        return cell

    def restore(self, person: int, need: int, cell: Cell) -> None:
        self.put(person, need, cell[0][HOLD], held=bool(cell[0][HELD]))

    def _write(self, person: int) -> None:
        mine = sorted(self.own[person].values(), key=lambda cell: (cell[0][5], cell[0][6], cell[0]))
        if len(mine) > self.width:
            self._widen(len(mine))
        if not mine:
            del self.own[person]
        low, high = person * self.width, (person + 1) * self.width
        spare = self.width - len(mine)
        self.filled[person] = len(mine)
        self.cells[:, low:high] = np.array([cell for cell, _ in mine] + [_EMPTY] * spare, np.int64).T
        self.points[:, low:high] = np.array([at for _, at in mine] + [_UNPLACED] * spare).T

    def _widen(self, wanted: int) -> None:
        """Room for more promises a person: rare, so everybody's cells move at once."""
        people, old = len(self.filled), self.width
        self.width = max(wanted, 2 * old)
        cells = np.tile(np.array(_EMPTY, np.int64)[:, None, None], (1, people, self.width))
        points = np.full((2, people, self.width), np.nan)
        cells[:, :, :old] = self.cells.reshape(len(COLUMNS), people, old)
        points[:, :, :old] = self.points.reshape(2, people, old)
        self.cells, self.points = cells.reshape(len(COLUMNS), -1), points.reshape(2, -1)
        self.tables = replace(self.tables, promises=_shown(self.cells, self.points, people, self.width))

    # ---- questions ----

    def lines(self) -> set[tuple[Id, Id]]:
        """Everybody's lines, by ids."""
        problem = self.tables.problem
        return {(problem.people[p].id, problem.needs[n].id) for n, here in enumerate(self.holders) for p in here}

    def missing(self, need: int) -> int:
        """Seats below the wish."""
        return max(0, int(self.tables.needs.desired[need] - self.count[need]))

    def seat(self, need: int) -> int:
        """What one person more on the need adds for the seat."""
        value, people = self.value, self.count[need]
        if people < value.first[need]:
            return int(self.top[need])
        return int(value.desired[need]) if people < value.first[need] + value.more[need] else 0


def warmed(
    problem: Problem,
    lines: Iterable[Line],
    *,
    barred: Iterable[tuple[Id, Id]] = (),
    prices: Mapping[Id, int] | None = None,
) -> Warm:
    """The arrays of a problem and its lines. ``barred``: people (with a need) who are not to be asked for its shift
    again. ``prices``: by need, of the last plan."""
    made = _empty(problem, prices or {})
    for person in problem.people:
        for number, busy in enumerate(person.busy):
            made.elsewhere(person.id, f"busy {number}", busy)
    made.barred = _said_no(problem, made.tables.need_number)
    for who, what in barred:
        made.give_up(who, what, barred=True)
    for line in lines:
        made.take(line)
    return made


def _empty(problem: Problem, prices: Mapping[Id, int]) -> Warm:
    """The arrays without a line or promise."""
    tables = tabulate(open_desk(_by_hand(problem)))
    people, needs, value = len(problem.people), tables.needs, goals.seats(tables)
    cells = np.tile(np.array(_EMPTY, np.int64)[:, None], (1, people * WIDTH))
    points = np.full((2, people * WIDTH), np.nan)
    return Warm(
        tables=replace(_thin(tables), promises=_shown(cells, points, people, WIDTH)),
        pool=_pool(tables),
        value=value,
        top=value.top,
        automated=np.array([person.automated for person in problem.people], np.bool_),
        locked=np.array([event.locked for event in problem.events], np.bool_),
        price=np.array([prices.get(need.id, 0) for need in problem.needs], np.int64),
        priced=np.array([need.id in prices for need in problem.needs], np.bool_),
        enemies=_enemies(tables),
        needs_of=_listed(needs.event),
        shifts_of=_shifts(problem),
        on_shift=_listed(needs.shift),
        in_series=_listed(needs.series),
        cells=cells,
        points=points,
        filled=np.zeros(people, np.int64),
        planned=np.zeros(people, np.int64),
        serving=np.zeros(people, np.int64),
        count=np.zeros(len(problem.needs), np.int64),
        holders=[set() for _ in problem.needs],
        places={venue.id: number for number, venue in enumerate(problem.venues)},
    )


def _enemies(tables: Tables) -> dict[int, set[int]]:
    enemies: dict[int, set[int]] = {}
    for one, other in blocked_pairs(tables):
        enemies.setdefault(one, set()).add(other)
        enemies.setdefault(other, set()).add(one)
    return enemies


def _said_no(problem: Problem, number: Mapping[Id, int]) -> dict[int, set[int]]:
    """By need, whoever said no to it before."""
    found: dict[int, set[int]] = {}
    for who, person in enumerate(problem.people):
        for need in person.declined:
            if need in number:
                found.setdefault(number[need], set()).add(who)
    return found


def _by_hand(problem: Problem) -> Problem:
    """The problem without lines and promises, as somebody who asks by hand sees it: nobody opted out of being asked or
    said no, no roster is locked. Who did, and which are, is known apart."""
    people = tuple(replace(person, automated=True, busy=(), declined=()) for person in problem.people)
    events = tuple(replace(event, locked=False) for event in problem.events)
    return replace(problem, people=people, events=events, roster=())


def _thin(tables: Tables) -> Tables:
    """The tables without what only building them needed; a city's people weigh a hundred megabytes as objects."""
    people = tuple(Person(person.id) for person in tables.problem.people)
    problem = replace(tables.problem, people=people)
    none = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64))
    return replace(
        tables,
        problem=problem,
        desk=open_desk(problem),
        people=replace(tables.people, free=none, preferred=none),
        known=np.zeros(0, np.int64),
    )


def _pool(tables: Tables) -> Pool:
    found = eligible(tables)
    parts = goals.line_goals(tables, found.person, found.need, found.spare)
    worth: Ints = np.sum(list(parts.values()), axis=0, dtype=np.int64)
    first = np.searchsorted(found.need, np.arange(len(tables.problem.needs) + 1)).astype(np.int64)
    best = np.full(len(tables.problem.needs), np.iinfo(np.int64).min // 4)
    np.maximum.at(best, found.need, worth)
    return Pool(
        first,
        found.person.astype(np.int32),
        worth,
        found.spare.astype(np.int16),
        parts["continuity"] != 0,
        parts["preferred"] != 0,
        parts["likes"] != 0,
        best,
    )


def _shown(cells: Ints, points: Floats, people: int, width: int) -> Promises:
    """The cells as the promises that rules read."""
    first = np.arange(people + 1, dtype=np.int64) * width
    person = np.repeat(np.arange(people, dtype=np.int64), width)
    need, shift, event, venue, role, start, end, day, week_, month_, minutes = cells[:11]
    return Promises(
        first, person, need, shift, event, venue, role, start, end, day, week_, month_, minutes, points[0], points[1]
    )


def _promise(busy: Busy, places: Mapping[Id, int]) -> Cell:
    venue = NOWHERE if busy.venue is None else places.get(busy.venue, NOWHERE)
    what = (NOWHERE, NOWHERE, NOWHERE, venue, NOWHERE, busy.start, busy.end, busy.day, week(busy.day))
    at = _UNPLACED if busy.at is None else (busy.at.lat, busy.at.lon)
    return (*what, month(busy.day), busy.minutes, FIXED, 0, 0), at


def _listed(group: Ints) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for number, key in enumerate(group.tolist()):
        if key >= 0:
            found.setdefault(key, []).append(number)
    return found


def _shifts(problem: Problem) -> dict[int, list[int]]:
    number = {event.id: i for i, event in enumerate(problem.events)}
    return _listed(np.array([number[shift.event] for shift in problem.shifts], np.int64))
