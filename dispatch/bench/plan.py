"""``citong bench plan``: one made-up week through the real planner process, and its rivals beside it in the same run.

Figures: score, bound and proven gap, mandatory seats filled, seconds by stage, peak memory of the planner process; for
each rival the same as far as it has them, and the gap left to the planner's bound. The referee judges every plan.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dispatch.bench import rivals
from dispatch.bench.weeks import week
from dispatch.planner import check, problem
from dispatch.planner.plan import Plan
from dispatch.planner.plan import read as read_plan
from dispatch.planner.problem import Problem

Figures = dict[str, Any]
Say = Callable[[Figures], None]


class NoPlanError(RuntimeError):
    """The planner process ended without a plan; carries its exit code and its last line."""


def measure(
    size: str, seed: int, *, seconds: float, gap: float, against: tuple[str, ...] = (), memory: int = 4096, say: Say
) -> Figures:
    """Make the week, plan it in a process of its own, then let the rivals ``against`` (``naive``, ``whole``) try as
    long; greedy always runs. ``say`` gets the planner's progress lines. Raises :class:`NoPlanError`."""
    started = time.perf_counter()
    asked = week(size, seed)
    made = time.perf_counter() - started
    plan, planner = planned(asked, seconds=seconds, gap=gap, seed=seed, memory=memory, say=say)
    planner |= judged(asked, plan, plan.bound) | {"agrees": check.score(asked, plan)["total"] == plan.score}
    planner |= {"status": plan.status, "bound": plan.bound, "mandatory": plan.mandatory, "most": plan.most}
    begun = time.process_time()
    field = rivals.survey(asked)
    surveyed = time.process_time() - begun
    ways: dict[str, Callable[[], rivals.Outcome]] = {
        "greedy": lambda: rivals.greedy(field),
        "whole": lambda: rivals.whole(field, seconds=seconds, gap=gap),
        "naive": lambda: rivals.naive(field, seconds=seconds, gap=gap),
    }
    found: Figures = {"planner": planner}
    for name in ("greedy", *(name for name in ways if name in against)):
        begun = time.process_time()
        outcome = ways[name]()
        spent = surveyed + time.process_time() - begun
        found[name] = _rival(asked, plan.bound, outcome, field) | {"processor_seconds": round(spent, 3)}
    return {
        "week": {**_counts(asked), "pairs": len(field.pairs), "size": size, "seed": seed, "seconds": round(made, 3)},
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        **found,
        "ratios": ratios(found),
    }


def planned(asked: Problem, *, seconds: float, gap: float, seed: int, memory: int, say: Say) -> tuple[Plan, Figures]:
    """The plan of a real ``python -m dispatch.planner`` and what its last line says. Raises :class:`NoPlanError`."""
    words = [f"--seconds={seconds}", f"--gap={gap}", f"--seed={seed}", f"--memory={memory}", f"--parent={os.getpid()}"]
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "problem.json"), Path(folder, "plan.json")
        question.write_bytes(problem.write(asked))
        started = time.perf_counter()
        with question.open("rb") as stdin, answer.open("wb") as stdout:
            command = [sys.executable, "-m", "dispatch.planner", *words]
            process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True)
            last = _follow(process, say)
        wall = time.perf_counter() - started
        if process.returncode:
            raise NoPlanError(f"the planner ended with {process.returncode}: {last}")
        plan = read_plan(answer.read_bytes())
    load, spent = last["stages"]["load"], sum(last["processor"].values())
    return plan, {
        "seconds": round(wall, 3),
        "besides_loading_seconds": round(last["seconds"] - load, 3),
        "processor_seconds": round(spent, 3),
        "processor_besides_loading_seconds": round(spent - last["processor"]["load"], 3),
        **{name: last[name] for name in ("stages", "processor", "peak_mb")},
    }


def _follow(process: subprocess.Popen[str], say: Say) -> Figures:
    """Hand on the progress lines until the process ends; the last one."""
    last: Figures = {}
    with process:
        for line in process.stderr or ():
            if line.startswith("{"):
                last = json.loads(line)
                say(last)
            else:
                sys.stderr.write(line)
    return last


