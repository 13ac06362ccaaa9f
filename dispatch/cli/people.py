"""``citong user add`` and ``citong token``: who may work here, and programs that act for them."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from dispatch.cli import place, screen
from dispatch.cli.trouble import Trouble
from volunteer import access
from volunteer.act import system

_ROLES = tuple(role for role in access.ROLES if role != "system")

user = typer.Typer(no_args_is_help=True, help="Accounts of people.")


@user.command("add")
@screen.plainly
def add(
    email: Annotated[str, typer.Option(help="Where sign-in codes go.")],
    name: Annotated[str, typer.Option(help="The person's full name, as 陈雅琴.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(_ROLES)}.")],
    region: Annotated[str | None, typer.Option(help="Code of the region where the role is held, as 350582.")] = None,
    unit: Annotated[UUID | None, typer.Option(help="Id of the unit in which the role is held.")] = None,
    as_json: screen.Json = False,
) -> None:
    """Add a person, or give one who is known by that address another role, in a region or in a unit."""
    if role not in _ROLES:
        raise Trouble(f"--role {role}: choose one of {', '.join(_ROLES)}")
    if (region is None) == (unit is None):
        raise Trouble("name --region or --unit, and not both")
    with place.database_url(place.settings()) as url:
        found = asyncio.run(_add(url, email, name, role, region, unit))
    if as_json:
        screen.data(found)
    else:
        screen.words(f"{found['name']} is {role} in {found['where']}; signs in with {found['email']}")


async def _add(url: str, email: str, name: str, role: str, region: str | None, unit: UUID | None) -> dict[str, str]:
    from volunteer import codes, journal, people
    from volunteer.models import Volunteer

    act = system()

    async def verb(w: journal.Writing) -> Volunteer:
        joined = act.joined(w)
        person = await Volunteer.get_or_none(email=codes.mailbox(email))
        if person is None:
            person = await people.add(joined, name=name, region=region or await _home(unit), email=email)
        await people.grant(joined, person.id, role, region=region, unit=unit)
        return person

    async with place.rows(url):
        person = await journal.writing(act, verb)
        where = region or str(unit)
        return {"id": str(person.id), "name": person.name, "email": person.email or "", "role": role, "where": where}


@user.command("remove")
@screen.plainly
def remove(
    email: Annotated[str, typer.Option(help="Address of the person.")],
    role: Annotated[str, typer.Option(help="The role that ends.")],
    region: Annotated[str | None, typer.Option(help="Code of the region where it is held.")] = None,
    unit: Annotated[UUID | None, typer.Option(help="Id of the unit in which it is held.")] = None,
    as_json: screen.Json = False,
) -> None:
    """End a role that a person holds in a region or in a unit; it ends at once, on open screens too."""
    if (region is None) == (unit is None):
        raise Trouble("name --region or --unit, and not both")
    with place.database_url(place.settings()) as url:
        asyncio.run(_remove(url, email, role, region, unit))
    if as_json:
        screen.data({"email": email, "role": role, "where": region or str(unit), "ended": True})
    else:
        screen.words(f"{email} is no longer {role} in {region or unit}")


async def _remove(url: str, email: str, role: str, region: str | None, unit: UUID | None) -> None:
    from volunteer import codes, people
    from volunteer.errors import Missing
    from volunteer.live import ringing
    from volunteer.models import Volunteer

    async with place.rows(url), ringing(url):
        person = await Volunteer.get_or_none(email=codes.mailbox(email))
        if person is None:
            raise Trouble(f"nobody is known by {email}")
        try:
            await people.revoke(system(), person.id, role, region=region, unit=unit)
        except Missing:
            raise Trouble(f"{email} is not {role} in {region or unit}") from None


async def _home(unit: UUID | None) -> str:
    from volunteer.models import Unit

    found = await Unit.get_or_none(id=unit)
    if found is None:
        raise Trouble(f"--unit {unit}: no unit has this id")
    return found.region_id


@screen.plainly
def token(
    email: Annotated[str, typer.Argument(help="Address of the person for whom the program acts.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is good for.")] = 365,
    as_json: screen.Json = False,
) -> None:
    """Print a token for a program that acts as this person: send it as "Authorization: Bearer …".

    It is shown once; only its digest is kept.
    """
    with place.database_url(place.settings()) as url:
        secret = asyncio.run(_token(url, email, days))
    if as_json:
        screen.data({"email": email, "token": secret, "days": days})
    else:
        screen.words(secret)


async def _token(url: str, email: str, days: int) -> str:
    from volunteer import codes, signin
    from volunteer.models import Volunteer

    async with place.rows(url):
        if not await Volunteer.exists(email=codes.mailbox(email)):
            raise Trouble(f"nobody is known by {email}; add them with: citong user add")
        return await signin.token(system(), email, days=days)
