"""Better plans from a plan: some people's lines are taken back and given anew, exactly, while all others stay.

Large neighbourhood search (Shaw 1998). Where people cost something at all, one of them is to be spared: equal choices
are decided so that that one's lines go to others. How many people choose anew follows from how many could be asked
exactly until now.
"""

from collections.abc import Callable

import numpy as np

from dispatch.planner import goals
from dispatch.planner.search.ceiling import fullest
from dispatch.planner.search.formulation import formulate
from dispatch.planner.search.program import Program, cp_sat, highs
from dispatch.planner.search.scope import Scope, worth_of
from dispatch.planner.tables import Flags, Ints

WORK, NODES = 1.0, 300  # of one neighbourhood: deterministic seconds, where people cost; nodes, where they do not
FIRST, FEWEST = 4.0, 2.0  # people who choose anew
GROWS, SHRINKS = 1.05, 0.8
KEEN = 4.0  # whoever could take one wanted line is asked so much sooner
IDLE = 0.8  # how often only those are spared whom the fullest moment does not use
TASTES = 4  # kinds of people, when equal choices are decided
SAFE = 1e12  # worths that a solver still tells apart
PATIENCE = 400  # neighbourhoods in a row that find nothing


def bettered(scope: Scope, rows: Ints, *, enough: int, seed: int, left: Callable[[], float]) -> Ints:
    """The best rows found from these until they add ``enough``, time ends, nothing more is found or everybody was asked
    at once."""
    chance, everybody = np.random.default_rng(seed), np.diff(scope.pairs.first) > 0
    size, idle, worth = FIRST, 0, worth_of(scope, rows)
    _, moment = fullest(scope)
    while worth < enough and idle < PATIENCE and left() > 0:
        target = _target(scope, rows, moment, chance)
        people = _people(scope, rows, target, round(size), chance)
        found, exact = _anew(scope, rows, people, target, chance, seed, left())
        size = size * GROWS if exact else max(size * SHRINKS, FEWEST)
        gained = worth_of(scope, found) - worth
        idle = 0 if gained > 0 else idle + 1
        if gained >= 0:
            rows, worth = found, worth + gained
        if exact and people[everybody].all():
            break
    return rows


def _target(scope: Scope, rows: Ints, moment: int, chance: np.random.Generator) -> int:
    """Somebody to be spared, of people who cost; -1 = nobody does. Those whom the fullest moment does not use are the
    likeliest, since it wants all others; of them, those with few lines."""
    need, person = scope.pairs.need[rows], scope.pairs.person[rows]
    used, count = np.unique(person, return_counts=True)
    costs = goals.uses(scope.tables)[used] > 0
    if not costs.any():
        return -1
    used, count = used[costs], count[costs]
    needs = scope.tables.needs
    idle = ~np.isin(used, person[(needs.start[need] <= moment) & (moment < needs.end[need])])
    if idle.any() and chance.random() < IDLE:
        used, count = used[idle], count[idle]
    order = np.lexsort((chance.random(len(used)), count))
    return int(used[order[int(chance.integers(1 + len(order) // 4))]])


def _people(scope: Scope, rows: Ints, target: int, count: int, chance: np.random.Generator) -> Flags:
    """Who chooses anew: the target, and rather those who could take its lines or a free seat, and serve already."""
    pairs = scope.pairs
    wanted = _free(scope, rows)
    wanted[pairs.need[rows[pairs.person[rows] == target]]] = True
    everybody = len(pairs.first) - 1
    able = np.bincount(pairs.person[wanted[pairs.need]], minlength=everybody) > 0
    serves = np.bincount(pairs.person[rows], minlength=everybody) > 0
    weight = (np.diff(pairs.first) > 0) * np.where(able, KEEN, 1.0) * np.where(serves, KEEN, 1.0)
    rank = np.log(chance.random(everybody)) / np.maximum(weight, 1e-9)  # weighted, without replacement
    chosen = np.zeros(everybody, np.bool_)
    chosen[np.argsort(-rank, kind="stable")[:count]] = True
    if target >= 0:
        chosen[target] = True
    return chosen


def _free(scope: Scope, rows: Ints) -> Flags:
    """Needs with a free seat."""
    needs = scope.tables.needs
    taken = needs.firm + np.bincount(scope.pairs.need[rows], minlength=len(needs.cap))
    free: Flags = scope.open_needs & (taken < needs.cap)
    return free


def _anew(
    scope: Scope, rows: Ints, people: Flags, target: int, chance: np.random.Generator, seed: int, seconds: float
) -> tuple[Ints, bool]:
    """The best choice for these people beside everybody else's lines, and whether it is known to be the best."""
    pairs = scope.pairs
    stay = rows[~people[pairs.person[rows]]]
    some = np.flatnonzero(people[pairs.person] & _free(scope, stay)[pairs.need])
    columns = np.union1d(stay, some)
    program = formulate(scope.ground, columns, exact=True).program.fixed(np.searchsorted(columns, stay))
    hint = np.isin(columns, rows).astype(np.float64)
    if target >= 0:
        program = _tasted(program, pairs.person[columns], target, chance)
        answer = cp_sat(program, hint=hint, gap=0.0, seconds=seconds, work=WORK, seed=seed)
    else:
        answer = highs(program, hint=hint, gap=0.0, seconds=seconds, seed=seed, nodes=NODES)
    if answer.x is None:
        return rows, False
    return columns[answer.x[: len(columns)] > 0.5], answer.optimal


def _tasted(program: Program, person: Ints, target: int, chance: np.random.Generator) -> Program:
    """The program in which, everything else equal, the target serves least and the others by chance more or less."""
    taste = chance.integers(1, TASTES, int(person.max(initial=target)) + 1)
    taste[target] = 0
    worth = program.worth * (TASTES * len(person))
    worth[: len(person)] += taste[person]
    if np.abs(worth).max() > SAFE:
        return program
    return Program(worth, program.high, program.whole, program.rows)
