"""``citong bench explain``: how long reasons take over a made-up week, with arrays that are warm.

One hole, read off the plan (who is refused by which rule, who serves elsewhere at what cost); one hole judged anew
against everybody; what would fill it; all holes at once; every choice with who was next; and the need check, a whole
week of slots for needs that anybody, many and few could take. The plan is greedy's: it leaves more holes than the
planner's own, so that there is more to explain.
"""

import gc
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

from dispatch.bench.weeks import week
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import Asked
from dispatch.planner.problem import Event, Held, Problem, Shift, Span
from dispatch.planner.reasons import explain
from dispatch.planner.reasons.outcome import Outcome
from dispatch.planner.reasons.relaxations import Found, relaxations
from dispatch.planner.reasons.slots import Slot, Wish, looked_up
from dispatch.planner.search.greedy import Lines, fill
from dispatch.planner.search.scope import Scope, scoped
from dispatch.planner.tables import tabulate

Figures = dict[str, Any]
T = TypeVar("T")
WARM = 20  # questions asked before any is timed
FILLED = 100  # holes for which a filling is looked for
WISHES = 60


def finished(asked: Problem) -> tuple[Outcome, Scope]:
    """A greedy plan of the problem, ready to be asked."""
    scope = scoped(asked)
    lines = Lines(scope.tables, scope.pairs, scope.far)
    fill(lines, scope.value)
    rows, firm = lines.rows(), scope.tables.held_firm
    person = np.concatenate([scope.tables.held_person[firm], scope.pairs.person[rows]])
    need = np.concatenate([scope.tables.held_need[firm], scope.pairs.need[rows]])
    spare = np.concatenate([scope.firm_spare, scope.pairs.spare[rows]])
    marks = np.arange(len(person)) < int(firm.sum())
    prices = scope.value.top
    args = (scope.tables, scope.pool, scope.pairs, scope.value, scope.far)
    supply = np.diff(scope.judged.first)
    return Outcome(*args, person, need, spare, marks, prices, supply), scope


def measure(size: str, seed: int, say: Callable[[str], None]) -> Figures:
    """Make the week, plan it greedily, ask for its reasons."""
    say("making the week")
    asked = week(size, seed)
    say("planning it greedily")
    started = time.process_time()
    out, scope = finished(asked)
    ready = time.process_time() - started
    numbers = np.flatnonzero(out.count < out.tables.needs.desired).tolist()
    say("asking for reasons")
    judge, filled = Asked(out.tables), Asked(tabulate(open_desk(rostered(out))))
    first = min(asked.shifts, key=lambda shift: shift.start)
    slots = [Slot(_midnight(first) + d * 1440 + h * 60, first.day + d, h * 60) for d in range(7) for h in range(6, 23)]
    return {
        "week": {
            **_counts(asked, size, seed),
            "pairs": len(out.pool.person),
            "lines": len(out.person),
            "holes": len(numbers),
        },
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "ready_seconds": round(ready, 3),
        "one_hole_ms": spread(lambda n: explain.hole(out, n), numbers),
        "one_hole_judged_anew_ms": spread(judge.need, numbers),
        "what_would_fill_it_ms": spread(lambda n: _fills(filled, n), numbers[:FILLED]),
        "need_check_ms": spread(lambda wish: looked_up(filled, wish, slots, slots[0].start - 1440), _wishes(asked)),
        "all_holes_seconds": once(lambda: explain.holes(out)),
        "all_choices_seconds": once(lambda: explain.choices(out)),
        "events_off_seconds": once(lambda: explain.off(out, scope.never)),
    }


def rostered(out: Outcome) -> Problem:
    """The problem with all lines of the plan on its roster."""
    asked = out.tables.problem
    lines = zip(out.person.tolist(), out.need.tolist(), strict=True)
    return replace(asked, roster=tuple(Held(asked.people[p].id, asked.needs[n].id) for p, n in lines))


def _midnight(shift: Shift) -> int:
    """Where the shift's local day begins: the made-up weeks lie in UTC+8."""
    return (shift.day - date(1970, 1, 1).toordinal()) * 1440 - 480


def _fills(asked: Asked, number: int) -> Found:
    problem = asked.tables.problem
    need = problem.needs[number]
    midnight = _midnight(asked.tables.desk.shifts[need.shift])
    return relaxations(problem, need.id, Span(midnight + 360, midnight + 1380), asked)


def _wishes(asked: Problem) -> list[Wish]:
    """Needs as they could be posted: each of the week's kinds of asking, at some venues."""
    kinds = list({(need.asks, need.languages, need.near_minors): need for need in asked.needs}.values())
    event = Event("wish")
    return [
        Wish(replace(need, team=None), event, asked.venues[i * 7 % len(asked.venues)], 120, 30, 15)
        for i, need in enumerate(kinds[:WISHES])
    ]


def _counts(asked: Problem, size: str, seed: int) -> Figures:
    counted = {"people": len(asked.people), "events": len(asked.events), "needs": len(asked.needs)}
    return {"size": size, "seed": seed, **counted}


def spread(ask: Callable[[T], object], questions: Iterable[T]) -> Figures:
    """Milliseconds an answer by the clock: median, 95th and 99th percentile, the longest; and the 95th percentile of
    processor time, which other programs on the machine do not disturb."""
    every = list(questions)
    for one in every[:WARM]:
        ask(one)
    gc.collect()
    gc.freeze()  # as the planner's own process does: nothing of a problem is ever garbage
    wall, busy = [], []
    for one in every:
        started, spent = time.perf_counter(), time.thread_time()
        ask(one)
        busy.append((time.thread_time() - spent) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    if not wall:
        return {"asked": 0, "p50": None, "p95": None, "p99": None, "most": None, "p95_processor": None}
    p50, p95, p99 = (round(float(p), 3) for p in np.percentile(wall, (50, 95, 99)))
    quiet = round(float(np.percentile(busy, 95)), 3)
    return {"asked": len(wall), "p50": p50, "p95": p95, "p99": p99, "most": round(max(wall), 3), "p95_processor": quiet}


def once(ask: Callable[[], object]) -> float:
    """Seconds of processor time."""
    started = time.process_time()
    ask()
    return round(time.process_time() - started, 3)


def show(figures: Figures, console: Console) -> None:
    made = figures["week"]
    title = f"{made['size']}: {made['people']:,} people, {made['needs']:,} needs, {made['pairs']:,} pairs"
    table = Table(title=f"{title}, {made['holes']:,} holes, seed {made['seed']}", title_justify="left")
    for heading in ("", "p50", "p95", "p99", "most", "p95 processor"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, row in figures.items():
        if name.endswith("_ms"):
            cells = [
                f"{row[key]} ms" if row[key] is not None else ""
                for key in ("p50", "p95", "p99", "most", "p95_processor")
            ]
            table.add_row(name.removesuffix("_ms").replace("_", " "), *cells)
    console.print(table)
    for name, value in figures.items():
        if name.endswith("_seconds"):
            console.print(f"{name.removesuffix('_seconds').replace('_', ' ')}: {value:.3f} s")


def main(size: str = "L", seed: int = 1, *, as_json: bool = False) -> None:
    """Time the reasons of a made-up week: S, M, L or XL."""
    errors = Console(stderr=True)
    with errors.status("making the week") as status:
        figures = measure(size, seed, status.update)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures, Console())


if __name__ == "__main__":
    import typer

    typer.run(main)
