"""Bounds without prices."""

import numpy as np

from dispatch.planner import goals
from dispatch.planner.search.scope import Scope
from dispatch.planner.tables import Ints


def ceiling(scope: Scope) -> int:
    """No choice adds more: as if all free seats were filled and every candidate's own worth were had, less what the
    people cost whom the fullest moment wants at once."""
    rest = scope.ground.reserve.net if scope.ground.reserve is not None else np.zeros(0, np.int32)
    lines = np.maximum(0, scope.ground.net).sum() + np.maximum(0, rest).sum(dtype=np.int64)
    _, worth = free_seats(scope)
    return int(worth.sum() + lines) - fullest(scope)[0]


def fullest(scope: Scope) -> tuple[int, int]:
    """What is lost of all seats' worth at the moment when most is lost, and that minute; nothing and -1 where nobody
    costs anything. Nobody serves two of the seats that overlap then, so the best of them have the cheapest people, and
    those that are worth less than theirs stay empty."""
    cost = goals.uses(scope.tables)[np.diff(scope.pairs.first) > 0]
    if not cost.any() or scope.ground.reserve is not None:
        return 0, -1
    cost, needs = np.sort(cost), scope.tables.needs
    need, worth = free_seats(scope)
    most = (0, -1)
    for moment in np.unique(needs.start[need]).tolist():
        there = np.sort(worth[(needs.start[need] <= moment) & (moment < needs.end[need])])[::-1]
        had = there[: len(cost)]
        most = max(most, (int(there.sum() - np.maximum(0, had - cost[: len(had)]).sum()), moment))
    return most


def free_seats(scope: Scope) -> tuple[Ints, Ints]:
    """Each free seat's need, and what a filled one adds."""
    needs, value = scope.tables.needs, scope.value
    firm, cap = needs.firm, np.where(scope.open_needs, needs.cap, needs.firm)
    first = np.minimum(cap, value.first) - np.minimum(firm, value.first)
    more = np.clip(cap - value.first, 0, value.more) - np.clip(firm - value.first, 0, value.more)
    need = np.arange(len(cap))
    return (
        np.concatenate([np.repeat(need, first), np.repeat(need, more)]),
        np.concatenate([np.repeat(value.top, first), np.repeat(value.desired, more)]),
    )
