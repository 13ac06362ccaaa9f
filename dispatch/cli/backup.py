"""``citong backup`` and ``citong restore``: the whole database as one file, and back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatch.cli import check, place, screen
from dispatch.cli.trouble import Trouble

if TYPE_CHECKING:
    from volunteer.backups import Manifest

_HELD = "mail is held; when all is well: citong restore --release-mail"


@screen.plainly
def backup(
    file: Annotated[Path, typer.Argument(help="Where it goes; must not exist yet.")], as_json: screen.Json = False
) -> None:
    """Write the whole database to one file, beside running servers, as it is at one moment.

    The file holds personal data: it is readable by you alone. Uploads and settings are not in it.
    """
    from volunteer import backups

    with place.database_url(place.settings()) as url, screen.bar("backing up", quiet=as_json) as bar:
        manifest = asyncio.run(backups.dump(url, file, bar.at))
    told = {"file": str(file), "bytes": file.stat().st_size, **_told(manifest)}
    if as_json:
        screen.data(told)
    else:
        screen.words(f"{file}: {told['bytes']:,} bytes, {told['rows']:,} rows of {len(manifest.rows)} tables")


@screen.plainly
def restore(
    file: Annotated[Path | None, typer.Argument(help="A file that `citong backup` wrote.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what the database holds now.")] = False,
    release_mail: Annotated[
        bool, typer.Option("--release-mail", help="Let mail leave; without a file: only that.")
    ] = False,
    as_json: screen.Json = False,
) -> int:
    """Restore a backup into an empty database that nobody uses; all of it or nothing.

    Afterwards everybody has to sign in again, pages read all afresh, and mail is held (except what signs people in)
    until it is released. The schema is brought up to date and every invariant asked; ends with 1 when one is broken.
    """
    if file is None and (replace or not release_mail):
        raise Trouble("name a file to restore, or say --release-mail alone")
    with place.database_url(place.settings()) as url:
        if file is None:
            return _release(url, as_json=as_json)
        from volunteer import backups

        with screen.bar("restoring", quiet=as_json) as bar:
            manifest = asyncio.run(backups.restore(url, file, replace=replace, hold=not release_mail, told=bar.at))
        asyncio.run(place.migrate(url))
        found = asyncio.run(check.findings(url))
    told = _told(manifest) | {"mail": "free" if release_mail else "held"}
    if as_json:
        screen.data(told | check.told(found))
    else:
        screen.words(f"restored {told['rows']:,} rows as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")
        check.shown(found)
        if not release_mail:
            screen.words(_HELD)
    return check.code(found)


def _told(manifest: "Manifest") -> dict[str, Any]:
    return {
        "made_at": manifest.made_at, "citong": manifest.citong, "postgres": manifest.postgres,
        "rows": sum(manifest.rows.values()), "tables": manifest.rows,
    }  # fmt: skip


def _release(url: str, *, as_json: bool) -> int:
    waiting = asyncio.run(_released(url))
    if as_json:
        screen.data({"mail": "free", "waiting": waiting})
    elif waiting is None:
        screen.words("mail was not held")
    else:
        screen.words(f"mail is free; {waiting:,} messages leave now")
    return 0


async def _released(url: str) -> int | None:
    from volunteer.act import system
    from volunteer.notices import holding

    async with place.rows(url):
        return await holding.release(system())
