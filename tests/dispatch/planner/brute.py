"""Every legal plan of a tiny problem, by the referee alone: what a planner must not be better than, nor worse."""

from collections.abc import Iterator
from itertools import product

from dispatch.planner import check
from dispatch.planner.plan import Plan
from dispatch.planner.problem import Problem
from tests.dispatch.planner.tiny import plan

Pairs = tuple[tuple[str, str], ...]
LATER = {"leader", "quorum", "cast", "mentor"}  # rules that a further line can mend; all others stay broken


def plans(problem: Problem) -> Iterator[Plan]:
    """All plans without violations that send to no need more than it wishes (or already has)."""
    grown = _grown(problem, firm_lines(problem), fit_pairs(problem))
    yield from (made for lines in grown if not check.violations(problem, made := plan(*lines)))


def firm_lines(problem: Problem) -> Pairs:
    return tuple((held.person, held.need) for held in problem.roster if held.firm)


def fit_pairs(problem: Problem) -> Pairs:
    """Those who could be added to the firm lines, were it not for events that want more people."""
    firm = firm_lines(problem)
    every = product((who.id for who in problem.people), (need.id for need in problem.needs))
    return tuple(pair for pair in every if pair not in firm and not _spoilt(problem, (*firm, pair)))


def caps(problem: Problem) -> dict[str, int]:
    """How many may be sent to each need: as many as it wishes, or has already."""
    firm = [what for _, what in firm_lines(problem)]
    return {need.id: max(need.desired, firm.count(need.id)) for need in problem.needs}


def _grown(problem: Problem, lines: Pairs, rest: Pairs) -> Iterator[Pairs]:
    yield lines
    most = caps(problem)
    for place, pair in enumerate(rest):
        more = (*lines, pair)
        if sum(what == pair[1] for _, what in more) <= most[pair[1]] and not _spoilt(problem, more):
            yield from _grown(problem, more, rest[place + 1 :])


def _spoilt(problem: Problem, lines: Pairs) -> bool:
    return any(broken.rule not in LATER for broken in check.violations(problem, plan(*lines)))
