"""Better choices where hours are all that binds: who serves what is guessed, the surest first, and prices say at every
step whether anything as good as wanted is left.

A dive is a depth-first search with few returns. First for all people and ever lower wishes, then, with what was found,
for some of them again, rather those who lose most against what they would choose: a large neighbourhood search in
which most neighbourhoods are refused by their bound alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dispatch.planner.search.budgets import NEVER, SCALE, Budgets, losses, lowered
from dispatch.planner.tables import Flags, Ints

AT_ONCE, ONE_BY_ONE = 0.08, 40  # guesses at a time, of the open needs; with fewer of them only one
TURNS = 6  # steps of prices after each guess
TASTE = 0.15  # by so much of what may still be lost chance changes the order of guesses
RETURNS = 80  # states that one dive looks at, at first
OPTIONS, MORE = 3.0, 1.5  # people for each need that a first wish leaves, and each one after it
FIRST, GROWS, SHRINKS = 4.0, 1.03, 0.8  # people who choose anew
MILD = 0.1  # of what everybody loses: how likely those are chosen who lose nothing


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices in parts of ``SCALE``, the bound they prove, what each person gets there and what each line loses."""

    prices: Ints
    bound: int
    best: Ints
    loss: Ints


def priced(hours: Budgets, prices: Ints, left: Callable[[], float]) -> Priced:
    """From these prices on, those of a bound as low as many steps lead to."""
    each = np.where(hours.able, hours.gain, 0)[:-1]
    reach = max(SCALE, int(SCALE * each.std(axis=0).mean())) if len(each) else SCALE
    _, found = lowered(hours, prices, -NEVER, reach=reach, left=left)
    best, loss = losses(hours, found)
    return Priced(found, int(found.sum() + best.sum()), best, loss)


def dived(
    hours: Budgets, known: Priced, chosen: Ints | None, *, enough: int, seed: int, left: Callable[[], float]
) -> tuple[Ints, bool]:
    """For each need a person, better than ``chosen`` if anything better is found before time ends or ``enough`` is
    reached; and whether it is certain that nothing better exists."""
    dives = Dives(hours, known, np.random.default_rng(seed), left)
    if chosen is None:
        chosen = dives.first()
    while hours.worth(chosen) < enough and left() > 0:
        found = dives.again(chosen)
        if found is not None:
            chosen = found
        elif dives.closed:
            return chosen, True
    return chosen, False