def judged(asked: Problem, plan: Plan, bound: int) -> Figures:
    """What the referee says of a plan, and how far it stays below the bound."""
    score = check.score(asked, plan)["total"]
    return {
        "score": score,
        "gap": max(0.0, (bound - score) / max(1, abs(bound))),
        "filled": check.filled(asked, plan),
        "lines": len(plan.choices),
        "violations": len(check.violations(asked, plan)),
        "kept": len(check.kept(asked, plan)),
    }


def _rival(asked: Problem, bound: int, outcome: rivals.Outcome, field: rivals.Field) -> Figures:
    seconds = field.seconds + outcome.build_seconds + outcome.solve_seconds
    stages = {"survey": field.seconds, "build": outcome.build_seconds, "solve": outcome.solve_seconds}
    figures: Figures = {
        "seconds": round(seconds, 3),
        "stages": {stage: round(spent, 3) for stage, spent in stages.items()},
        "bound": outcome.bound,
    }
    return figures | (judged(asked, outcome.plan, bound) if outcome.plan else {"score": None, "gap": None})


def ratios(found: Figures) -> Figures:
    """Each rival against the planner: time times, the processor's time times (both without loading solvers), gap times
    (to the planner's bound)."""
    planner = found["planner"]
    return {
        name: {
            "time": round(figures["seconds"] / planner["besides_loading_seconds"], 2),
            "processor": round(figures["processor_seconds"] / planner["processor_besides_loading_seconds"], 2),
            "gap": None if not figures["gap"] or not planner["gap"] else round(figures["gap"] / planner["gap"], 1),
        }
        for name, figures in found.items()
        if name != "planner"
    }


def _counts(asked: Problem) -> Figures:
    return {
        "people": len(asked.people),
        "events": len(asked.events),
        "needs": len(asked.needs),
        "seats": sum(need.desired for need in asked.needs),
        "mandatory": sum(need.min for need in asked.needs),
    }


# What people read


def show(figures: Figures, console: Console) -> None:
    """The figures as a table, a row a contestant, then the planner's stages."""
    made = figures["week"]
    title = f"{made['size']}: {made['people']:,} people, {made['events']:,} events, {made['seats']:,} seats"
    table = Table(title=f"{title}, {made['pairs']:,} pairs, seed {made['seed']}", title_justify="left")
    for heading in ("", "score", "gap to bound", "mandatory filled", "seconds", "peak MB", "rules broken"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in ("planner", "greedy", "whole", "naive"):
        if name in figures:
            table.add_row(name, *_cells(figures[name], made["mandatory"]))
    console.print(table)
    planner = figures["planner"]
    console.print(f"{planner['status']}, bound {planner['bound']:,}, at most {planner['most']:,} mandatory seats")
    console.print("  ".join(f"{stage} {spent:.2f} s" for stage, spent in planner["stages"].items()))
    console.print(
        f"besides loading the solvers {planner['besides_loading_seconds']:.2f} s, "
        f"{planner['processor_besides_loading_seconds']:.2f} s of the processor"
    )


def _cells(row: Figures, mandatory: int) -> tuple[str, ...]:
    if row["score"] is None:
        return ("no plan", "", "", f"{row['seconds']:.2f}", "", "")
    return (
        f"{row['score']:,}",
        f"{row['gap']:.3%}",
        f"{row['filled']:,} / {mandatory:,}",
        f"{row['seconds']:.2f}",
        f"{row['peak_mb']:,.0f}" if "peak_mb" in row else "",
        str(row["violations"]),
    )


def main(
    size: str = "M",
    seed: int = 1,
    seconds: float = 120.0,
    gap: float = 0.001,
    *,
    naive: bool = False,
    whole: bool = False,
    memory: int = 4096,
    as_json: bool = False,
) -> None:
    """Plan a made-up week and compare: S, M, L or XL."""
    errors = Console(stderr=True)
    against = tuple(name for name, wanted in (("naive", naive), ("whole", whole)) if wanted)
    with errors.status("making the week") as status:

        def say(line: Figures) -> None:
            status.update(
                f"{line.get('stage')} {line.get('done', 1):.0%} score {line.get('score')} bound {line.get('bound')}"
            )

        figures = measure(size, seed, seconds=seconds, gap=gap, against=against, memory=memory, say=say)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures, Console())


if __name__ == "__main__":
    import typer

    typer.run(main)
