"""Who calls, and which language a header asks for."""

import asyncio
import logging
from typing import Any

import pytest

from tests.volunteer.conftest import Person
from volunteer.act import now
from volunteer.api import people, signin
from volunteer.api.caller import spoken
from volunteer.models import Session


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None), ("zh-CN", "zh"), ("en-GB,en;q=0.9", "en"), ("fr,de;q=0.5", None), ("*", None), ("en;q=0", None),
        ("fr;q=1,en;q=0.3,zh;q=0.4", "zh"), ("ZH-hant", "zh"), ("en;q=x", None), (";;;,,,", None), ("en,zh", "en"),
    ],
)  # fmt: skip
def test_the_better_liked_of_two_languages(header: str, language: str | None) -> None:
    assert spoken(header) == language


async def test_a_crowd_that_calls_at_once_is_known_by_few_questions(clients: Any, town: None, person: Person) -> None:
    """Each is who they are, nobody is known by a wrong secret, and whoever signs out is nobody in the next request."""
    crowd = [await person() for _ in range(30)]
    headers = [one.headers for one in crowd] + [{"Authorization": "Bearer nobody"}] * 5
    log, recorder = logging.getLogger("tortoise.db_client"), _Questions()
    before = log.level
    async with clients([people, signin]) as client:
        log.addHandler(recorder)
        log.setLevel(logging.DEBUG)
        try:
            answers = await asyncio.gather(*(client.get("/api/me", headers=each) for each in headers))
        finally:
            log.setLevel(before)
            log.removeHandler(recorder)
        assert [answer.status_code for answer in answers] == [200] * 30 + [401] * 5
        assert [answer.json()["id"] for answer in answers[:30]] == [str(one.person.id) for one in crowd]
        assert 0 < recorder.asked < 6
        await Session.filter(volunteer_id=crowd[0].person.id).update(ended_at=now())
        again = await asyncio.gather(*(client.get("/api/me", headers=each) for each in headers[:2]))
        assert [answer.status_code for answer in again] == [401, 200]


class _Questions(logging.Handler):
    """How often the database was asked who holds a session."""

    asked = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.asked += "FROM session" in record.getMessage()
