"""Needs of one team that cannot all be staffed: its members cannot be in two places.

A linear program would send half of a team to each; knowing the rivals, it does not. What is said here follows from the
candidates alone, so every plan obeys it.
"""

from dataclasses import dataclass

import numpy as np

from dispatch.planner.candidates import Candidates, stopped
from dispatch.planner.tables import Flags, Floats, Ints, Tables


@dataclass(frozen=True, slots=True)
class Rivals:
    """Groups of needs: of each group at most ``most`` go. One row a need and group, groups numbered from 0."""

    group: Ints
    need: Ints
    most: Ints


def rivals(tables: Tables, pairs: Candidates, far: Floats) -> Rivals:
    """Of each team, needs of which no two can be staffed together; and needs of which no member can serve on two, as
    many as the members are enough for."""
    needs = tables.needs
    lack = needs.cast - needs.firm
    free = np.flatnonzero((needs.cast > 0) & (lack > 0))
    numbers = {team: i for i, team in enumerate(dict.fromkeys(n.team for n in tables.problem.needs))}
    team = np.array([numbers[tables.problem.needs[n].team] for n in free.tolist()], np.int64)
    mine = np.flatnonzero(np.isin(pairs.need, free))
    rows = mine[np.argsort(pairs.need[mine], kind="stable")]
    cuts = np.searchsorted(pairs.need[rows], np.arange(len(needs.cast) + 1))
    found: list[tuple[Ints, int]] = []
    for number in np.flatnonzero(np.bincount(team) > 1).tolist():
        shows = free[team == number]
        crews = [rows[cuts[n] : cuts[n + 1]] for n in shows]
        against, apart = _met(tables, pairs, far, lack[shows], crews)
        found += [(shows[clique], 1) for clique in _cliques(against)]
        for clique in _cliques(apart):
            crew = np.unique(np.concatenate([pairs.person[crews[i]] for i in clique]))
            most = int(np.searchsorted(np.cumsum(np.sort(lack[shows[clique]])), len(crew), side="right"))
            known = most == 1 and len(clique) == 2 and bool(against[clique[0], clique[1]])
            if most < len(clique) and not known:
                found.append((shows[clique], most))
    return Rivals(
        np.repeat(np.arange(len(found)), [len(clique) for clique, _ in found]).astype(np.int64),
        np.concatenate([np.zeros(0, np.int64), *(clique for clique, _ in found)]),
        np.array([most for _, most in found], np.int64),
    )


def _met(tables: Tables, pairs: Candidates, far: Floats, lack: Ints, crews: list[Ints]) -> tuple[Flags, Flags]:
    """Which two of a team's needs cannot both have their cast, whoever goes where; and on which two nobody can serve
    both."""
    against = np.zeros((len(crews), len(crews)), np.bool_)
    apart = against.copy()
    for i, mine in enumerate(crews):
        for j in range(i):
            theirs = crews[j]
            _, here, there = np.intersect1d(
                pairs.person[mine], pairs.person[theirs], assume_unique=True, return_indices=True
            )
            able = int((~stopped(tables, pairs, far, mine[here], theirs[there])).sum())
            against[i, j] = against[j, i] = lack[i] + lack[j] > len(mine) + len(theirs) - len(here) + able
            apart[i, j] = apart[j, i] = not able
    return against, apart


def _cliques(edges: Flags) -> list[list[int]]:
    """Cliques, found greedily, that cover every edge."""
    left = edges.copy()
    found = []
    for i, j in np.argwhere(np.triu(edges)).tolist():
        if left[i, j]:
            clique = [i, j]
            for k in range(len(edges)):
                if k not in clique and edges[k, clique].all():
                    clique.append(k)
            left[np.ix_(clique, clique)] = False
            found.append(clique)
    return found
