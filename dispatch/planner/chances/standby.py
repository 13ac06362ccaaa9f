"""Who should stand by: one person where several risky shifts can hardly all need them at once. Pure.

A person who stands by for some shifts helps at the first that is short. What they are worth is the importance of the
seats they would save, weighed by the risk that each is short and the chance that they are not taken by another by then.
People are chosen one after the other, each time the one who adds most; two never count the same shortage in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Danger:
    """A need that may be short: with probability ``risk``, and so important (any unit). ``start``/``end``: minutes that
    somebody who helps is bound."""

    need: str
    risk: float
    weight: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """``person`` stands by for these needs, in order of time; ``saves``: the weight that they save on average."""

    person: str
    needs: tuple[str, ...]
    saves: float


def places(
    dangers: Sequence[Danger], fit: Mapping[str, Sequence[str]], come: Mapping[str, float], *, most: int, least: int = 2
) -> list[Place]:
    """At most ``most`` people, each covering ``least`` needs or more. ``fit``: by need, who could take it; ``come``:
    how likely each comes when called. Equal people go by their id."""
    left = {danger.need: danger.risk for danger in dangers}
    open_ = {person: [d for d in _ordered(dangers) if person in fit.get(d.need, ())] for person in sorted(come)}
    weights = {danger.need: danger.weight for danger in dangers}
    order = [danger.need for danger in sorted(dangers, key=lambda d: (d.start, d.need))]
    chosen: list[Place] = []
    while len(chosen) < most:
        best: tuple[float, str, dict[str, float]] | None = None
        for person, covered in open_.items():
            saved = _saved(covered, left, come[person])
            worth = sum(saved.values())
            if len(saved) >= least and (best is None or worth > best[0] + 1e-12):
                best = (worth, person, saved)
        if best is None:
            break
        worth, person, saved = best
        for need, part in saved.items():
            left[need] -= part / weights[need]
        del open_[person]
        chosen.append(Place(person, tuple(need for need in order if need in saved), worth))
    return chosen


def _ordered(dangers: Sequence[Danger]) -> list[Danger]:
    return sorted(dangers, key=lambda d: (-d.weight, d.start, d.need))


def _saved(covered: Sequence[Danger], left: Mapping[str, float], come: float) -> dict[str, float]:
    """What one person saves at each need, the most important first: where one that overlaps has taken them already,
    they cannot come."""
    saved: dict[str, float] = {}
    called: list[tuple[Danger, float]] = []  # how likely they are bound there
    for danger in covered:
        risk = left[danger.need]
        free = 1.0
        for other, bound in called:
            free *= 1 - bound if other.end > danger.start and danger.end > other.start else 1.0
        used = risk * free * come
        if risk > 1e-9:
            saved[danger.need] = used * danger.weight
            called.append((danger, used))
    return saved
