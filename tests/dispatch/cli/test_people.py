"""Accounts and tokens."""

from pathlib import Path

from tests.dispatch.cli.program import ROOT, citong

WHO = ("--email", "Lin@Example.org", "--name", "林晓敏")


def test_a_person_is_added_gets_roles_and_a_token(database_url: str) -> None:
    regions = str(Path(ROOT, "config", "quanzhou", "regions.csv"))
    assert citong("import", "regions", regions, url=database_url).code == 0
    first = citong("user", "add", *WHO, "--role", "coordinator", "--region", "350582", "--json", url=database_url)
    assert first.code == 0, first.err
    again = citong("user", "add", *WHO, "--role", "recorder", "--region", "3505", "--json", url=database_url)
    assert again.data["id"] == first.data["id"]
    assert first.data["email"] == "lin@example.org"
    secret = citong("token", "lin@example.org", url=database_url)
    assert len(secret.out.strip()) > 30


def test_a_role_ends(database_url: str) -> None:
    regions = str(Path(ROOT, "config", "quanzhou", "regions.csv"))
    assert citong("import", "regions", regions, url=database_url).code == 0
    role = ("--role", "coordinator", "--region", "350582")
    assert citong("user", "add", *WHO, *role, url=database_url).code == 0
    ended = citong("user", "remove", *WHO[:2], *role, url=database_url)
    assert ended.out.strip() == "Lin@Example.org is no longer coordinator in 350582"
    assert "is not coordinator" in citong("user", "remove", *WHO[:2], *role, url=database_url).trouble
    assert "nobody" in citong("user", "remove", "--email", "x@y.z", *role, url=database_url).trouble


def test_nothing_is_added_when_role_or_place_is_wrong(database_url: str) -> None:
    assert "--role boss" in citong("user", "add", *WHO, "--role", "boss", "--region", "3505").trouble
    assert "--unit" in citong("user", "add", *WHO, "--role", "admin").trouble
    assert "region" in citong("user", "add", *WHO, "--role", "admin", "--region", "9999", url=database_url).trouble
    assert "nobody" in citong("token", "lin@example.org", url=database_url).trouble
