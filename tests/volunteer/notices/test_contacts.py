"""What a person chooses for the first time, from two screens at once."""

import asyncio
from typing import Any

from tortoise import connections

from volunteer.act import Act, Actor, now
from volunteer.models import Contact, Subscription
from volunteer.notices import contacts
from volunteer.notices.contacts import Choices

ENDPOINT = "https://push.example/one"


async def several(count: int) -> None:
    """So many connections are open: nobody waits for another to come up."""
    db = connections.get("default")
    await asyncio.gather(*(db.execute_query("SELECT pg_sleep(0.2)") for _ in range(count)))


async def test_first_choices_may_come_at_once(person: Any) -> None:
    who = (await person()).person
    await several(8)
    act = Act(Actor(who.id), now())
    chosen = [contacts.choose(act, Choices(far=60 * n), ["mail"]) for n in range(1, 5)]
    secrets = await asyncio.gather(*(contacts.renew_calendar(act) for _ in range(4)), *chosen)
    assert await Contact.filter(volunteer_id=who.id).count() == 1
    found = [await contacts.whose_calendar(secret) for secret in secrets if secret is not None]
    assert sorted(found, key=str) == sorted([who.id, None, None, None], key=str), "one address is alive"


async def test_one_browser_may_say_so_twice_at_once(person: Any) -> None:
    who = (await person()).person
    act = Act(Actor(who.id), now())
    await asyncio.gather(*(contacts.allow(act, ENDPOINT, "p" * 87, "a" * 22) for _ in range(5)))
    assert await Subscription.filter(volunteer_id=who.id).count() == 1
