"""``citong demo``: a whole city at work, in one command. What it does is in ``showing``."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.cells import cell_len

from dispatch.cli import place, planning, screen, server


class Size(StrEnum):
    S = "S"
    M = "M"
    L = "L"


SizeOption = Annotated[Size, typer.Option(help="People × events: S 200 × 40, M 2,000 × 300, L 20,000 × 2,000.")]
Seed = Annotated[int, typer.Option(min=0, help="Another seed, another city.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Where it is served; else the setting, 8000.")]
Host = Annotated[str | None, typer.Option(help="On which address; else the setting: this machine only.")]
Seconds = Annotated[
    int | None, typer.Option(min=5, max=300, help="What the planner may take for the city; else S 30, M 60, L 300.")
]
_SECONDS: Final = {Size.S: 30, Size.M: 60, Size.L: 300}
Start = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the week; else the next Monday.")
]
Serve = Annotated[bool, typer.Option(help="Serve it when it stands.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="First throw away the demo city that stands, and all done in it.")]


@screen.plainly
def command(
    size: SizeOption = Size.M,
    seed: Seed = 1,
    port: Port = None,
    host: Host = None,
    seconds: Seconds = None,
    start: Start = None,
    serve: Serve = True,
    fresh: Fresh = False,
    as_json: screen.Json = False,
) -> None:
    """A made-up Quanzhou at work: load it, plan its week, publish, and serve it with a sign-in link for every role.

    It stands in the database of the settings, or in a PostgreSQL of our own under var/; what stands there already is
    used again. The plan of the whole city is published. Then the first evening passes: some people accept, some
    decline, a few step back; and a second plan, for Jinjiang (晋江市) alone, is left as a draft that fills what they
    left open. So every board has something to show: filled seats, offers in flight, holes with reasons, and a draft
    to read and publish.
    """
    found = place.settings(port=port, host=host)
    if serve:
        found = place.bound(found)
    from dispatch.cli import showing

    wish = showing.Wish(size.value, seed, start.date() if start else None, seconds or _SECONDS[size], fresh)
    with place.database_url(found) as url:
        told = asyncio.run(showing.prepared(url, found.public_url, wish, quiet=as_json))
        if as_json:
            screen.data(told)
        else:
            _show(told)
        if serve:
            server.run(found)


def _show(told: dict[str, Any]) -> None:
    city = told["city"]
    screen.words(
        f"Quanzhou, size {city['size']}, seed {city['seed']}: {city['people']:,} people. In the week from "
        f"{city['start']}: {city['events']:,} events, {city['seats']:,} seats, {city['mandatory']:,} of them mandatory."
    )
    for note in told["notes"]:
        screen.words(f"  ({note})")
    if "plan" in told:
        screen.words(f"Plan of the city: {planning.sentence(told['plan'])}.")
        screen.words(f"Published. Since then: {_roster(told['roster'])}.")
        screen.words(_waiting(told["draft"]))
    screen.words("\nSign in as (each link opens as often as you like, for a week):\n")
    for link in told["links"]:
        columns = (_padded(link[name], width) for name, width in (("label", 18), ("name", 10), ("scope", 16)))
        screen.words(f"  {''.join(columns)}{link['url']}")
    screen.words()


def _roster(counts: dict[str, int]) -> str:
    words = {
        "offered": "offers wait for an answer", "accepted": "accepted", "declined": "declined",
        "cancelled": "stepped back", "withdrawn": "were withdrawn",
    }  # fmt: skip
    return ", ".join(f"{counts[status]:,} {word}" for status, word in words.items() if counts.get(status))


def _waiting(draft: dict[str, Any] | None) -> str:
    if draft is None:
        return "The county's draft was published too."
    return (
        f"A draft for {draft['name']} waits for its coordinator: {draft['offers']} new offers, "
        f"{draft['withdrawals']} taken back."
    )


def _padded(text: str, width: int) -> str:
    """Padded to so many cells of a terminal; a Chinese character takes two."""
    return text + " " * max(1, width - cell_len(text))
