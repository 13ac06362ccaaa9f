"""The secrets that sign people in: made here, mailed or set as a cookie, and stored as digests only."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from volunteer.act import fresh_id
from volunteer.journal import Writing
from volunteer.models import SigninCode

# In the place of a code's digest: a link without a code, and one that opens as often as wanted until its time is over.
LINK_ONLY, LINK_AGAIN = "-", "*"

# Who may be signed in at all; suspended and exited people are nobody to every door.
SIGNS_IN = ("registered", "active", "paused")


@dataclass(frozen=True, slots=True)
class Issued:
    """``code``: six digits to type. ``token``: the fragment of the link. Both until then."""

    code: str
    token: str
    until: datetime


def secret() -> str:
    """256 random bits, safe in a header and in a fragment."""
    return secrets.token_urlsafe(32)


def mailbox(email: str) -> str:
    """An e-mail address as it is stored and looked up."""
    return email.strip().lower()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def code_digest(row: UUID, code: str) -> str:
    """Of a short code: with its row's id, so that equal codes do not look equal."""
    return digest(f"{row}:{code}")


def opens(row: SigninCode, code: str) -> bool:
    return hmac.compare_digest(row.code_digest, code_digest(row.id, code))


async def issue(w: Writing, volunteer_id: UUID, *, minutes: int, kind: str = "") -> Issued:
    """A code and a link for this person, valid for ``minutes`` from the database's now. ``kind``: ``LINK_ONLY`` or
    ``LINK_AGAIN`` for a link without a code."""
    at = await w.clock()
    row = fresh_id(at)
    made = Issued(f"{secrets.randbelow(1_000_000):06d}", secret(), at + timedelta(minutes=minutes))
    line = SigninCode(
        id=row,
        volunteer_id=volunteer_id,
        code_digest=kind or code_digest(row, made.code),
        link_digest=digest(made.token),
        created_at=at,
        expires_at=made.until,
    )
    await line.save(force_create=True)
    return made
