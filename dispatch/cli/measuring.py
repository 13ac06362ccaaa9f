"""``citong bench``: the measurements that ship with the product."""

from pathlib import Path
from typing import Annotated

import typer

from dispatch.cli import screen

bench = typer.Typer(no_args_is_help=True, help="Measure this machine: plans, rivals, proven gaps, seconds, memory.")

Size = Annotated[str, typer.Option(help="S, M, L or XL: up to 100,000 people × 10,000 events.")]
Seed = Annotated[int, typer.Option(min=0, help="Another seed, another week.")]
Seconds = Annotated[float, typer.Option(min=1, max=86_400, help="What each solver may take.")]
Gap = Annotated[float, typer.Option(min=0, max=0.5, help="Good enough when proven so near the best.")]


@bench.command("plan")
@screen.plainly
def plan(
    size: Size = "M",
    seed: Seed = 1,
    seconds: Seconds = 120.0,
    gap: Gap = 0.001,
    naive: Annotated[bool, typer.Option("--naive", help="Also let CP-SAT with one Boolean a pair try.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Also let one whole MIP try.")] = False,
    memory: Annotated[int, typer.Option(min=256, help="Limit of the planner's address space in MB.")] = 4096,
    as_json: screen.Json = False,
) -> None:
    """Plan a made-up week in the real planner process, with greedy (and others) beside it in the same run."""
    from dispatch.bench.plan import main
    from dispatch.bench.weeks import SIZES
    from dispatch.cli.trouble import Trouble

    if size not in SIZES:
        raise Trouble(f"--size {size}: choose one of {', '.join(SIZES)}")
    main(size, seed, seconds, gap, memory=memory, naive=naive, whole=whole, as_json=as_json)


@bench.command("problem")
@screen.plainly
def problem(
    out: Annotated[Path, typer.Option("--out", help="Where the problem goes, as JSON; see: citong schema problem")],
    size: Size = "S",
    seed: Seed = 1,
) -> None:
    """Write down the made-up week that the benches plan, for ``citong plan`` or for planners of others."""
    from dispatch.bench.weeks import SIZES, week
    from dispatch.cli.trouble import Trouble
    from dispatch.planner.problem import write

    if size not in SIZES:
        raise Trouble(f"--size {size}: choose one of {', '.join(SIZES)}")
    if not out.parent.is_dir():
        raise Trouble(f"{out.parent}: no such folder for --out")
    with screen.bar("making the week", quiet=False):
        made = week(size, seed)
    out.write_bytes(write(made))
    counts = f"{len(made.people):,} people, {len(made.events):,} events, {len(made.needs):,} needs"
    screen.words(f"{counts}; written to {out}")


@bench.command("scale")
@screen.plainly
def scale(
    sizes: Annotated[str, typer.Option(help="Sizes with commas; the parts of the last one go to workers.")] = "M,L",
    seed: Seed = 1,
    seconds: Seconds = 240.0,
    gap: Gap = 0.003,
    as_json: screen.Json = False,
) -> None:
    """How time grows with the pairs from size to size, and what a second worker is worth."""
    from dispatch.bench.scale import main
    from dispatch.bench.weeks import SIZES
    from dispatch.cli.trouble import Trouble

    if wrong := set(sizes.split(",")) - set(SIZES):
        raise Trouble(f"--sizes {sizes}: {', '.join(sorted(wrong))} is none of {', '.join(SIZES)}")
    main(sizes, seed, seconds, gap, as_json=as_json)


@bench.command("push")
@screen.plainly
def push(
    single: Annotated[int, typer.Option(min=1, max=10_000, help="Accepts one after the other.")] = 100,
    accepts: Annotated[int, typer.Option(min=1, max=20_000, help="Accepts of the crowd.")] = 400,
    at_once: Annotated[int, typer.Option(min=1, max=500, help="Of these, under way at any time.")] = 16,
    entries: Annotated[int, typer.Option(min=1, max=20_000, help="Entries at a steady rate.")] = 3_000,
    rate: Annotated[int, typer.Option(min=1, max=5_000, help="Of these, in a second.")] = 300,
    browser: Annotated[bool, typer.Option("--browser", help="Also tap in a real browser.")] = False,
    as_json: screen.Json = False,
) -> None:
    """Time from a yes on a phone to the board of another server process, and a bare NOTIFY beside it."""
    from dispatch.bench.push import Asked, main
    from dispatch.bench.servers import NoAnswerError
    from dispatch.cli.trouble import Trouble

    try:
        main(Asked(single, accepts, at_once, entries, rate, 10 if browser else 0), as_json=as_json)
    except NoAnswerError as error:
        raise Trouble(str(error)) from error


@bench.command("explain")
@screen.plainly
def explain(size: Size = "L", seed: Seed = 1, as_json: screen.Json = False) -> None:
    """Time the reasons of a made-up week: one hole, all holes, who was next."""
    from dispatch.bench.explain import main
    from dispatch.bench.weeks import SIZES
    from dispatch.cli.trouble import Trouble

    if size not in SIZES:
        raise Trouble(f"--size {size}: choose one of {', '.join(SIZES)}")
    main(size, seed, as_json=as_json)


