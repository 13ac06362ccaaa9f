"""The same seats with fewer people: somebody is left out, their seats go to others, who give up what clashes there, and
so on until every seat has a place again.

Tabu search among incomplete choices (Blöchliger and Zufferey 2008), in which a seat weighs more the longer it has had
no place (the breakout method, Morris 1993). Seats, people and time is all it looks at: whoever asks makes sure of the
other rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.planner import goals
from dispatch.planner.candidates import clash
from dispatch.planner.search.ceiling import free_seats
from dispatch.planner.search.scope import Scope, worth_of
from dispatch.planner.tables import Flags, Ints

MOVES: Final = 400_000  # in a row that spare nobody
FIRST: Final = 50_000  # in which everybody together must have filled all seats
STALLS: Final = (200, 400, 800, 1_600, 3_200)  # moves that bring nothing, after which somebody comes back for another
AFRESH, PART = 20_000, 0.1  # moves in vain, after which seats weigh the same again and this part of the people change
CELLS: Final = 5_000_000  # seats by people, or by seats for each kind of people: what is searched at most
WEIGHT, HEAVIEST = 10, 100  # of a seat at first; of one that loses its place as its person is left out
HOLD = 0.6  # how much longer a move is barred from being undone for each seat without a place
AGAIN = 10  # and by chance
FEW, SOME = 3, 6  # the cheapest to leave out for good, and for another: one of so many, by chance
BARRED, NEVER = 1 << 30, 1 << 40  # worse than any weights; worse than that


@dataclass(frozen=True, slots=True)
class Board:
    """Seats down, people across. ``row``: which candidate, -1 = none. ``over``: for each kind of people which seats
    nobody of that kind serves both; ``kind`` of each person. ``cost``: what they cost when they serve at all."""

    row: Ints
    over: tuple[Flags, ...]
    kind: Ints
    cost: Ints


def fewer(scope: Scope, rows: Ints, *, enough: int, seed: int, left: Callable[[], float]) -> Ints:
    """Rows that fill all seats worth it with ever fewer people, until they add ``enough``, time ends or nobody more can
    be spared; ``rows`` where none are better. Not all rules are kept."""
    board = _board(scope)
    if board is None:
        return rows
    search, worth, whole = Search(board, np.random.default_rng(seed)), worth_of(scope, rows), False
    while search.idle < (MOVES if whole else FIRST) and left() > 0:
        if search.waiting:
            search.move()
            continue
        whole, found = True, search.rows()
        added = worth_of(scope, found)
        if added > worth:
            rows, worth = found, added
        if worth >= enough or not search.spare():
            break
    return rows


def _board(scope: Scope) -> Board | None:
    """The seats that are worth a person of their own and those who could take them; none where that is too much."""
    tables, pairs = scope.tables, scope.pairs
    needs = tables.needs
    people = np.unique(pairs.person)
    cost = goals.uses(tables)[people]
    seat, worth = free_seats(scope)
    able = np.bincount(pairs.need, minlength=len(needs.cap)) > 0
    seat = seat[(worth > cost.max(initial=0)) & able[seat]]
    seat = seat[np.argsort(needs.start[seat], kind="stable")]
    means = np.stack([tables.people.rest[people], tables.people.speed[people]])
    _, first, kind = np.unique(means, axis=1, return_index=True, return_inverse=True)
    if not len(seat) or not cost.any() or len(seat) * max(len(people), len(seat) * len(first)) > CELLS:
        return None
    wanted, line = np.unique(seat, return_inverse=True)
    some = np.flatnonzero(np.isin(pairs.need, wanted))
    row = np.full((len(wanted), len(people)), -1, np.int64)
    row[np.searchsorted(wanted, pairs.need[some]), np.searchsorted(people, pairs.person[some])] = some
    one, other = np.repeat(seat, len(seat)), np.tile(seat, len(seat))
    over = [clash(tables, scope.far, np.full(len(one), people[who]), one, other) for who in first.tolist()]
    square = (len(seat), len(seat))
    return Board(row[line], tuple(grid.reshape(square) for grid in over), kind.reshape(-1), cost)


class Search:
    """A choice under way. ``waiting``: seats without a place; ``idle``: moves since somebody was left out for good."""

    def __init__(self, board: Board, chance: np.random.Generator) -> None:
        self.board, self.chance = board, chance
        seats, people = board.row.shape
        self.idle, self._moves = 0, 0
        self._fewest, self._stalled, self._patience = 0, 0, 0
        self._mine: list[list[int]] = [[] for _ in range(people)]
        self._at = np.full(seats, -1, np.int64)
        self._weight = np.full(seats, WEIGHT, np.int64)
        self._load = np.where(board.row >= 0, 0, NEVER)  # weights of what each person would give up for each seat
        self._barred = np.zeros((seats, people), np.int64)
        self._serves = np.ones(people, np.bool_)
        self._kind: list[int] = board.kind.tolist()
        self._near = [[np.flatnonzero(line) for line in grid] for grid in board.over]
        self.waiting = self._filled()
        self._rest()

    def rows(self) -> Ints:
        """The candidates chosen, ascending."""
        placed = np.flatnonzero(self._at >= 0)
        return np.sort(self.board.row[placed, self._at[placed]])

    def spare(self) -> bool:
        """Leave one of the people out who are the cheapest to do without. Says whether there was one."""
        for person in np.flatnonzero(self._serves & (self.board.cost > 0)).tolist():
            if not self._mine[person]:
                self._out(person)
        going = self._going(FEW)
        if going < 0:
            return False
        self._out(going)
        self._weight[self.waiting] = np.minimum(self._weight[self.waiting], HEAVIEST)
        self._barred[:] = 0
        self.idle = 0
        self._rest()
        return True

    def move(self) -> None:
        """Give a seat the place where least has to be given up for it; after many in vain, call somebody back."""
        self._moves += 1
        self.idle += 1
        self._stalled += 1
        if self.idle % AFRESH == 0:
            self._afresh()
        lightest = self._placed()
        if len(self.waiting) < self._fewest:
            self._fewest, self._stalled = len(self.waiting), 0
        elif self._stalled > self._patience or lightest >= BARRED:
            self._exchange()

    def _placed(self) -> int:
        """The move itself; says how much more it took than it gave."""
        waiting = np.array(self.waiting)
        own = self._weight[waiting]
        takes = self._load[waiting]
        price = takes - own[:, None]
        price[(self._barred[waiting] > self._moves) & (takes > 0)] += BARRED
        lightest = int(price.min())
        if lightest >= NEVER // 2:
            return lightest
        likely = np.flatnonzero(price.ravel() == lightest)
        which, person = divmod(int(likely[int(self.chance.integers(len(likely)))]), price.shape[1])
        seat, over = self.waiting[which], self.board.over[self._kind[person]]
        given = [other for other in self._mine[person] if over[seat, other]]
        until = self._moves + int(self.chance.integers(AGAIN)) + int(HOLD * len(self.waiting)) + len(given)
        for other in given:
            self._drop(other)
            self._barred[other, person] = until
        self.waiting[which] = self.waiting[-1]
        self.waiting.pop()
        self.waiting += given
        self._put(seat, person)
        if lightest >= 0:
            self._weight[self.waiting] += 1
        return lightest

    def _afresh(self) -> None:
        self._weight[:] = WEIGHT
        self._barred[:] = 0
        self._load = np.where(self.board.row >= 0, 0, NEVER) + np.where(self._serves, 0, NEVER)
        for seat in np.flatnonzero(self._at >= 0).tolist():
            person = int(self._at[seat])
            self._load[self._near[self._kind[person]][seat], person] += WEIGHT
        for _ in range(int(PART * self._serves.sum())):
            self._exchange()

    def _exchange(self) -> None:
        """Somebody who could take much of what waits comes back, and another goes."""
        away = np.flatnonzero(~self._serves)
        if len(away) and self.waiting:
            waiting = np.array(self.waiting)
            own = self._weight[waiting][:, None]
            helps = ((self._load[waiting][:, away] - NEVER < own) * own).sum(axis=0)
            comes = int(away[np.argmax(helps + self.chance.random(len(away)) * 2 * WEIGHT)])
            goes = self._going(SOME)
            if goes >= 0:
                self._serves[comes] = True
                self._load[:, comes] -= NEVER
                self._out(goes)
        self._rest()

    def _rest(self) -> None:
        self._fewest, self._stalled = len(self.waiting), 0
        self._patience = STALLS[int(self.chance.integers(len(STALLS)))]

    def _going(self, several: int) -> int:
        """Somebody whose seats find other places for the least given up there, by what they cost; -1 = nobody."""
        placed = np.flatnonzero(self._at >= 0)
        elsewhere = self._load[placed].copy()
        elsewhere[np.arange(len(placed)), self._at[placed]] = NEVER
        least = np.minimum(elsewhere.min(axis=1, initial=NEVER), self._weight[placed])
        gives = np.bincount(self._at[placed], least, len(self._serves))
        could = np.flatnonzero(self._serves & (self.board.cost > 0))
        if not len(could):
            return -1
        order = could[np.argsort((gives[could] + 1) / self.board.cost[could], kind="stable")][:several]
        return int(order[int(self.chance.integers(len(order)))])

    def _filled(self) -> list[int]:
        """Every seat in order of time to somebody free for it: who serves already, else who could take the fewest."""
        could = (self.board.row >= 0).sum(axis=0)
        waits: list[int] = []
        used = self.board.cost == 0
        for seat in range(len(self._at)):
            free = np.flatnonzero(self._load[seat] == 0)
            if not len(free):
                waits.append(seat)
                continue
            person = int(free[np.lexsort((could[free], ~used[free]))[0]])
            self._put(seat, person)
            used[person] = True
        return waits

    def _out(self, person: int) -> None:
        for seat in list(self._mine[person]):
            self._drop(seat)
            self.waiting.append(seat)
        self._serves[person] = False
        self._load[:, person] += NEVER

    def _put(self, seat: int, person: int) -> None:
        self._at[seat] = person
        self._mine[person].append(seat)
        self._load[self._near[self._kind[person]][seat], person] += self._weight[seat]

    def _drop(self, seat: int) -> None:
        person = int(self._at[seat])
        self._at[seat] = -1
        self._mine[person].remove(seat)
        self._load[self._near[self._kind[person]][seat], person] -= self._weight[seat]
