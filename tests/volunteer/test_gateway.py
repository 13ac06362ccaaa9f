"""The gateway gets one signed message a time, the same one again when its answer was lost."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from tests.volunteer.receiving import Receiver, Request, receiving
from volunteer import gateway, journal, notices
from volunteer.act import now, system
from volunteer.models import Contact, Notice, Volunteer
from volunteer.settings import Settings

SECRET = "not-a-real-secret"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


def settings(receiver: Receiver, **given: Any) -> Settings:
    fields = {"gateway_url": receiver.url, "gateway_key": SECRET, "gateway_channels": ("sms", "wechat")}
    return Settings(public_url="http://citong.test", **(fields | {"gateway_allow": (receiver.host,)} | given))


async def owed(person: Any, *channels: str, phone: str = "13800000000") -> Volunteer:
    who: Volunteer = (await person()).person
    await Volunteer.filter(id=who.id).update(phone=phone)
    await Contact.create(id=uuid4(), volunteer_id=who.id, channels={"change": list(channels)})
    until = now() + timedelta(hours=2)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", who.id, ref=uuid4(), until=until))
    return who


def signed(request: Request) -> bool:
    """As the gateway's own code would judge it."""
    parts = dict(part.split("=") for part in request.headers["citong-signature"].split(","))
    made = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, parts["v1"]) and abs(int(parts["t"]) - now().timestamp()) < 300


async def test_a_text_and_a_wechat_message_arrive_signed(receiver: Receiver, person: Any) -> None:
    await owed(person, "sms", "wechat")
    assert await notices.send_due(settings(receiver)) == 2
    assert all(map(signed, receiver.got))
    said = {body["channel"]: body for body in (json.loads(request.body) for request in receiver.got)}
    assert said["sms"]["to"] == said["wechat"]["to"] == "13800000000"
    assert said["sms"]["text"] == "【刺桐】一场活动已取消"
    assert "请不要前往" in said["wechat"]["text"]
    tampered = Request("", receiver.got[0].headers, receiver.got[0].body + b" ")
    assert not signed(tampered)
    assert await notices.send_due(settings(receiver)) == 0


async def test_a_lost_answer_brings_the_same_message_again(receiver: Receiver, person: Any) -> None:
    await owed(person, "sms")
    receiver.answers = [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"]
    assert await notices.send_due(settings(receiver)) == 0
    assert await notices.send_due(settings(receiver)) == 0, "left alone for a while"
    row = await Notice.get(channel="sms")
    assert (row.state, row.error, row.tries) == ("due", "503", 1)
    await journal.writing(system(), lambda w: w.db.execute_query("DELETE FROM breaker"))
    await Notice.filter(channel="sms").update(due_at=now() - timedelta(seconds=1))
    assert await notices.send_due(settings(receiver)) == 1
    assert len({request.headers["citong-message"] for request in receiver.got}) == 1
    assert len(receiver.got) == 2


async def test_a_number_that_is_refused_is_not_tried_again_and_stops_nobody(receiver: Receiver, person: Any) -> None:
    bad = await owed(person, "sms")
    await owed(person, "sms")
    receiver.answers = [b"HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n"]
    assert await notices.send_due(settings(receiver)) == 1
    assert (await Notice.get(volunteer_id=bad.id, channel="sms")).state == "failed"


async def test_a_gateway_that_has_moved_loses_no_message(receiver: Receiver, person: Any) -> None:
    await owed(person, "sms")
    receiver.answers = [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
    assert await notices.send_due(settings(receiver)) == 0
    row = await Notice.get(channel="sms")
    assert (row.state, row.error) == ("due", "404")


async def test_a_gateway_on_the_inside_that_nobody_allowed_is_not_spoken_to(receiver: Receiver, person: Any) -> None:
    await owed(person, "sms")
    assert await notices.send_due(settings(receiver, gateway_allow=())) == 0
    assert receiver.knocks == 0
    assert (await Notice.get(channel="sms")).error == "Barred"


def test_the_signature_is_of_time_and_body() -> None:
    made = gateway.signature("a", 1, b"x")
    assert made.startswith("t=1,v1=")
    others = {gateway.signature(*given) for given in (("a", 2, b"x"), ("b", 1, b"x"), ("a", 1, b"y"))}
    assert len(others - {made}) == 3
