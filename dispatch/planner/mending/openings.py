"""Who could take a seat of a warm roster, as everybody stands; and which lines might be given up for one."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.planner.eligibility import NAMES, against
from dispatch.planner.mending.proposals import toll
from dispatch.planner.mending.warm import ACCEPTED, HOLD, NEED, NOWHERE, OPEN, START, Warm
from dispatch.planner.tables import Flags, Ints

BLOCK: Final = 24  # people judged at once


@dataclass(frozen=True, slots=True)
class Terms:
    """``now`` in minutes: nobody is moved whose shift begins within ``frozen_minutes`` of it. ``consent``: whether
    people who accepted may be asked to move; they always keep their seat until they say yes. ``by_hand``: a person
    decides, so that people who opted out of automatic planning may be asked, and locked rosters changed. ``reach``:
    needs that people may be moved from; none = all."""

    now: int
    frozen_minutes: int = 0
    consent: bool = False
    by_hand: bool = True
    reach: Flags | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """People who could take a need as they stand, best first, and what each adds to the score."""

    row: Ints
    gain: Ints


def free(warm: Warm, need: int, terms: Terms, limit: int, besides: int = NOWHERE) -> Free:
    """The best of those who pass every rule with the lines they have, without ``besides``. Who adds most is judged
    first, so that a large pool costs little more than a small one."""
    row, person = asked(warm, need, terms, besides)
    gain = warm.pool.worth[row] + warm.seat(need) - toll(warm, person, need)
    gain -= np.where(warm.serving[person] == 0, warm.tables.people.cost[person], 0)
    order = np.argsort(-gain, kind="stable")
    kept: list[Ints] = []
    block, at = max(BLOCK, 2 * limit), 0
    while at < len(order) and sum(map(len, kept)) < limit:
        some = order[at : at + block]
        kept.append(some[passing(warm, person[some], need)])
        at, block = at + block, 4 * block
    best = np.concatenate([order[:0], *kept])[:limit]
    return Free(row[best], gain[best])


def passing(warm: Warm, person: Ints, need: int) -> Flags:
    """Whether each person may take the need beside all they have promised."""
    good = np.ones(len(person), np.bool_)
    busy = np.flatnonzero(warm.filled[person])
    if len(busy):
        good[busy] = passes(warm, person[busy], need, *promised(warm, person[busy]))
    return good


def asked(warm: Warm, need: int, terms: Terms, besides: int) -> tuple[Ints, Ints]:
    """Rows and people of the pool whom neither those already there, nor a step back, nor their own wish rules out."""
    tables, pool = warm.tables, warm.pool
    low, high = int(pool.first[need]), int(pool.first[need + 1])
    person = pool.person[low:high].astype(np.int64)
    keep = np.ones(high - low, np.bool_)
    shift, event = int(tables.needs.shift[need]), int(tables.needs.event[need])
    if not terms.by_hand:
        keep &= warm.automated[person]
        keep &= not warm.locked[event]
    out = {besides, *warm.holders[need], *warm.barred.get(need, ()), *_enemies(warm, shift)}
    for who in out:
        at = int(np.searchsorted(person, who))
        if at < len(person) and person[at] == who:
            keep[at] = False
    tutors = _tutors(warm, need)
    if tutors:
        keep &= person == next(iter(tutors)) if len(tutors) == 1 else False
    rows = np.flatnonzero(keep)
    return rows + low, person[rows]


def _enemies(warm: Warm, shift: int) -> set[int]:
    """Whoever is kept apart from somebody on the shift."""
    if not warm.enemies:
        return set()
    there = set().union(*(warm.holders[need] for need in warm.on_shift[shift]))
    return set().union(*(warm.enemies.get(who, set()) for who in there))


def _tutors(warm: Warm, need: int) -> set[int]:
    """Who tutors the need's series already."""
    series = int(warm.tables.needs.series[need])
    return set().union(*(warm.holders[other] for other in warm.in_series[series])) if series >= 0 else set()


def promised(warm: Warm, person: Ints, besides: Ints | None = None) -> tuple[Ints, Ints]:
    """Pairs (number in ``person``, cell) of all their promises, without the cell ``besides`` of each."""
    count = warm.filled[person]
    pair = np.repeat(np.arange(len(person)), count)
    cell = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + (person * warm.width)[pair]
    if besides is None:
        return pair, cell
    stays = cell != besides[pair]
    return pair[stays], cell[stays]


def passes(warm: Warm, person: Ints, need: int, pair: Ints, cell: Ints) -> Flags:
    """Whether each person may take the need beside those promises."""
    good: Flags = against(warm.tables, person, np.full(len(person), need), pair, cell) == len(NAMES)
    return good


def movable(warm: Warm, slot: Ints, terms: Terms) -> Flags:
    """Lines that may be given up: open offers, with consent accepted ones, none whose shift begins soon."""
    cells = warm.cells
    hold, need = cells[HOLD, slot], cells[NEED, slot]
    may: Flags = (hold == OPEN) | ((hold == ACCEPTED) & terms.consent)
    may &= cells[START, slot] >= terms.now + terms.frozen_minutes
    if not terms.by_hand:
        may &= ~warm.locked[warm.tables.needs.event[need]]
    if terms.reach is not None:
        may &= terms.reach[need]
    may &= need != NOWHERE
    return may
