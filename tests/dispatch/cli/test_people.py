"""Accounts and tokens."""

import pytest_asyncio

from tests.dispatch.cli.program import citong
from volunteer.models import Region

WHO = ("--email", "Lin@Example.org", "--name", "林晓敏")


@pytest_asyncio.fixture
async def city(db: str) -> str:
    await Region.create(code="3505", name="泉州市", level="city", kind="city")
    await Region.create(code="350582", name="晋江市", level="county", kind="county", parent_id="3505")
    return db


def test_a_person_is_added_gets_roles_and_a_token(city: str) -> None:
    first = citong("user", "add", *WHO, "--role", "coordinator", "--region", "350582", "--json", url=city)
    assert first.code == 0, first.err
    again = citong("user", "add", *WHO, "--role", "recorder", "--region", "3505", "--json", url=city)
    assert again.data["id"] == first.data["id"]
    assert first.data["email"] == "lin@example.org"
    secret = citong("token", "lin@example.org", url=city)
    assert len(secret.out.strip()) > 30


def test_a_role_ends(city: str) -> None:
    role = ("--role", "coordinator", "--region", "350582")
    assert citong("user", "add", *WHO, *role, url=city).code == 0
    ended = citong("user", "remove", *WHO[:2], *role, url=city)
    assert ended.out.strip() == "Lin@Example.org is no longer coordinator in 350582"
    assert "is not coordinator" in citong("user", "remove", *WHO[:2], *role, url=city).trouble
    assert "nobody" in citong("user", "remove", "--email", "x@y.z", *role, url=city).trouble


def test_nothing_is_added_when_role_or_place_is_wrong(database_url: str) -> None:
    assert "--role boss" in citong("user", "add", *WHO, "--role", "boss", "--region", "3505").trouble
    assert "--unit" in citong("user", "add", *WHO, "--role", "admin").trouble
    assert "region" in citong("user", "add", *WHO, "--role", "admin", "--region", "9999", url=database_url).trouble
    assert "nobody" in citong("token", "lin@example.org", url=database_url).trouble
