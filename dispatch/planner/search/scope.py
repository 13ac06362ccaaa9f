"""What is known before anything is chosen: the rules' verdicts, the candidates, what each choice adds to the score."""

from dataclasses import dataclass

import numpy as np

from dispatch.planner import goals
from dispatch.planner.candidates import Candidates, candidates
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import Eligible, Judged, judge
from dispatch.planner.plan import Reason
from dispatch.planner.problem import Problem
from dispatch.planner.search.columns import nets
from dispatch.planner.search.formulation import Ground
from dispatch.planner.search.reserve import parted
from dispatch.planner.search.rivals import rivals
from dispatch.planner.search.sides import closed
from dispatch.planner.tables import Flags, Floats, Ints, Tables, tabulate


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything about the problem that solving reads. ``pool``: of very many pairs the best of each need, all others
    stay ``judged``; ``could``: people who could be added to each need. ``base``: the score of the firm lines alone."""

    tables: Tables
    judged: Judged
    pool: Eligible
    could: Ints
    open_needs: Flags
    never: dict[int, Reason]
    pairs: Candidates
    value: goals.Seats
    ground: Ground
    firm_spare: Ints
    base: int

    @property
    def far(self) -> Floats:
        return self.tables.roads


def scoped(problem: Problem) -> Scope:
    """What is known before anything is chosen."""
    tables = tabulate(open_desk(problem))
    judged = judge(tables)
    firmly = tables.held_firm
    fit = judged.found(tables.held_person[firmly], tables.held_need[firmly])
    could = np.diff(judged.first) - np.bincount(
        np.searchsorted(judged.first, fit, side="right") - 1, minlength=len(problem.needs)
    )
    open_needs, never = closed(tables, could)
    pool, reserve = parted(tables, judged, open_needs)
    pairs = candidates(tables, pool, open_needs)
    value = goals.seats(tables)
    ground = Ground(tables, value, open_needs, pairs, nets(tables, pairs), rivals(tables, pairs, tables.roads), reserve)
    spare = _firm_spare(tables)
    base = goals.parts(tables, tables.held_person[firmly], tables.held_need[firmly], spare)
    return Scope(tables, judged, pool, could, open_needs, never, pairs, value, ground, spare, sum(base.values()))


def worth_of(scope: Scope, rows: Ints) -> int:
    return sum(score_of(scope, rows).values()) - scope.base


def score_of(scope: Scope, rows: Ints) -> dict[str, int]:
    return goals.parts(scope.tables, *lines_of(scope, rows))


def lines_of(scope: Scope, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Firm lines, then the chosen candidates: person, need, spare levels."""
    tables, pairs = scope.tables, scope.pairs
    firm = tables.held_firm
    return (
        np.concatenate([tables.held_person[firm], pairs.person[rows]]),
        np.concatenate([tables.held_need[firm], pairs.need[rows]]),
        np.concatenate([scope.firm_spare, pairs.spare[rows]]),
    )


def _firm_spare(tables: Tables) -> Ints:
    """Levels above what is asked, for the firm lines; a hold that has ended counts nothing."""
    problem, spare = tables.problem, []
    for held in problem.roster:
        if held.firm:
            need, person = tables.desk.needs[held.need], tables.desk.people[held.person]
            end = tables.desk.shifts[need.shift].end
            valid = [h for h in person.holds if h.until is None or h.until >= end]
            levels = (max((h.level for h in valid if h.skill == a.skill), default=0) - a.level for a in need.asks)
            spare.append(sum(max(0, level) for level in levels))
    return np.array(spare, np.int64)
