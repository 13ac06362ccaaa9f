"""The codes that change at the venue: six figures to type, a longer one to scan. Pure; both come from a shift's secret
and the time, so that any server process shows and checks the same.
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

DIGITS = 6


def turn(at: datetime, seconds: int) -> int:
    """The number of the code that is shown at ``at``."""
    return int(at.timestamp()) // seconds


def ends(at: datetime, seconds: int) -> datetime:
    """When the code shown at ``at`` gives way to the next."""
    return datetime.fromtimestamp((turn(at, seconds) + 1) * seconds, UTC)


def typed(secret: UUID, number: int) -> str:
    """Six figures (RFC 4226, 5.3: the dynamic part of the digest)."""
    digest = _digest(secret, b"typed", number)
    offset = digest[-1] & 0x0F
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{value % 10**DIGITS:0{DIGITS}d}"


def scanned(secret: UUID, number: int) -> str:
    """What a square code carries: 128 bits, for a scanner only."""
    return base64.urlsafe_b64encode(_digest(secret, b"scanned", number)[:16]).rstrip(b"=").decode()


def _digest(secret: UUID, purpose: bytes, number: int) -> bytes:
    return hmac.digest(secret.bytes, purpose + number.to_bytes(8, "big"), "sha256")


def read(secret: UUID, said: str, at: datetime, *, seconds: int, grace: int) -> str | None:
    """How the person came by what they ``said``: ``code`` or ``qr``; None when it is neither the code shown at ``at``
    nor the one before it within its grace."""
    given, now = said.strip(), turn(at, seconds)
    late = turn(at - timedelta(seconds=grace), seconds)
    for number in range(now, late - 1, -1):
        if hmac.compare_digest(given.encode(), typed(secret, number).encode()):
            return "code"
        if hmac.compare_digest(given.encode(), scanned(secret, number).encode()):
            return "qr"
    return None
