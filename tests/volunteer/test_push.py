"""Web Push: the published example byte for byte, a signature that a push server can check, browsers that are gone."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

pytest.importorskip("cryptography", reason="Web Push is an extra")

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.volunteer.receiving import Receiver, receiving
from volunteer import journal, notices, outside, push
from volunteer.act import now, system
from volunteer.models import Notice, Subscription, Volunteer
from volunteer.push import Browser, coded, plain, point, private
from volunteer.settings import Settings

# RFC 8291, appendix A.
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
THEIRS = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
THEIR_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
OUR_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def opened(body: bytes) -> bytes:
    """As the browser of the example reads it."""
    key = private(THEIR_KEY)
    salt, ours, sealed = body[:16], body[21:86], body[86:]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ours))
    secret = push._derived(plain(AUTH), shared, b"WebPush: info\0" + plain(THEIRS) + ours, 32)
    nonce = push._derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    text = AESGCM(push._derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)).decrypt(nonce, sealed, None)
    assert text.endswith(b"\x02")
    return text[:-1]


def test_the_published_example() -> None:
    browser = Browser("", THEIRS, AUTH)
    text = b"When I grow up, I want to be a watermelon"
    assert coded(push.sealed(text, browser, private(OUR_KEY), plain(SALT))) == BODY
    assert opened(plain(BODY)) == text


def test_a_fresh_key_is_a_key() -> None:
    assert len(point(private(push.fresh_key()))) == 65
    with pytest.raises(ValueError):  # noqa: PT011 - the library says it in its own words
        push.sealed(b"", Browser("", "AAAA", AUTH), private(OUR_KEY), plain(SALT))


@pytest_asyncio.fixture
async def post(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A push server; for its sake the loopback counts as public here."""
    real = outside.public
    monkeypatch.setattr(outside, "public", lambda address: address == "127.0.0.1" or real(address))
    async with receiving() as made:
        yield made


async def owed(person: Any, *endpoints: str) -> Volunteer:
    who: Volunteer = (await person()).person
    for endpoint in endpoints:
        await Subscription.create(
            id=uuid4(), volunteer_id=who.id, endpoint=endpoint, p256dh=THEIRS, auth=AUTH, created_at=now()
        )
    until = now() + timedelta(hours=2)
    await journal.writing(system(), lambda w: notices.owe(w, "event.cancelled", who.id, ref=uuid4(), until=until))
    return who


SETTINGS = Settings(push_key=OUR_KEY, public_url="http://citong.test")


async def test_a_browser_reads_it_and_its_server_knows_who_sends(post: Receiver, person: Any) -> None:
    await owed(person, post.url)
    assert await notices.send_due(SETTINGS) == 1
    (request,) = post.got
    assert request.headers["content-encoding"] == "aes128gcm"
    assert json.loads(opened(request.body))["title"] == "一场活动已取消"
    said = request.headers["authorization"].removeprefix("vapid ")
    parts = dict(part.strip().split("=", 1) for part in said.split(","))
    head, claims, signature = parts["t"].split(".")
    raw = plain(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(parts["k"]))
    numbers = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(*numbers), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(plain(claims))["aud"] == f"http://{post.host}"


async def test_a_browser_that_is_gone_is_forgotten_and_the_other_still_told(post: Receiver, person: Any) -> None:
    await owed(person, post.url, post.url + "&second")
    post.answers = [b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"]
    assert await notices.send_due(SETTINGS) == 1
    assert await Subscription.all().count() == 1


async def test_a_browser_that_names_an_inner_address_reaches_nothing(person: Any) -> None:
    async with receiving() as canary:
        await owed(person, canary.url)
        assert await notices.send_due(SETTINGS) == 0
        assert canary.knocks == 0
    assert not await Subscription.exists()
    assert (await Notice.get(channel="push")).state == "failed"


async def test_who_allowed_no_browser_is_owed_no_push(person: Any) -> None:
    await owed(person)
    assert not await Notice.exists(channel="push")