@bench.command("offers")
@screen.plainly
def offers(
    seed: Seed = 1,
    people: Annotated[int, typer.Option(min=50, max=20_000, help="Who lives in the town.")] = 600,
    days: Annotated[int, typer.Option(min=40, max=2000, help="Three quarters are learnt from.")] = 180,
    needs: Annotated[float, typer.Option(min=0.5, max=1000, help="Needs that are posted a day.")] = 8.0,
    as_json: screen.Json = False,
) -> None:
    """Replay a made-up history of answers: is the fill forecast right, and do waves beat asking one by one?"""
    from dispatch.bench.waves import main

    main(seed, people, days, needs, as_json=as_json)


@bench.command("repair")
@screen.plainly
def repair(
    size: Size = "L",
    seed: Seed = 1,
    dropouts: Annotated[int, typer.Option(min=1, max=10_000, help="People who step back, one by one.")] = 200,
    referee: Annotated[int, typer.Option(min=0, max=10_000, help="Holes that an exact model answers too.")] = 200,
    seconds: Seconds = 120.0,
    requests: Annotated[int, typer.Option(min=0, max=1000, help="Repairs over HTTP against a real server.")] = 60,
    people: Annotated[int, typer.Option(min=80, max=20_000, help="Who lives in that server's county.")] = 600,
    as_json: screen.Json = False,
) -> None:
    """Let people step back from a planned week; compare each repair with an exact model of its neighbourhood."""
    from dispatch.bench.repair import main
    from dispatch.bench.weeks import SIZES
    from dispatch.cli.trouble import Trouble

    if size not in SIZES:
        raise Trouble(f"--size {size}: choose one of {', '.join(SIZES)}")
    main(size, seed, dropouts, referee, seconds, requests, people, as_json=as_json)


@bench.command("public")
@screen.plainly
def public(
    instances: Annotated[
        Path, typer.Option(help="A folder of instance files; sub-folders too.", exists=True, file_okay=False)
    ],
    only: Annotated[str, typer.Option(help="Only instances whose name matches, like gap1-* or data_*.")] = "*",
    seconds: Seconds = 60.0,
    seed: Seed = 1,
    memory: Annotated[int, typer.Option(min=256, help="What each run may take, in MB.")] = 4096,
    as_json: screen.Json = False,
) -> None:
    """Solve published instances (generalised assignment, personnel task scheduling) and compare with the best known."""
    from dispatch.bench.knapsacks import WrongFileError
    from dispatch.bench.public import main
    from dispatch.cli.trouble import Trouble

    try:
        main(instances, only, seconds, seed, memory, as_json=as_json)
    except WrongFileError as error:
        raise Trouble(str(error)) from error


@bench.command("accept")
@screen.plainly
def accept(
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Turns of each kind.")] = 5,
    size: Annotated[int, typer.Option(min=1, max=2_000, help="Accepts in each.")] = 60,
    at_once: Annotated[int, typer.Option(min=1, max=100, help="Of these, under way at any time.")] = 8,
    rivals: Annotated[int, typer.Option(min=0, max=500, help="Phones on the last seats; 0 = leave that out.")] = 200,
    openings: Annotated[int, typer.Option(min=0, max=50_000, help="Other needs of the city.")] = 2_400,
    as_json: screen.Json = False,
) -> None:
    """What a yes costs beyond its bare statements, and how many phones fare on the last seats."""
    from dispatch.bench.accept import Asked, main
    from dispatch.bench.servers import NoAnswerError
    from dispatch.cli.trouble import Trouble

    try:
        main(Asked(rounds, size, at_once, rivals, openings), as_json=as_json)
    except NoAnswerError as error:
        raise Trouble(str(error)) from error


Sockets = Annotated[int, typer.Option(min=2, max=20_000, help="Sockets that are held.")]
Taps = Annotated[int, typer.Option(min=1, max=5_000, help="Taps in each phase.")]
Rate = Annotated[float, typer.Option(min=0.5, max=100, help="Taps a second.")]
Opening = Annotated[int, typer.Option(min=10, max=5_000, help="Sockets opened a second at first.")]


@bench.command("sockets")
@screen.plainly
def sockets(
    sockets: Sockets = 1_000,
    taps: Taps = 60,
    rate: Rate = 5.0,
    opening: Opening = 300,
    hold: Annotated[float, typer.Option(min=1, max=3_600, help="Seconds of doing nothing.")] = 30.0,
    as_json: screen.Json = False,
) -> None:
    """What idle sockets cost, and how soon a board entry is with all of them; beside one socket in the same run."""
    from dispatch.bench.servers import NoAnswerError
    from dispatch.bench.sockets import main
    from dispatch.cli.trouble import Trouble

    try:
        main(sockets, taps, rate, opening, hold, as_json=as_json)
    except NoAnswerError as error:
        raise Trouble(str(error)) from error


@bench.command("restart")
@screen.plainly
def restart(
    sockets: Sockets = 1_000,
    taps: Taps = 60,
    rate: Rate = 5.0,
    opening: Opening = 300,
    jitter: Annotated[float, typer.Option(min=1, max=600, help="Seconds within which sockets come back.")] = 30.0,
    as_json: screen.Json = False,
) -> None:
    """Kill a server under its sockets: how soon everybody is back and current, and how taps fare meanwhile."""
    from dispatch.bench.restart import main
    from dispatch.bench.servers import NoAnswerError
    from dispatch.cli.trouble import Trouble

    try:
        main(sockets, taps, rate, opening, jitter, as_json=as_json)
    except NoAnswerError as error:
        raise Trouble(str(error)) from error
