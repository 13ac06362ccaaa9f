"""The goals: what each line, seat and person adds to the score. Integers throughout, so that no float decides an order.

score = what the seats are worth (``mandatory``, ``equal``, ``desired``) + what each line is worth in itself (``keep``,
``continuity``, ``preferred``, ``likes``, ``travel``, ``reliability``, ``level``, ``cost``) - what each person's hours
cost (``fairness``: each further hour costs ``weights.fairness`` more than the one before, the rolling ledger included)
and that the person serves at all (``use``).
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.tables import Flags, Ints, Tables, among, kilometres

PERCENT = (100, 130, 170, 220, 300)
LINE_GOALS = ("keep", "continuity", "preferred", "likes", "travel", "reliability", "level", "cost")


@dataclass(frozen=True, slots=True)
class Seats:
    """Per need: what one of the first ``min`` people adds in all, of which ``equal``; and one of the next, up to
    ``desired``. ``first`` and ``more``: how many such seats; firm lines take the first ones."""

    mandatory: Ints
    equal: Ints
    desired: Ints
    first: Ints
    more: Ints

    @property
    def top(self) -> Ints:
        """What a mandatory seat adds: cover and equal service."""
        return self.mandatory + self.equal

    def worth(self, count: Ints) -> Ints:
        """What ``count`` people on each need add."""
        low = np.minimum(count, self.first)
        total: Ints = low * self.top + np.minimum(np.maximum(count - self.first, 0), self.more) * self.desired
        return total


def seats(tables: Tables) -> Seats:
    problem, needs, weights = tables.problem, tables.needs, tables.problem.weights
    factor = np.array([PERCENT[e.priority - 1] for e in problem.events], np.int64)[needs.event]
    waiting = np.array([min(e.waiting, 90) for e in problem.events], np.int64)[needs.event]
    return Seats(
        weights.mandatory * factor // 100,
        weights.equal * waiting**2 // 90**2,
        weights.desired * factor // 100,
        needs.low,
        needs.desired - needs.low,
    )


def line_goals(tables: Tables, person: Ints, need: Ints, spare: Ints) -> dict[str, Ints]:
    """What each pair adds by itself, goal by goal. ``spare``: levels above what the need asks for."""
    people, needs, weights = tables.people, tables.needs, tables.problem.weights
    km = np.floor(kilometres(people.lat[person], people.lon[person], needs.lat[need], needs.lon[need]) + 0.5)
    start, end = needs.start[need], needs.end[need]
    return {
        "keep": weights.keep * _held(tables, person, need).astype(np.int64),
        "continuity": weights.continuity * _known(tables, person, need).astype(np.int64),
        "preferred": weights.preferred * people.preferred.cover(person, start, end).astype(np.int64),
        "likes": weights.likes * _liked(tables, person, need).astype(np.int64),
        "travel": -weights.travel * km.astype(np.int64),
        "reliability": weights.reliability * people.reliability[person] // 1000,
        "level": -weights.level * spare,
        "cost": -tables.terms.costs(person, need),
    }


def worths(tables: Tables, person: Ints, need: Ints, spare: Ints) -> Ints:
    """What each pair adds by itself: the sum of :func:`line_goals`."""
    total: Ints = np.sum(list(line_goals(tables, person, need, spare).values()), axis=0, dtype=np.int64)
    return total


def burden(tables: Tables, minutes: Ints) -> Ints:
    """The fairness cost of so many minutes in the ledger, in score."""
    hours = -(-minutes // 60)
    cost: Ints = tables.problem.weights.fairness * hours * (hours + 1) // 2
    return cost


def uses(tables: Tables) -> Ints:
    """What each person costs once somebody sends them at all; nothing for those whom firm lines send already."""
    sent = np.zeros(len(tables.problem.people), np.bool_)
    sent[tables.held_person[tables.held_firm]] = True
    cost: Ints = np.where(sent, 0, tables.people.cost)
    return cost


def parts(tables: Tables, person: Ints, need: Ints, spare: Ints) -> dict[str, int]:
    """The score of a whole plan (firm lines included), part by part."""
    value = seats(tables)
    count = np.bincount(need, minlength=len(tables.problem.needs)).astype(np.int64)
    low = np.minimum(count, value.first)
    more = np.minimum(np.maximum(count - value.first, 0), value.more)
    lines = line_goals(tables, person, need, spare)
    minutes = np.bincount(person, tables.minutes(person, need), len(tables.problem.people)).astype(np.int64)
    load = tables.people.load
    used = np.bincount(person, minlength=len(load)) > 0
    return {
        "mandatory": int((low * value.mandatory).sum()),
        "equal": int((low * value.equal).sum()),
        "desired": int((more * value.desired).sum()),
        **{goal: int(lines[goal].sum()) for goal in LINE_GOALS},
        "fairness": int((burden(tables, load) - burden(tables, load + minutes)).sum()),
        "use": -int(tables.people.cost[used].sum()),
    }


def _held(tables: Tables, person: Ints, need: Ints) -> Flags:
    size = len(tables.problem.needs)
    return among(np.sort(tables.held_person * size + tables.held_need), person * size + need)


def _known(tables: Tables, person: Ints, need: Ints) -> Flags:
    needs, mine = tables.needs, person * tables.places
    known = among(tables.known, mine + needs.venue[need])
    told = np.flatnonzero(~known & (needs.saga[need] >= 0))
    known[told] = among(tables.known, mine[told] + len(tables.problem.venues) + needs.saga[need[told]])
    return known


def _liked(tables: Tables, person: Ints, need: Ints) -> Flags:
    liked: Flags = tables.people.likes[person, tables.needs.mode[need]]
    return liked