class Dives:
    """``closed``: the last dive looked at all people and at everything that could have been as good as wanted."""

    def __init__(self, hours: Budgets, known: Priced, chance: np.random.Generator, left: Callable[[], float]) -> None:
        self.hours, self.known, self.chance, self.left = hours, known, chance, left
        self.size, self.returns, self.closed = FIRST, RETURNS, False
        self._states, self._complete = 0, False

    def first(self) -> Ints:
        """A choice from nothing, by dives with ever lower wishes; nobody serves anything when time ends before."""
        known, nobody = self.known, np.full(len(self.hours.seat), len(self.hours.room) - 1, np.int64)
        lost, options, wish = np.sort(known.loss[self.hours.able]), OPTIONS * len(nobody), known.bound
        while wish > 0 and self.left() > 0:
            wish = (known.bound - int(lost[int(options)])) // SCALE if options < len(lost) else 0
            found = self._dive(self.hours, known.prices, max(0, wish))
            if found is not None:
                return found
            options *= MORE
        return nobody

    def again(self, chosen: Ints) -> Ints | None:
        """Some people choose anew; a better choice for all, if that leads to one."""
        hours, each = self.hours, np.arange(len(chosen))
        people = self._people(chosen)
        mine = people[chosen]
        who, needs = np.flatnonzero(people), each[mine]
        part = hours.part(who, needs)
        wish = part.worth(np.searchsorted(who, chosen[needs])) + 1
        found = self._dive(part, self.known.prices[needs], wish)
        self.closed = found is None and self._complete and len(who) == len(hours.room)
        if found is None:
            self._larger()
            return None
        self.size, self.returns = max(FIRST, self.size * SHRINKS), RETURNS
        better = chosen.copy()
        better[needs] = who[found]
        return better

    def _larger(self) -> None:
        """More people next time; after everybody the fewest again, and more patience."""
        before, everybody = round(self.size), len(self.hours.room) - 1
        self.size *= GROWS
        if self.size > everybody + 1:
            if before < everybody:
                self.size = everybody
            else:
                self.size, self.returns = FIRST, self.returns * 2

    def _people(self, chosen: Ints) -> Flags:
        """Nobody always; of the others, rather those who lose much against the best for themselves at the prices."""
        hours, each = self.hours, np.arange(len(chosen))
        value = hours.gain * SCALE - self.known.prices
        lost = self.known.best - np.bincount(chosen, value[chosen, each], len(hours.room))
        weight = np.maximum(lost[:-1], 0) + MILD * lost[:-1].mean() + 1
        rank = np.log(self.chance.random(len(weight))) / weight  # weighted, without replacement
        people = np.zeros(len(hours.room), np.bool_)
        people[np.argsort(-rank, kind="stable")[: round(self.size)]] = True
        people[-1] = True
        return people

    def _dive(self, hours: Budgets, prices: Ints, wish: int) -> Ints | None:
        self._states, self._complete = 0, True
        return self._deeper(hours, prices, wish)

    def _deeper(self, hours: Budgets, prices: Ints, wish: int) -> Ints | None:
        """For each need a person so that all together add ``wish``; none when none is found."""
        self._states += 1
        state = self._settled(hours, prices, wish)
        if state is None:
            return None
        chosen, open_needs = state.chosen, np.flatnonzero(state.chosen < 0)
        while len(open_needs):
            people, needs = self._guesses(state)
            rest = state.hours.given(people, needs)
            if rest is not None:
                others = np.delete(np.arange(len(open_needs)), needs)
                gained = int(state.hours.gain[people, needs].sum())
                found = self._deeper(rest, state.prices[others], state.wish - gained)
                if found is not None:
                    chosen[open_needs[needs]], chosen[open_needs[others]] = people, found
                    return chosen
            if self._states >= self.returns or self.left() <= 0:
                self._complete = False
                return None
            self._complete &= len(needs) == 1  # of several guesses only the least sure is taken back
            able = state.hours.able.copy()
            able[people[-1], needs[-1]] = False
            again = self._bounded(replace(state.hours, able=able), state.prices, state.wish)
            if again is None:
                return None
            state = replace(again, chosen=state.chosen)
        return chosen

    def _settled(self, hours: Budgets, prices: Ints, wish: int) -> "_State | None":
        """What is open once all is done that has to be done for the wish; none when nothing fulfils it."""
        chosen, open_needs = np.full(len(prices), -1, np.int64), np.arange(len(prices))
        while True:
            state = self._bounded(hours, prices, wish)
            if state is None:
                return None
            forced = np.flatnonzero(state.hours.able.sum(axis=0) == 1)
            if not len(forced):
                return replace(state, chosen=chosen)
            people = state.hours.able[:, forced].argmax(axis=0)
            chosen[open_needs[forced]] = people
            wish = state.wish - int(state.hours.gain[people, forced].sum())
            rest = state.hours.given(people, forced)
            if rest is None:
                return None
            hours, prices = rest, np.delete(state.prices, forced)
            open_needs = np.delete(open_needs, forced)

    def _guesses(self, state: "_State") -> tuple[Ints, Ints]:
        """Who loses least, for those needs where all others lose much more; as far as their hours suffice: one
        at least, since nobody is able whose hours do not."""
        hours = state.hours
        loss = np.where(hours.able, state.loss, NEVER)
        two = np.partition(loss, 1, axis=0)[:2]
        sure = two[1] - two[0] + self.chance.random(len(hours.seat)) * TASTE * state.spare
        person, room = loss.argmin(axis=0), hours.room.copy()
        count = max(1, int(len(sure) * AT_ONCE)) if len(sure) > ONE_BY_ONE else 1
        needs: list[int] = []
        for need in np.argsort(-sure, kind="stable").tolist():
            if hours.load[person[need], need] <= room[person[need]]:
                room[person[need]] -= hours.load[person[need], need]
                needs.append(need)
                if len(needs) == count:
                    break
        return person[needs], np.array(needs, np.int64)

    def _bounded(self, hours: Budgets, prices: Ints, wish: int) -> "_State | None":
        """Whatever cannot add ``wish`` is no longer possible; none when nothing can, or time has ended."""
        if not len(prices):
            return None if wish > 0 else _State(hours, prices, hours.load, wish, 0, prices)
        if self.left() <= 0:
            self._complete = False
            return None
        bound, prices = lowered(hours, prices, wish * SCALE, turns=TURNS, left=self.left)
        spare = bound - wish * SCALE
        if spare < 0:
            return None
        _, loss = losses(hours, prices)
        able = hours.able & (loss <= spare)
        if not able.any(axis=0).all():
            return None
        return _State(replace(hours, able=able), prices, loss, wish, spare, np.full(len(prices), -1, np.int64))


@dataclass(frozen=True, slots=True)
class _State:
    """``hours``: what may still be as good as wanted; ``spare``: by what the bound is above the wish; ``chosen``: for
    each need a person, -1 = open."""

    hours: Budgets
    prices: Ints
    loss: Ints
    wish: int
    spare: int
    chosen: Ints
