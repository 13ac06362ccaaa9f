"""``citong watch``: what happens in a topic, as it happens."""

import asyncio
import json
import os
import signal
import sys
from contextlib import aclosing
from typing import Annotated, Any

import typer

from dispatch.cli import place, screen, telling
from dispatch.cli.trouble import Trouble
from volunteer.client import Client, Down, Entry, Fresh, LineError, NotSignedInError, Told, Up

TOKEN = "CITONG_TOKEN"  # noqa: S105 - the name of the variable, not its value


@screen.plainly
def watch(
    topics: Annotated[list[str], typer.Argument(help="As region:350502, event:… or volunteer:….")],
    since: Annotated[int | None, typer.Option(min=0, help="The last number that is known; else from now on.")] = None,
    server: Annotated[str | None, typer.Option(help="Address of the server; else the setting public_url.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, as where no terminal is.")] = False,
) -> None:
    """Print what happens in a topic as it happens, until Ctrl-C; goes on through cuts and restarts, missing nothing.

    CITONG_TOKEN holds the token of whoever watches: what `citong token EMAIL` prints.
    """
    token = os.environ.get(TOKEN, "")
    if not token:
        raise Trouble(f"not signed in; set {TOKEN} to what this prints: citong token EMAIL")
    many = list(dict.fromkeys(topics))
    if len(many) > 1 and since is not None:
        raise Trouble("--since goes with one topic: numbers are those of a topic")
    where = server or place.settings().public_url
    try:
        asyncio.run(_until_told(Client(where, token, dict.fromkeys(many, since)), as_json or not sys.stdout.isatty()))
    except NotSignedInError as error:
        raise Trouble(f"not signed in: {error}; make another with: citong token EMAIL") from error
    except LineError as error:
        raise Trouble(str(error)) from error


async def _until_told(client: Client, as_json: bool) -> None:
    """Watch until SIGINT or SIGTERM, which are the way to end, not a failure."""
    watching = asyncio.create_task(_watch(client, as_json))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, watching.cancel)
    try:
        await watching
    except asyncio.CancelledError:
        return


async def _watch(client: Client, as_json: bool) -> None:
    several = len(client.course.positions) > 1
    async with aclosing(client.told()) as line:
        async for told in line:
            if as_json:
                _written(told)
            else:
                telling.show(told, client.server, several=several)


def _written(told: Told) -> None:
    match told:
        case Entry(topic, seq, at, kind, id_, data):
            _line({"topic": topic, "seq": seq, "at": at, "kind": kind, "id": id_, "data": data})
        case Fresh(topic, seq, why):
            _line({"topic": topic, "seq": seq, "reset": why})
        case Up() | Down():
            return


def _line(row: dict[str, Any]) -> None:
    screen.words(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
