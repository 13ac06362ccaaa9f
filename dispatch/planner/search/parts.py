"""Whole numbers in parts: events that lie together, and the people who mostly serve there.

Lines that the relaxation takes whole stay, but for events in which it takes any line in part or against a rule. What
is left falls into parts: a part's people choose among its needs, beside their lines that stay; nobody chooses in two
parts, so the answers fit together. Each part is a program of its own and may be solved by another process, on any
machine (``python -m dispatch.planner part``). The bound is the relaxation's and asks nothing of the parts.
"""

import io
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.planner.search.areas import areas, homes
from dispatch.planner.search.columns import LITTLE
from dispatch.planner.search.formulation import Ground, Trade, formulate
from dispatch.planner.search.prices import Priced
from dispatch.planner.search.program import Program, Rows, highs
from dispatch.planner.tables import Flags, Ints

EVENTS = 700  # of a part, about
TORN = 10.0  # a person is at home where things are torn rather than where lines stay


@dataclass(frozen=True, slots=True)
class Part:
    """``program``: its first columns are the candidates ``rows`` (numbers that only the asker knows), of which those in
    ``own`` are to choose; all others stay."""

    program: Program
    rows: Ints
    own: Flags


def parts(ground: Ground, priced: Priced) -> tuple[Ints, list[Part]]:
    """The candidates that stay, and the parts."""
    tables, rows = ground.tables, priced.rows
    person, need = ground.pairs.person[rows], ground.pairs.need[rows]
    event = tables.needs.event[need]
    torn = np.zeros(len(tables.problem.events), np.bool_)
    loose = np.isin(person, priced.loose)
    torn[event[(priced.mass > LITTLE) & ((priced.mass < 1 - LITTLE) | loose)]] = True
    stays = (priced.mass >= 1 - LITTLE) & ~torn[event]
    area = areas(tables, max(1, round(len(torn) / EVENTS)))
    part = area[event]
    home = _homes(ground, priced, part, torn[event])
    made = []
    for number in range(int(area.max(initial=0)) + 1):
        here, mine = part == number, home[person] == number
        chosen = np.flatnonzero((here & mine) | (stays & (here | mine)))
        if not (here & mine & ~stays).any():
            continue
        needs = area[tables.needs.event] == number
        nothing = np.zeros(len(needs), np.int64)
        form = formulate(ground, rows[chosen], trade=Trade(needs, nothing, nothing))
        program = form.program.fixed(np.flatnonzero(stays[chosen]))
        made.append(Part(program, rows[chosen], ~stays[chosen]))
    return rows[stays], made


def solved(part: Part, *, gap: float, seconds: float, seed: int) -> Ints | None:
    """What the part chooses; none when no answer came in time."""
    answer = highs(part.program, hint=None, gap=gap, seconds=seconds, seed=seed)
    if answer.x is None:
        return None
    return part.rows[(answer.x[: len(part.rows)] > 0.5) & part.own]


def written(part: Part) -> bytes:
    """The part as bytes for another process."""
    rows, program = part.program.rows, part.program
    packed = io.BytesIO()
    names = np.array([each.name for each in rows])
    sizes = np.array([[len(each.low), len(each.row)] for each in rows], np.int64)
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in rows])
        for name in ("row", "column", "weight", "low", "high")
    }
    mine: dict[str, Any] = {
        "rows": part.rows,
        "own": part.own,
        "worth": program.worth,
        "most": program.high,
        "whole": program.whole,
    }
    np.savez_compressed(packed, allow_pickle=False, names=names, sizes=sizes, **columns, **mine)
    return packed.getvalue()


def read(data: bytes) -> Part:
    """The part in these bytes. Raises ``ValueError`` for others."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            part = {name: found[name] for name in found.files}
        rows, low, at = [], 0, 0
        for name, (count, entries) in zip(part["names"].tolist(), part["sizes"].tolist(), strict=True):
            inner, outer = slice(at, at + entries), slice(low, low + count)
            row, column, weight = (part[each][inner] for each in ("row", "column", "weight"))
            rows.append(Rows(name, row, column, weight, part["low"][outer], part["high"][outer]))
            low, at = low + count, at + entries
        program = Program(part["worth"], part["most"], part["whole"], tuple(rows))
        return Part(program, part["rows"], part["own"])
    except (KeyError, OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError("these bytes are no part of a plan") from error


def _homes(ground: Ground, priced: Priced, part: Ints, torn: Flags) -> Ints:
    """Each person's part: where the relaxation uses them most, above all where it tears; else where most is gained."""
    rows = priced.rows
    gain = ground.net[rows] + priced.need[ground.pairs.need[rows]]
    weight = priced.mass * np.where(torn, TORN, 1.0)
    weight = weight + LITTLE * np.maximum(0, gain) / max(1, int(gain.max(initial=1)))
    return homes(ground.pairs.person[rows], part, weight, len(ground.pairs.first) - 1)
