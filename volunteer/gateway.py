"""The operator's gateway for text messages and WeChat: one signed POST a message.

The body is JSON; ``Citong-Signature`` is ``t=<seconds>,v1=<hex>``: the HMAC-SHA-256 of ``<seconds>.<body>`` under the
secret that both know. ``Citong-Message`` is the same for every try of one message, so that a gateway which took it
already can say yes without sending it twice.
"""

import hashlib
import hmac
import json
import logging
from types import TracebackType
from typing import Self

from volunteer import outside
from volunteer.act import now
from volunteer.mail import Letter, Outcome
from volunteer.settings import Settings

log = logging.getLogger(__name__)

# Answers that speak of this message alone; every other no is the gateway's own trouble and hits everybody, an address
# that leads nowhere (404) among them.
_NEVER = frozenset({400, 413, 422})
# A text message says the beginning; the rest is in the app.
SMS_LENGTH = 200


def signature(secret: str, seconds: int, body: bytes) -> str:
    made = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"


class Gateway:
    """Not for two tasks at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def send(self, letter: Letter) -> Outcome:
        """Hand one message over. Never raises for what a gateway, a network or a message is like."""
        body = self._body(letter)
        headers = {
            "Content-Type": "application/json",
            "Citong-Message": letter.message_id.strip("<>"),
            "Citong-Signature": signature(self._settings.gateway_key.get_secret_value(), int(now().timestamp()), body),
        }
        try:
            answer = await outside.post(self._settings.gateway_url, body, headers, allow=self._settings.gateway_allow)
        except (outside.Barred, OSError, TimeoutError) as error:
            log.warning("gateway not reached", extra={"why": type(error).__name__})
            return Outcome("later", broken=True, why=type(error).__name__)
        if 200 <= answer.status < 300:
            return Outcome("sent")
        if answer.status in _NEVER:
            return Outcome("never", why=str(answer.status))
        log.warning("gateway said no", extra={"why": str(answer.status)})
        return Outcome("later", broken=True, why=str(answer.status))

    def _body(self, letter: Letter) -> bytes:
        text = letter.text if letter.channel != "sms" else f"【刺桐】{letter.subject}"[:SMS_LENGTH]
        said = {
            "id": letter.message_id.strip("<>"), "channel": letter.channel, "to": letter.to,
            "language": letter.language, "subject": letter.subject, "text": text,
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
