"""``citong plan``: the planner as a command, for problems from anywhere."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatch.cli import screen
from dispatch.cli.trouble import Trouble

if TYPE_CHECKING:
    from dispatch.planner.plan import Plan
    from dispatch.planner.problem import Problem
    from dispatch.planning.runs import Outcome


@screen.plainly
def plan(
    posed: Annotated[Path, typer.Option("--problem", help="The problem, as JSON; see: citong schema problem")],
    out: Annotated[Path, typer.Option("--out", help="Where the plan goes, as JSON; - prints it.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=86_400, help="Stop after so long with the best so far.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="The same plan again, unless the clock ends a search.")] = 0,
    as_json: screen.Json = False,
) -> None:
    """Plan a problem file: who serves where, with a proven bound, and a reason for every choice and every hole.

    The plan is judged by the referee before it is written; needs no database.
    """
    from dispatch.planner import plan as p
    from dispatch.planner import problem

    if str(out) != "-" and not out.parent.is_dir():
        raise Trouble(f"{out.parent}: no such folder for --out")
    with posed.open("rb") as file:
        asked = problem.read(problem.load(file))
    with screen.bar("planning", quiet=as_json) as bar:
        outcome = asyncio.run(_solved(asked, seconds, seed, bar))
    if outcome.plan is None:
        raise Trouble(f"no plan: {outcome.error}" + "".join(f"; {fault}" for fault in outcome.faults[:5]))
    written = p.write(outcome.plan) + b"\n"
    if str(out) == "-":
        screen.words(written.decode().rstrip("\n"))
        return
    out.write_bytes(written)
    found = figures(outcome.plan)
    if as_json:
        screen.data(found | {"out": str(out)})
    else:
        screen.words(f"{sentence(found)}; written to {out}")


async def _solved(asked: "Problem", seconds: float, seed: int, bar: screen.Bar) -> "Outcome":
    from dispatch.planning import runs
    from dispatch.settings import policy

    async def watch(said: runs.Progress) -> None:
        bar.at(stage(said), float(said.get("done") or 0.0))

    limit = policy().planner_memory_mb
    return await runs.solve(
        asked, seconds=seconds, seed=seed, gap=policy().gap, memory_mb=limit, watch=watch, stop=asyncio.Event()
    )


def stage(said: dict[str, Any]) -> str:
    """What the planner is at: its stage, the best score and the bound so far."""
    score, bound = said.get("score"), said.get("bound")
    figures_ = f" {score:,}" if isinstance(score, int) else ""
    return f"{said.get('stage', '')}{figures_}" + (f" of at most {bound:,}" if isinstance(bound, int) else "")


def figures(made: "Plan") -> dict[str, Any]:
    from dispatch.planner import plan as p

    names = ("status", "score", "bound", "gap", "mandatory", "filled", "most", "relaxes")
    dumped = json.loads(p.write(made))
    counts = {"choices": len(made.choices), "violations": 0, "breaches": len(made.breaches)}
    return {name: dumped[name] for name in names} | counts


def sentence(found: dict[str, Any]) -> str:
    """A plan's figures in a line. Whatever is shown here was judged: a plan with violations is never kept."""
    gap = f"{found['gap']:.2%}" if found["gap"] >= 0.0001 or not found["gap"] else "below 0.01%"
    stays = f"; {found['breaches']} accepted lines break a rule and stay" if found.get("breaches") else ""
    return (
        f"score {found['score']:,}, bound {found['bound']:,}, proven gap {gap} ({found['status']}); "
        f"0 violations; mandatory seats filled {found['filled']:,} of {found['mandatory']:,}, "
        f"at most {found['most']:,} can be{stays}"
    )
