"""``citong serve``, ``citong worker`` and ``citong migrate``: what runs in production."""

import asyncio
from typing import Annotated

import typer

from dispatch.cli import place, screen
from volunteer.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on; else the setting, 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on; else the setting, 8000.")]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Processes that serve; else the setting, 1.")]


@screen.plainly
def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Serve pages, interface and live line on one port, and work on the queue, until told to stop.

    The schema is brought up to date first. Settings: environment CITONG_…, or the file that CITONG_CONFIG names.
    """
    found = place.bound(place.settings(host=host, port=port, workers=workers))
    place.named(found)
    run(found)


@screen.plainly
def worker() -> None:
    """Only work on the queue (plans, mail, exports), on any number of machines beside the servers.

    The schema is brought up to date first.
    """
    from dispatch import app

    found = place.settings()
    place.named(found)
    app.work(found)


@screen.plainly
def migrate(as_json: screen.Json = False) -> None:
    """Bring the database's tables and the queue's up to date. Safe beside running servers and twice at once."""
    with place.database_url(place.settings()) as url:
        asyncio.run(place.migrate(url))
    if as_json:
        screen.data({"migrated": True})
    else:
        screen.words("the database is up to date")


def run(found: Settings) -> None:
    """Serve until told to stop."""
    from dispatch import app

    app.serve(found)
