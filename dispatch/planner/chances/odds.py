"""How likely is a yes? A model of answers, fitted from the answers given so far. Pure, and the same for the same rows.

The odds of an offer are a base, times one factor for each thing that is known of it (mode, lead time, hour and day,
distance, county, how often the person was asked lately, how much they do already), times what this person's own answers
add. Factors are shrunk towards 1 (a ridge on their logarithm); a person's own answers are weighed against a Beta prior
whose mean is what anybody would have answered to the same offers and whose strength is fitted. Somebody without a
history has the odds of their circumstances: a newcomer is not punished, and one *no* moves little. Older answers count
less. What those who are asked for one need have in common (rain, a word from a friend) is kept as one figure.

These odds size the waves and tell the risk of a shift. They never rank a person.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Said = Literal["yes", "no", "silent", "open"]
Floats = NDArray[np.float64]
K = TypeVar("K", bound=Hashable)

FACTORS: Final = ("mode", "lead", "slot", "km", "place", "lately", "busy")
_LEADS: Final = ((6 * 60, "6 h"), (24 * 60, "1 d"), (72 * 60, "3 d"), (168 * 60, "7 d"))
_KMS: Final = ((2.0, "2 km"), (5.0, "5 km"), (10.0, "10 km"), (20.0, "20 km"))
MORE: Final = "more"

# Before anything is known: so many answers, of which so many are a yes.
PRIOR_YES, PRIOR_ANSWERS = 6.0, 10.0
# A factor's logarithm has this prior precision: some twenty answers move it half of the way.
RIDGE: Final = 5.0
# An answer counts half after so many days.
HALF_LIFE: Final = 120.0
# The prior of a person is worth so many answers while few people have answered twice, and never more than this.
_FEW, _STRENGTH, _STRONGEST = 20, 9.0, 100.0
# What the people asked for one need have in common never counts for more (a factor of the odds, as its logarithm).
_SHOCK: Final = 1.5
_LOW, _HIGH = 0.01, 0.99
_STEPS, _TICKS = 12, 20


@dataclass(frozen=True, slots=True)
class Ask:
    """One offer, as it looked when it was made. ``lead``: minutes until the shift begins; ``weekday`` (0 = Monday) and
    ``minute`` of the day of its local start; ``place``: a group such as a county; ``lately``: how often the person was
    asked in the week before; ``busy``: how many
    other shifts they have said yes to within a week of it."""

    person: str
    mode: str
    lead: float
    weekday: int
    minute: int
    km: float | None = None
    place: str = "-"
    lately: int = 0
    busy: int = 0

    def levels(self) -> tuple[str, ...]:
        """The level of each of ``FACTORS``."""
        lead = next((name for most, name in _LEADS if self.lead <= most), MORE)
        km = "-" if self.km is None else next((name for most, name in _KMS if self.km <= most), MORE)
        part = "morning" if self.minute < 720 else "afternoon" if self.minute < 1080 else "evening"
        day = "weekend" if self.weekday >= 5 else "workday"
        return (self.mode, lead, f"{day} {part}", km, self.place, str(min(self.lately, 4)), str(min(self.busy, 3)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an offer. ``open``: it ended by us, or has not ended, ``waited`` of its time being over (a share,
    0..1); otherwise ``waited`` is the share of its time at which the answer came, 1 for silence, more if unknown.
    ``need``: those who were asked for one need at once share this; ``age``: days ago."""

    ask: Ask
    said: Said
    waited: float
    need: str = "-"
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """One factor of an offer's odds: times so much, known from so many answers."""

    factor: str
    level: str
    times: float
    answers: int


