"""Lazy rows: stated only for people whose lines broke them in an earlier answer.

Most rows that bind one person alone never bind. A relaxation without them is solved sooner, its worth is a bound all
the same, and what it breaks is stated the next time.
"""

from dataclasses import replace

import numpy as np

from dispatch.planner.search.program import Answer, Program, Rows, linear
from dispatch.planner.tables import Flags, Floats, Ints

Stated = dict[str, Ints]  # by the name of the rows: the people for whom they stand
BROKEN = 1e-6


def relaxed(program: Program, stated: Stated, *, seconds: float) -> tuple[Answer, Stated]:
    """The linear relaxation with the lazy rows that are stated, and those that its answer breaks. Rows that are not
    stated have the price nothing."""
    kept = [_kept(rows, stated) for rows in program.rows]
    some = tuple(_only(rows, flags) for rows, flags in zip(program.rows, kept, strict=True))
    answer = linear(replace(program, rows=some), seconds=seconds)
    if answer.x is None:
        return answer, {}
    duals = {}
    for rows, flags in zip(program.rows, kept, strict=True):
        duals[rows.name] = np.zeros(len(rows.low))
        duals[rows.name][flags] = answer.duals[rows.name]
    return replace(answer, duals=duals), _broken(program, answer.x)


def joined(one: Stated, other: Stated) -> Stated:
    """Both."""
    none = np.zeros(0, np.int64)
    return {name: np.union1d(one.get(name, none), other.get(name, none)) for name in one | other}


def _kept(rows: Rows, stated: Stated) -> Flags:
    if rows.owner is None or not rows.lazy:
        return np.ones(len(rows.low), np.bool_)
    return np.isin(rows.owner, stated.get(rows.name, ()))


def _only(rows: Rows, kept: Flags) -> Rows:
    if kept.all():
        return rows
    number, entry = np.cumsum(kept) - 1, kept[rows.row]
    owner = None if rows.owner is None else rows.owner[kept]
    limits = rows.low[kept], rows.high[kept]
    return Rows(rows.name, number[rows.row[entry]], rows.column[entry], rows.weight[entry], *limits, owner)


def _broken(program: Program, x: Floats) -> Stated:
    found: Stated = {}
    for rows in program.rows:
        if rows.owner is None or not rows.lazy:
            continue
        over = np.bincount(rows.row, rows.weight * x[rows.column], len(rows.low)) > rows.high + BROKEN
        if over.any():
            found[rows.name] = np.unique(rows.owner[over])
    return found
