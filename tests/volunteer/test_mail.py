"""What servers answer and what that means, over a real wire."""

from datetime import UTC, datetime
from typing import Any

import aiosmtplib
import pytest

from volunteer import mail
from volunteer.mail import Letter, Outcome, Post

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def letter(to: str = "mei@example.org", name: str = "1") -> Letter:
    return Letter(to, "刺桐登录验证码", "陈小美，您好！\n验证码：123456\n.\n结束\n", f"<{name}@citong>", AT, "zh-CN")


async def test_one_connection_carries_a_batch_of_plain_letters(sink: Any) -> None:
    async with Post(sink.settings) as post:
        assert [await post.send(letter(name=str(n))) for n in range(3)] == [Outcome("sent")] * 3
    assert sink.connections == 1
    assert [got.id for got in sink.taken] == ["<0@citong>", "<1@citong>", "<2@citong>"]
    got = sink.taken[0]
    assert got.to == ["mei@example.org"]
    assert got.message["Subject"] == "刺桐登录验证码"
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message["From"].addresses[0].addr_spec == "citong@localhost"
    assert got.message.get_content().replace("\r\n", "\n") == letter().text
    assert got.message.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("RCPT 550", Outcome("never", why="550")),
        ("RCPT 451", Outcome("later", why="451")),
        ("DATA 451", Outcome("later", why="451")),
        ("DATA 554", Outcome("never", why="554")),
        ("RCPT 421", Outcome("later", broken=True, why="421")),
        ("DATA 421", Outcome("later", broken=True, why="421")),
        ("MAIL 550", Outcome("later", broken=True, why="550")),
    ],
)
async def test_what_a_refusal_means(sink: Any, mode: str, outcome: Outcome) -> None:
    sink.modes = [mode]
    async with Post(sink.settings) as post:
        assert await post.send(letter()) == outcome
        assert (await post.send(letter())).kind == "sent"  # the next one, by a new connection if need be
    assert sink.connections == (2 if outcome.broken else 1)


async def test_a_connection_cut_after_the_text_is_later(sink: Any) -> None:
    sink.modes = ["DATA cut"]
    async with Post(sink.settings) as post:
        outcome = await post.send(letter())
    assert (outcome.kind, outcome.broken) == ("later", True)
    assert len(sink.taken) == 1  # the server has it all the same: the retry carries the same Message-ID


async def test_a_server_that_does_not_answer_is_later(sink: Any) -> None:
    sink.settings.mail_timeout = 1
    sink.modes = ["DATA stall"]
    async with Post(sink.settings) as post:
        outcome = await post.send(letter())
    assert (outcome.kind, outcome.broken) == ("later", True)


async def test_no_server_at_all_is_later(sink: Any) -> None:
    sink.stop()
    async with Post(sink.settings) as post:
        outcome = await post.send(letter())
    assert (outcome.kind, outcome.broken) == ("later", True)


def test_a_wrong_password_concerns_everybody() -> None:
    assert mail.judged(aiosmtplib.SMTPAuthenticationError(535, "no")) == Outcome("later", broken=True, why="535")
    assert mail.judged(aiosmtplib.SMTPServerDisconnected("x")) == Outcome(
        "later", broken=True, why="SMTPServerDisconnected"
    )


@pytest.mark.parametrize("to", ["a@b.c\r\nBcc: x@y.z", "a@b.c, x@y.z", "Mei <a@b.c>", "", "陈@例子.中国", "a@b.c\n"])
async def test_an_address_cannot_leave_its_header_and_stops_nobody_else(sink: Any, to: str) -> None:
    async with Post(sink.settings) as post:
        assert await post.send(letter(to)) == Outcome("never", why="address")
        assert await post.send(letter()) == Outcome("sent")
    assert sink.connections == 1


def test_a_subject_cannot_leave_its_header() -> None:
    bad = Letter("a@b.c", "x\r\nBcc: x@y.z", "", "<1@citong>", AT, "en")
    with pytest.raises(ValueError, match=r"."):
        mail.composed(bad, "citong@localhost")
