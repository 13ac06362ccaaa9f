"""``citong demo``: from nothing to a city at work, again without doing it twice, and served."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from dispatch.cli import city
from tests.dispatch.cli.program import ROOT, citong
from volunteer import database

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/(phone|desk|board)/#t=(\S+)")


async def _offers(url: str, email: str) -> int:
    connection = await asyncpg.connect(database.dsn(url))
    try:
        return await connection.fetchval(
            """SELECT count(*) FROM assignment a JOIN volunteer v ON v.id = a.volunteer_id
            WHERE v.email = $1 AND a.status = 'offered'""",
            email,
        )
    finally:
        await connection.close()


async def test_a_city_at_work_then_the_same_again_then_a_fresh_one(database_url: str) -> None:
    words = ("demo", "--size", "S", "--no-serve", "--json")
    done = citong(*words, url=database_url)
    assert done.code == 0, done.err
    told = done.data
    assert (told["city"]["size"], told["city"]["people"], told["notes"]) == ("S", 200, [])
    plan, draft, roster = told["plan"], told["draft"], told["roster"]
    assert plan["score"] <= plan["bound"]
    assert plan["filled"] <= plan["most"] <= plan["mandatory"]
    assert plan["violations"] == 0
    assert min(roster[status] for status in ("offered", "accepted", "declined", "cancelled")) > 0
    assert draft["region"] == "350582"
    assert draft["offers"] > 0
    assert len(told["links"]) == 11
    assert await _offers(database_url, "volunteer@demo.citong") > 0
    checked = citong("check", url=database_url)
    assert checked.code == 0, checked.out

    again = citong(*words, "--seed", "9", url=database_url).data
    assert "used again" in again["notes"][0]
    assert "--fresh" in again["notes"][1]
    assert again["plan"] == plan
    assert again["roster"] == roster
    assert again["draft"] == draft

    fresh = citong(*words, "--seed", "9", "--fresh", url=database_url).data
    assert (fresh["city"]["seed"], fresh["notes"]) == (9, [])
    assert fresh["plan"]["id"] != plan["id"]
    assert citong("check", url=database_url).code == 0


async def test_a_database_with_people_of_its_own_is_left_alone(database_url: str) -> None:
    connection = await asyncpg.connect(database.dsn(database_url))
    await connection.execute("INSERT INTO region (code, name, level, kind) VALUES ('3505', '泉州市', 'city', 'city')")
    await connection.execute(
        """INSERT INTO volunteer (id, number, name, region_id, created_at, languages, likes, limitations)
        VALUES ($1, '1', '陈一', '3505', now(), '[]', '[]', '[]')""",
        uuid4(),
    )
    for words in (("demo", "--no-serve"), ("demo", "--no-serve", "--fresh")):
        assert "CITONG_DATABASE_URL" in citong(*words, url=database_url).trouble
    assert await connection.fetchval("SELECT count(*) FROM volunteer") == 1
    await connection.close()


def test_it_serves_on_its_own_postgres_and_ends_when_told(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CITONG_")}
    environment["CITONG_VAR"] = str(tmp_path / "var")
    words = [sys.executable, "-m", "dispatch", "demo", "--size", "S", "--port", "0"]
    with (tmp_path / "log").open("w") as log:
        program = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        said = _read_links(program)
        address = said[0][0]
        _wait(f"{address}/readyz", program)
        for _, _, token in said[:2] * 2:  # each link opens as often as wanted
            assert _exchange(address, token)["email"].endswith("@demo.citong")
    finally:
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=60)
    assert program.returncode == 0, (tmp_path / "log").read_text()


def _read_links(program: "subprocess.Popen[str]") -> list[tuple[str, str, str]]:
    assert program.stdout is not None
    found: list[tuple[str, str, str]] = []
    while len(found) < 11:
        line = program.stdout.readline()
        assert line, "the program ended before it printed its links"
        found += LINK.findall(line)
    return found


def _wait(url: str, program: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        assert program.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not come up")


def _exchange(address: str, token: str) -> dict[str, str]:
    asked = urllib.request.Request(
        f"{address}/api/signin/exchange", json.dumps({"token": token}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        me: dict[str, str] = json.loads(answer.read())["me"]
    return me


def test_columns_line_up_for_wide_characters() -> None:
    assert city._padded("领队", 6) == "领队  "
    assert city._padded("ab", 6) == "ab    "
