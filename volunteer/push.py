"""Web Push: a short message to a browser that a person allowed it for, sealed so that only that browser reads it.

An extra (``pip install citong[push]``), off until the operator sets ``push_key``. The body is sealed by RFC 8291, the
sender shows who it is by RFC 8292. A browser names its own address: it is spoken to only on the public internet.
"""

import base64
import json
import logging
import os
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from volunteer import journal, outside
from volunteer.act import now, system
from volunteer.journal import Writing
from volunteer.mail import Letter, Outcome
from volunteer.models import Subscription
from volunteer.settings import Settings

log = logging.getLogger(__name__)

LASTS_SECONDS = 12 * 3600
_CURVE = ec.SECP256R1()


def plain(text: str) -> bytes:
    """Bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def fresh_key() -> str:
    """A private key for ``push_key``."""
    return coded(ec.generate_private_key(_CURVE).private_numbers().private_value.to_bytes(32, "big"))


def private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(plain(key), "big"), _CURVE)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@dataclass(frozen=True, slots=True)
class Browser:
    """``p256dh`` and ``auth`` as the browser told them."""

    endpoint: str
    p256dh: str
    auth: str


def sealed(text: bytes, browser: Browser, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body of a push (RFC 8188, aes128gcm, one record). :class:`ValueError` for keys that are none."""
    theirs = plain(browser.p256dh)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    secret = _derived(plain(browser.auth), shared, b"WebPush: info\0" + theirs + point(own), 32)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!IB", 4096, 65) + point(own)
    return bytes(head + AESGCM(key).encrypt(nonce, text + b"\x02", None))


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return bytes(HKDF(hashes.SHA256(), length, salt, info).derive(secret))


def vouched(settings: Settings, endpoint: str, seconds: int) -> str:
    """The ``Authorization`` header: who sends, to this server only, for half a day."""
    own, parts = private(settings.push_key.get_secret_value()), urlsplit(endpoint)
    audience, until = f"{parts.scheme}://{parts.netloc}", seconds + LASTS_SECONDS
    claims = {"aud": audience, "exp": until, "sub": f"mailto:{settings.mail_from}"}
    said = ".".join(coded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(own.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={said}.{coded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))},k={coded(point(own))}"


class Pusher:
    """Sends one letter to all browsers of its person; ``letter.to`` is the person's id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def send(self, letter: Letter) -> Outcome:
        """Sent when one browser's server took it. A browser that is gone is forgotten."""
        found = await Subscription.filter(volunteer_id=UUID(letter.to)).order_by("created_at")
        outcomes = [await self._one(letter, row) for row in found]
        for kind in ("sent", "later"):
            for outcome in outcomes:
                if outcome.kind == kind:
                    return outcome
        return Outcome("never", why="no browser")

    async def _one(self, letter: Letter, row: Subscription) -> Outcome:
        said = {"title": letter.subject, "body": letter.text[:300], "id": letter.message_id.strip("<>")}
        try:
            browser = Browser(row.endpoint, row.p256dh, row.auth)
            body = sealed(
                json.dumps(said, ensure_ascii=False).encode(), browser, ec.generate_private_key(_CURVE), os.urandom(16)
            )
        except ValueError:
            await _forget(row.id)
            return Outcome("never", why="keys")
        headers = {
            "Authorization": vouched(self._settings, row.endpoint, int(now().timestamp())),
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "TTL": "43200",
            "Urgency": "normal",
        }  # fmt: skip
        try:
            answer = await outside.post(row.endpoint, body, headers)
        except outside.Barred:
            await _forget(row.id)
            return Outcome("never", why="barred")
        except (OSError, TimeoutError) as error:
            return Outcome("later", why=type(error).__name__)
        if answer.status in (404, 410):
            await _forget(row.id)
            return Outcome("never", why=str(answer.status))
        return Outcome("sent" if 200 <= answer.status < 300 else "later", why=str(answer.status))


async def _forget(row: UUID) -> None:
    async def verb(_: Writing) -> None:
        await Subscription.filter(id=row).delete()

    await journal.writing(system(), verb)
