"""``citong bench scale``: how the planner grows with the city, and what a second worker is worth.

Growth: each size through the real planner process; processor time besides loading the solvers, over all eligible pairs.
Parallel: the parts of the largest size (at least four), each solved by a planner process of its own, one at a time and
then two at a time, loading included; and whether the answers are the same.
"""

import base64
import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from dispatch.bench.plan import judged, planned
from dispatch.bench.weeks import week
from dispatch.planner import check, problem
from dispatch.planner import plan as plans
from dispatch.planner.desk import open_desk
from dispatch.planner.eligibility import judge
from dispatch.planner.problem import Problem
from dispatch.planner.search.parts import EVENTS
from dispatch.planner.tables import tabulate

Figures = dict[str, Any]
COMMAND = (sys.executable, "-m", "dispatch.planner")


def measure(sizes: tuple[str, ...], seed: int, *, seconds: float, gap: float, say: Callable[[str], None]) -> Figures:
    """Plan a week of each size, the last one also in parts."""
    growth, parts = [], {}
    for size in sizes:
        say(f"{size}: planning")
        asked = week(size, seed)
        made, figures = planned(asked, seconds=seconds, gap=gap, seed=seed, memory=4096, say=lambda _: None)
        say(f"{size}: judging")
        pairs = len(judge(tabulate(open_desk(asked))).person)
        spent = figures["processor_besides_loading_seconds"]
        figures |= judged(asked, made, made.bound) | {"status": made.status, "bound": made.bound}
        growth.append({"size": size, "pairs": pairs, "microseconds_a_pair": round(spent / pairs * 1e6, 2), **figures})
        if size == sizes[-1]:
            say(f"{size}: in parts")
            events = min(EVENTS, len(asked.events) // 4)
            options = (f"--seconds={seconds}", f"--gap={gap}", f"--seed={seed}", f"--events={events}")
            parts = {"size": size, "events_a_part": events, **parallel(asked, options, say)}
    return {
        "seed": seed,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "growth": growth,
        "parallel": parts,
    }


def parallel(asked: Problem, options: tuple[str, ...], say: Callable[[str], None]) -> Figures:
    """The parts by one worker process and by two, and what becomes of them."""
    process = subprocess.Popen(
        [*COMMAND, "--farm", f"--parent={os.getpid()}", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(problem.write(asked) + b"\n")
        process.stdin.flush()
        data: list[bytes] = []
        line = process.stdout.readline()
        while line and "part" in (said := json.loads(line)):
            data.append(base64.b64decode(said["data"]))
            if len(data) == said["of"]:
                break
            line = process.stdout.readline()
        say(f"{len(data)} parts by one worker")
        one, answers = worked(data, 1, options)
        for number, answer in answers.items():
            process.stdin.write(json.dumps({"part": number, **json.loads(answer)}).encode() + b"\n")
        process.stdin.close()
        made = process.stdout.readline()
    say(f"{len(data)} parts by two workers")
    two, again = worked(data, 2, options)
    plan = plans.read(made)
    return {
        "parts": len(data),
        "one_worker_seconds": round(one, 3),
        "two_workers_seconds": round(two, 3),
        "ratio": round(one / two, 2),
        "same_answers": again == answers,
        "violations": len(check.violations(asked, plan)),
        "gap": plan.gap,
    }


def worked(data: list[bytes], workers: int, options: tuple[str, ...]) -> tuple[float, dict[int, bytes]]:
    """Seconds that so many workers take, each of them solving one part after the other, the largest first; and the
    answers."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in sorted(range(len(data)), key=lambda number: -len(data[number])):
        waiting.put(number)
    answers: dict[int, bytes] = {}

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            command = [*COMMAND, "part", *options]
            answers[number] = subprocess.run(command, input=data[number], capture_output=True, check=True).stdout

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, dict(sorted(answers.items()))


def show(figures: Figures, console: Console) -> None:
    table = Table(title=f"Growth, seed {figures['seed']}", title_justify="left")
    for heading in ("", "pairs", "µs a pair", "processor s", "seconds", "gap", "peak MB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for row in figures["growth"]:
        spent, wall = row["processor_besides_loading_seconds"], row["besides_loading_seconds"]
        cells = (f"{row['pairs']:,}", f"{row['microseconds_a_pair']:.2f}", f"{spent:.1f}", f"{wall:.1f}")
        table.add_row(row["size"], *cells, f"{row['gap']:.3%}", f"{row['peak_mb']:,.0f}")
    console.print(table)
    parts = figures["parallel"]
    console.print(
        f"{parts['size']}: {parts['parts']} parts, one worker {parts['one_worker_seconds']:.1f} s, two "
        f"{parts['two_workers_seconds']:.1f} s: {parts['ratio']} times as fast; same answers: {parts['same_answers']}"
    )


def main(
    sizes: str = "M,L", seed: int = 1, seconds: float = 240.0, gap: float = 0.003, *, as_json: bool = False
) -> None:
    """Plan made-up weeks of several sizes; the parts of the last one by one worker and by two."""
    errors = Console(stderr=True)
    with errors.status("making the weeks") as status:
        figures = measure(tuple(sizes.split(",")), seed, seconds=seconds, gap=gap, say=status.update)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        show(figures, Console())


if __name__ == "__main__":
    import typer

    typer.run(main)
