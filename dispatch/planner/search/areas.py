"""A city cut into areas of neighbouring events, and who is at home where."""

import numpy as np

from dispatch.planner.tables import Floats, Ints, Tables


def homes(person: Ints, area: Ints, weight: Floats, everybody: int) -> Ints:
    """Everybody's home: where they weigh most. One row a person and place."""
    count = int(area.max(initial=0)) + 1
    keys, number = np.unique(person * count + area, return_inverse=True)
    order = np.lexsort((np.bincount(number, weight, len(keys)), keys // count))
    home = np.zeros(everybody, np.int64)
    home[keys[order] // count] = keys[order] % count  # of a person's areas the heaviest is written last
    return home


def areas(tables: Tables, count: int) -> Ints:
    """A number for each event, so that neighbours have the same one; events of a series or a team stay together."""
    group = _bound(tables)
    events = len(group)
    place = np.zeros((2, events))
    place[0, tables.needs.event] = np.nan_to_num(tables.needs.lat)
    place[1, tables.needs.event] = np.nan_to_num(tables.needs.lon)
    size = np.bincount(group, minlength=events)
    middle = np.stack([np.bincount(group, axis, events) for axis in place]) / np.maximum(1, size)
    part = np.zeros(events, np.int64)
    _halved(part, np.flatnonzero(size), middle, size, count, 0)
    numbered: Ints = part[group]
    return numbered


def _halved(part: Ints, groups: Ints, place: Floats, size: Ints, count: int, first: int) -> None:
    """Give the groups ``count`` numbers from ``first``, cutting across the longer side."""
    if count == 1 or len(groups) < 2:
        part[groups] = first
        return
    axis = int(np.ptp(place[:, groups], axis=1).argmax())
    order = groups[np.lexsort((groups, place[axis, groups]))]
    left = count // 2
    upto = int(np.searchsorted(np.cumsum(size[order]), size[order].sum() * left / count))
    upto = min(max(1, upto), len(order) - 1)
    _halved(part, order[:upto], place, size, left, first)
    _halved(part, order[upto:], place, size, count - left, first + left)


def _bound(tables: Tables) -> Ints:
    """For each event the first event that it is tied to by a series or a team."""
    problem = tables.problem
    first = list(range(len(problem.events)))

    def root(event: int) -> int:
        while first[event] != event:
            first[event] = first[first[event]]
            event = first[event]
        return event

    known: dict[tuple[str, str], int] = {}
    ties = [("series", event.series, number) for number, event in enumerate(problem.events)]
    numbers = tables.needs.event.tolist()
    ties += [("team", need.team, number) for need, number in zip(problem.needs, numbers, strict=True)]
    for kind, name, event in ties:
        if name is not None:
            one, other = root(known.setdefault((kind, name), event)), root(event)
            first[max(one, other)] = min(one, other)
    return np.array([root(event) for event in range(len(first))], np.int64)