@dataclass(frozen=True, slots=True)
class Odds:
    """A fitted model. ``people`` and ``kinds`` (person, mode): shift of the log-odds and how many answers say so.
    ``yes_by``, ``no_by``: the share of yeses (noes) that have come by each twentieth of an offer's time; ``spoken``: of
    those who do not say yes, the share that say no; ``shock``: how much the log-odds of all who are asked for one need
    vary together (rain, a word from a friend), beyond what is known of them."""

    base: float
    factors: Mapping[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    people: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    kinds: Mapping[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    strength: float = 9.0
    yes_by: tuple[float, ...] = tuple(step / _TICKS for step in range(_TICKS + 1))
    no_by: tuple[float, ...] = tuple(step / _TICKS for step in range(_TICKS + 1))
    spoken: float = 0.5
    shock: float = 0.0
    answers: int = 0

    def chance(self, ask: Ask) -> float:
        """The probability that this offer is accepted before its time is over."""
        total = self.base + sum(self.factors.get(key, (0.0, 0))[0] for key in _keys(ask))
        total += self.people.get(ask.person, (0.0, 0))[0] + self.kinds.get((ask.person, ask.mode), (0.0, 0))[0]
        return _bounded(1 / (1 + math.exp(-total)))

    def still(self, ask: Ask, waited: float) -> float:
        """The same, ``waited`` (a share) of its time having passed without an answer."""
        return self.silent(self.chance(ask), waited)

    def silent(self, chance: float, waited: float) -> float:
        later = chance * (1 - _at(self.yes_by, waited))
        quiet = (1 - chance) * (self.spoken * (1 - _at(self.no_by, waited)) + 1 - self.spoken)
        return later / (later + quiet) if later + quiet > 0 else 0.0

    def why(self, ask: Ask) -> tuple[Reason, ...]:
        """What makes the odds of this offer what they are, the strongest factor first."""
        found = [(*key, *self.factors[key]) for key in _keys(ask) if key in self.factors]
        if ask.person in self.people:
            found.append(("person", "", *self.people[ask.person]))
        if (ask.person, ask.mode) in self.kinds:
            found.append(("kind", ask.mode, *self.kinds[ask.person, ask.mode]))
        reasons = [Reason(factor, level, math.exp(shift), count) for factor, level, shift, count in found]
        return tuple(sorted(reasons, key=lambda r: (-abs(math.log(r.times)), r.factor)))


def fit(answers: Iterable[Answer], prior: tuple[float, float] = (PRIOR_YES, PRIOR_ANSWERS)) -> Odds:
    """The model of these answers, whatever their order. Offers that ended by us count as the yes that they would still
    have become; first without them, then with. ``prior``: yeses of so many answers, before anything is known."""
    rows = sorted(answers, key=repr)
    ended = [row for row in rows if row.said != "open"]
    first = _fitted(ended, [float(row.said == "yes") for row in ended], prior)
    if len(ended) == len(rows):
        return first
    would = [float(r.said == "yes") if r.said != "open" else first.still(r.ask, r.waited) for r in rows]
    return _fitted(rows, would, prior)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Answers as arrays: how far each is a yes (a share where it was cut short), how much it counts today, and whether
    it was the person's own."""

    yes: Floats
    weight: Floats
    ended: Floats


def _fitted(answers: Sequence[Answer], yes: Sequence[float], prior: tuple[float, float]) -> Odds:
    ended = np.array([float(a.said != "open") for a in answers])
    rows = _Rows(np.array(yes, dtype=np.float64), np.array([0.5 ** (a.age / HALF_LIFE) for a in answers]), ended)
    mean = (float((rows.weight * rows.yes).sum()) + prior[0]) / (float(rows.weight.sum()) + prior[1])
    names, columns = _design(answers)
    base, shifts = _ridge(columns, len(names), rows, _odds(mean))
    counts = np.bincount(columns.ravel(), minlength=len(names))
    factors = {name: (float(shifts[i]), int(counts[i])) for i, name in enumerate(names)}
    who = [answer.ask.person for answer in answers]
    expected = _logistic(base + shifts[columns].sum(axis=1))
    strength = _strength(who, rows, expected)
    people = _shifts(who, rows, expected, strength)
    known = _logistic(_log(expected) + np.array([people[person][0] for person in who]))
    kinds = _shifts([(answer.ask.person, answer.ask.mode) for answer in answers], rows, known, 2 * strength)
    said = [answer.said for answer in answers if answer.said in ("no", "silent")]
    spoken = (said.count("no") + 2) / (len(said) + 4)
    shock = min(_SHOCK, math.sqrt(_wide([answer.need for answer in answers], rows, known)))
    return Odds(
        base, factors, people, kinds, strength, _curve(answers, "yes"), _curve(answers, "no"), spoken, shock,
        len(answers),
    )  # fmt: skip


def _keys(ask: Ask) -> Iterable[tuple[str, str]]:
    return zip(FACTORS, ask.levels(), strict=True)


def _design(rows: Sequence[Answer]) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
    """The names of all levels, and for each row the numbers of its own."""
    keys = [tuple(_keys(row.ask)) for row in rows]
    names = sorted({key for row in keys for key in row})
    number = {name: i for i, name in enumerate(names)}
    columns = np.array([[number[key] for key in row] for row in keys], dtype=np.int64)
    return names, columns.reshape(len(rows), len(FACTORS))


def _ridge(columns: NDArray[np.int64], size: int, rows: _Rows, base: float) -> tuple[float, Floats]:
    """Newton's steps for a logistic regression whose factors are shrunk towards none and the base towards the mean."""
    width = size + 1
    found, prior = np.zeros(width), np.full(width, RIDGE)
    prior[0] = 1.0
    if not len(rows.yes):
        return base, found[1:]
    at = np.concatenate([np.zeros((len(rows.yes), 1), dtype=np.int64), columns + 1], axis=1)
    for _ in range(_STEPS):
        chance = _logistic(base + found[at].sum(axis=1))
        gradient = -prior * found
        weight, bend = rows.weight * chance * (1 - chance), np.diag(prior)
        for i in range(at.shape[1]):
            gradient += np.bincount(at[:, i], rows.weight * (rows.yes - chance), width)
            for j in range(at.shape[1]):
                bend += np.bincount(at[:, i] * width + at[:, j], weight, width * width).reshape(width, width)
        step = np.linalg.solve(bend, gradient)
        found += step
        if float(np.abs(step).max()) < 1e-9:
            break
    return base + float(found[0]), found[1:]


def _grouped(keys: Sequence[K], values: Floats) -> dict[K, tuple[float, int]]:
    """Sum and count of the values of each key."""
    sums: dict[K, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for key, value in zip(keys, values.tolist(), strict=True):
        sums[key][0] += value
        sums[key][1] += 1
    return {key: (total, int(count)) for key, (total, count) in sums.items()}


def _wide(keys: Sequence[K], rows: "_Rows", expected: Floats) -> float:
    """The variance of the groups' own shifts of the log-odds, by moments: what their sums vary by beyond chance."""
    spread = _grouped(keys, rows.ended * rows.weight * (rows.yes - expected))
    chance = _grouped(keys, rows.ended * rows.weight**2 * expected * (1 - expected))
    scale = _grouped(keys, rows.ended * rows.weight * expected * (1 - expected))
    often = [key for key, (_, count) in spread.items() if count > 1]
    if len(often) < _FEW:
        return 0.0
    beyond = sum(spread[key][0] ** 2 - chance[key][0] for key in often)
    return max(0.0, beyond / sum(scale[key][0] ** 2 for key in often))


def _strength(keys: Sequence[K], rows: "_Rows", expected: Floats) -> float:
    """How many answers the Beta prior of a person is worth: the fewer, the more people differ."""
    if not len(rows.yes) or not (wide := _wide(keys, rows, expected)):
        return _STRENGTH
    mean = float((rows.weight * expected).sum() / rows.weight.sum())
    return min(_STRONGEST, max(1.0, 1 / (wide * mean * (1 - mean))))


def _shifts(keys: Sequence[K], rows: "_Rows", expected: Floats, strength: float) -> dict[K, tuple[float, int]]:
    """For each key the difference between the log-odds of its Beta posterior's mean and of what was expected of it.
    Answers that were nearly certain beforehand count for less than one."""
    said, meant = _grouped(keys, rows.weight * rows.yes), _grouped(keys, rows.weight * expected)
    weight = _grouped(keys, rows.weight)
    open_ = _grouped(keys, rows.weight * expected * (1 - expected))
    found = {}
    for key in dict.fromkeys(keys):
        mean, count = meant[key][0] / weight[key][0], said[key][1]
        counts = open_[key][0] / (mean * (1 - mean))
        after = mean + (said[key][0] - meant[key][0]) / (counts + strength)
        found[key] = (_odds(min(_HIGH, max(_LOW, after))) - _odds(mean), count)
    return found


def _curve(rows: Sequence[Answer], said: Said) -> tuple[float, ...]:
    """The share of such answers that have come by each twentieth of the time, smoothed by one at each."""
    ticks = np.ones(_TICKS)
    for row in rows:
        if row.said == said and row.waited <= 1:
            ticks[min(_TICKS - 1, max(0, int(row.waited * _TICKS)))] += 1
    return (0.0, *np.cumsum(ticks / ticks.sum()).tolist()[:-1], 1.0)


def _at(curve: Sequence[float], waited: float) -> float:
    return float(np.interp(waited, np.linspace(0, 1, len(curve)), curve))


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))


def _log(p: Floats) -> Floats:
    bounded = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(bounded / (1 - bounded)))


def _odds(chance: float) -> float:
    bounded = min(1 - 1e-6, max(1e-6, chance))
    return math.log(bounded / (1 - bounded))


def _bounded(chance: float) -> float:
    return min(_HIGH, max(_LOW, chance))
