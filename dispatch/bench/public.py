"""``citong bench public``: instances that others published, by the real planner process, beside their best values.

The files are not shipped; ``--instances`` names a folder of them: generalised assignment as OR-Library has it
(``knapsacks``) and personnel task scheduling as in the shift minimisation sets (``tasks``). ``best_known.csv`` has
names and numbers only: the best value known, the best bound known (empty = none), and where both were read:
OR-Library's note on its files; the table of the public repository ``generalizedassignmentsolver``, which gathers
papers; the results of the public repository ``SMPTSP``. ``gap1:3`` is the third instance of a file ``gap1``, whose
values are profits.
"""

import csv
import fnmatch
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from dispatch.bench import knapsacks, rivals, tasks
from dispatch.bench.plan import NoPlanError, judged, planned
from dispatch.planner import check

Figures = dict[str, Any]
Posed = knapsacks.Posed | tasks.Posed
KNOWN: Final = Path(__file__).with_name("best_known.csv")
PROFITS: Final = frozenset(f"gap{number}" for number in range(1, 13))
LARGEST_FILE: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Known:
    """``best``: the best value that anybody reported; ``bound``: nobody can do better. Equal = the optimum."""

    sense: str
    best: int | None
    bound: int | None
    source: str

    @property
    def optimum(self) -> int | None:
        return self.best if self.best == self.bound else None


def known() -> dict[str, Known]:
    """The table by the names of instances."""
    with KNOWN.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Known(row["sense"], _number(row["best"]), _number(row["bound"]), row["source"])
            for row in csv.DictReader(file)
        }


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


@dataclass(frozen=True, slots=True)
class Found:
    """An instance of the folder. ``sign``: -1 when the values of its file are profits."""

    name: str
    sign: int
    posed: Callable[[], Posed]


def instances(folder: Path) -> Iterator[Found]:
    """All instances in the folder and below, by name. Files of other kinds are passed over."""
    for path in sorted(folder.rglob("*"), key=_in_order):
        if path.is_file() and path.suffix in ("", ".txt", ".dat") and path.stat().st_size <= LARGEST_FILE:
            yield from _of(path)


def _in_order(path: Path) -> list[tuple[int, str]]:
    return [(int(word), "") if word.isdigit() else (0, word) for word in re.split(r"(\d+)", str(path))]


def _of(path: Path) -> Iterator[Found]:
    text, name = path.read_text(encoding="utf-8", errors="replace"), path.stem
    if re.search(r"^Jobs\s*=", text, re.MULTILINE):
        task = tasks.read(name, text)
        yield Found(name, 1, lambda: tasks.posed(task))
    elif re.fullmatch(r"[\d\s-]+", text):
        several = len(knapsacks.read(name, text)) > 1
        most = several and name in PROFITS
        for one in knapsacks.read(name, text, most=most):
            yield Found(one.name, -1 if most else 1, lambda one=one: knapsacks.posed(one))  # type: ignore[misc]


def measured(found: Found, best: Known | None, *, seconds: float, seed: int, memory: int) -> Figures:
    """One instance through the planner process: its value and bound in the instance's terms, greedy beside it. A run
    that ends without a plan says why under ``failed``."""
    posed, sign = found.posed(), found.sign
    row: Figures = {
        "name": found.name,
        "sense": "min" if sign > 0 else "max",
        "people": len(posed.problem.people),
        "needs": len(posed.problem.needs),
        **dict.fromkeys(("value", "bound", "greedy", "seconds", "peak_mb", "failed")),
        "proven": False,
        "best": best.best if best else None,
        "best_bound": best.bound if best else None,
        "optimum": best.optimum if best else None,
        "met": False if best and best.optimum is not None else None,
        "sound": True,
    }
    try:
        plan, run = planned(posed.problem, seconds=seconds, gap=0.0, seed=seed, memory=memory, say=lambda _: None)
    except NoPlanError as error:
        return row | {"failed": str(error)}
    own, bound = posed.value(plan), sign * posed.cost(plan.bound)
    value = None if own is None else sign * own
    broken = judged(posed.problem, plan, plan.bound)["violations"]
    return row | {
        "value": value,
        "bound": bound,
        "proven": value is not None and value == bound,
        "greedy": _greedy(posed, sign, plan.mandatory),
        "met": None if row["optimum"] is None else value == row["optimum"],
        "sound": broken == 0 and _sound(best, sign, own, bound),
        "seconds": run["seconds"],
        "peak_mb": run["peak_mb"],
    }


