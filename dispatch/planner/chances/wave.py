"""How many people to ask next: the fewest offers that fill the need surely enough without too many saying yes. Pure.

Candidates come in the order in which they are asked, and that order is the planner's: their chances decide only where
the line is cut, never who stands before whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.planner.chances.counts import alike, at_least, spread


@dataclass(frozen=True, slots=True)
class Goal:
    """So many more people, at least this surely."""

    wanted: int
    target: float


@dataclass(frozen=True, slots=True)
class Opening:
    """One need that asks. ``room``: seats that are not taken; ``flight``: the chances of the offers that are open.
    ``reserve``: an offer holds a seat, so that nobody who says yes can be one too many; otherwise the first yes wins
    and ``over`` caps the probability that more say yes than there is room. ``shock``: what they have in common."""

    goals: tuple[Goal, ...]
    room: int
    flight: tuple[float, ...]
    reserve: bool
    over: float
    shock: float = 0.0


@dataclass(frozen=True, slots=True)
class Wave:
    """``offers``: how many of the candidates to ask. ``filled``: the probability that the first goal is reached then;
    ``over``: that more say yes than there is room. ``met``: every goal is reached as surely as was asked."""

    offers: int
    filled: float
    over: float
    met: bool


def size(opening: Opening, chances: Sequence[float]) -> Wave:
    """The fewest offers that meet every goal; where the seats, the cap or the candidates end before, as many as they
    allow."""
    masses = [(weight, spread(under)) for weight, under in alike(opening.flight, opening.shock)]
    most = max(0, opening.room - len(opening.flight)) if opening.reserve else len(chances)
    asked = 0
    for chance in chances[:most]:
        if _met(opening, masses):
            break
        one = [under[0] for _, under in alike((chance,), opening.shock)]
        wider = [(weight, np.convolve(mass, spread((each,)))) for (weight, mass), each in zip(masses, one, strict=True)]
        if not opening.reserve and _over(opening, wider) > opening.over:
            break
        masses, asked = wider, asked + 1
    first = opening.goals[0].wanted if opening.goals else 0
    return Wave(asked, _sure(masses, first), _over(opening, masses), _met(opening, masses))


Masses = list[tuple[float, NDArray[np.float64]]]


def _sure(masses: Masses, wanted: int) -> float:
    return sum(weight * at_least(mass, wanted) for weight, mass in masses)


def _met(opening: Opening, masses: Masses) -> bool:
    return all(_sure(masses, goal.wanted) >= goal.target for goal in opening.goals)


def _over(opening: Opening, masses: Masses) -> float:
    return 0.0 if opening.reserve else _sure(masses, opening.room + 1)
