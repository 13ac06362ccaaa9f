"""How many of several independent chances come true: exact, by convolution. Pure."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def spread(chances: Iterable[float]) -> NDArray[np.float64]:
    """``spread(ps)[k]`` = the probability that exactly ``k`` of them come true (the Poisson binomial distribution)."""
    mass = np.ones(1)
    for chance in chances:
        mass = np.append(mass * (1 - chance), 0.0) + np.append(0.0, mass * chance)
    return mass


def alike(chances: Iterable[float], shock: float) -> list[tuple[float, list[float]]]:
    """The same chances under what their owners have in common: three weathers (usual, worse, better), each with its
    probability. ``shock``: the standard deviation of the common shift of their log-odds."""
    given = list(chances)
    if shock <= 0:
        return [(1.0, given)]
    far = math.sqrt(3) * shock
    return [(weight, [_shifted(chance, shift) for chance in given]) for weight, shift in _weathers(far)]


def _weathers(far: float) -> tuple[tuple[float, float], ...]:
    """Gauss and Hermite's three points for a normal distribution."""
    return ((2 / 3, 0.0), (1 / 6, -far), (1 / 6, far))


def _shifted(chance: float, shift: float) -> float:
    odds = chance * math.exp(shift)
    return odds / (odds + (1 - chance)) if 0 < chance < 1 else chance


def together(chances: Iterable[float], wanted: int, shock: float = 0.0) -> float:
    """The probability that ``wanted`` or more of them come true, whatever the weather."""
    return sum(weight * at_least(spread(under), wanted) for weight, under in alike(chances, shock))


def lacking(chances: Iterable[float], wanted: int, shock: float = 0.0) -> float:
    """How many of ``wanted`` are missing on average, whatever the weather."""
    return sum(
        weight * float(spread(under)[:wanted] @ (wanted - np.arange(min(wanted, len(under) + 1))))
        for weight, under in alike(chances, shock)
        if wanted > 0
    )


def at_least(mass: NDArray[np.float64], wanted: int) -> float:
    """The probability of ``wanted`` or more; 1 when nothing is wanted."""
    if wanted <= 0:
        return 1.0
    # The smaller tail is summed, so that neither end loses its digits.
    if wanted * 2 > len(mass):
        return float(min(1.0, mass[wanted:].sum()))
    return float(max(0.0, 1 - mass[:wanted].sum()))