def _greedy(posed: Posed, sign: int, mandatory: int) -> int | None:
    """The value of a greedy filling, if it leaves nothing out."""
    outcome = rivals.greedy(rivals.survey(posed.problem))
    if outcome.plan is None or check.filled(posed.problem, outcome.plan) < mandatory:
        return None
    return sign * posed.cost(check.score(posed.problem, outcome.plan)["total"])


def _sound(best: Known | None, sign: int, value: int | None, bound: int) -> bool:
    """Neither our value nor our bound contradicts what is known: no bound cuts off a value that somebody has."""
    if best is None:
        return True
    honest = best.best is None or sign * best.best >= sign * bound
    return honest and (best.bound is None or value is None or value >= sign * best.bound)


def summary(rows: Sequence[Figures]) -> Figures:
    """How many of the known optima were met, and how many proven."""
    optima = [row for row in rows if row["optimum"] is not None]
    return {
        "instances": len(rows),
        "known_optima": len(optima),
        "met": sum(row["met"] for row in optima),
        "met_and_proven": sum(row["met"] and row["proven"] for row in optima),
        "proven": sum(row["proven"] for row in rows),
        "better_than_known": sum(row["best"] is not None and row["value"] is not None and _better(row) for row in rows),
        "unsound": sum(not row["sound"] for row in rows),
        "failed": sum(row["failed"] is not None for row in rows),
        "seconds": round(sum(row["seconds"] or 0.0 for row in rows), 1),
    }


def _better(row: Figures) -> bool:
    return bool(row["value"] < row["best"] if row["sense"] == "min" else row["value"] > row["best"])


def measure(
    folder: Path, *, only: str, seconds: float, seed: int, memory: int, say: Callable[[str, Figures | None], None]
) -> Figures:
    """All instances of the folder whose names match ``only`` (a pattern like ``gap*``)."""
    table, rows = known(), []
    for found in instances(folder):
        if not fnmatch.fnmatchcase(found.name, only):
            continue
        say(found.name, None)
        row = measured(found, table.get(found.name), seconds=seconds, seed=seed, memory=memory)
        rows.append(row)
        say(found.name, row)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    limits = {"seconds": seconds, "seed": seed, "memory": memory}
    return {"instances": rows, "summary": summary(rows), "limits": limits, "machine": machine}


# What people read


def show(figures: Figures, console: Console) -> None:
    table = Table(title="Public instances", title_justify="left")
    for heading in ("", "size", "value", "bound", "greedy", "best known", "", "seconds"):
        table.add_column(heading, justify="left" if not heading else "right")
    for row in figures["instances"]:
        cells = (row[name] for name in ("value", "bound", "greedy", "best"))
        size = f"{row['people']} × {row['needs']}"
        table.add_row(row["name"], size, *map(_cell, cells), _verdict(row), f"{row['seconds'] or 0:.1f}")
    console.print(table)
    told = figures["summary"]
    console.print(
        f"{told['instances']} instances: {told['met']} of {told['known_optima']} known optima met, "
        f"{told['met_and_proven']} of them proven; {told['proven']} proven in all, {told['seconds']} s"
    )


def _cell(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _verdict(row: Figures) -> str:
    if not row["sound"]:
        return "WRONG"
    if row["failed"]:
        return "no plan"
    proven = "proven" if row["proven"] else ""
    return f"optimum {proven}".strip() if row["met"] else proven or "open"


def main(
    folder: Path, only: str = "*", seconds: float = 60.0, seed: int = 1, memory: int = 4096, *, as_json: bool = False
) -> None:
    errors = Console(stderr=True)
    with errors.status("reading") as status:

        def say(name: str, row: Figures | None) -> None:
            status.update(name)
            if row is not None:
                errors.print(f"{name}: {_cell(row['value'])}, bound {_cell(row['bound'])} {_verdict(row)}")

        figures = measure(folder, only=only, seconds=seconds, seed=seed, memory=memory, say=say)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures, Console())
