"""The door to SMTP: one connection a batch, one recipient a message, every answer judged.

A message that a server took may still be taken twice (the answer can be lost): its Message-ID is fixed by the caller,
so that the second copy is known as one.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from types import TracebackType
from typing import Literal, Self

import aiosmtplib

from volunteer.settings import Settings

log = logging.getLogger(__name__)

# What an address may look like here; whatever else was imported is refused before a server sees it.
MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}"

# A server that says this wants to be left alone by everybody, whatever it was asked.
_LEAVE = 421


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain text for one person. ``message_id`` with its angle brackets; ``channel``: for those who serve several."""

    to: str
    subject: str
    text: str
    message_id: str
    at: datetime
    language: str
    channel: str = "mail"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``sent``: the server has it. ``later``: not now. ``never``: this recipient or message is refused for good.
    ``broken``: nothing more goes through this connection. ``why``: a code or a name, never the server's words."""

    kind: Literal["sent", "later", "never"]
    broken: bool = False
    why: str = ""


def judged(error: Exception) -> Outcome:
    """What an error of sending means. Only a refusal of this recipient or this text is for good: whatever concerns our
    account, our sender address or the connection may be mended and hits everybody."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return judged(error.recipients[0])
    code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None
    why = str(code) if code is not None else type(error).__name__
    personal = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError) and code != _LEAVE
    if personal and code is not None and 500 <= code < 600:
        return Outcome("never", why=why)
    return Outcome("later", broken=not personal, why=why)


class Post:
    """One connection to the operator's mail server, opened with the first letter. Not for two tasks at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def send(self, letter: Letter) -> Outcome:
        """Hand one letter over. Never raises for what a server, a network or a letter is like."""
        try:
            message = composed(letter, self._settings.mail_from)
        except ValueError:
            return Outcome("never", why="address")
        try:
            line = self._line or await self._open()
            refused, _ = await line.send_message(message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            outcome = judged(error)
            log.warning("mail not taken", extra={"outcome": outcome.kind, "why": outcome.why})
            if outcome.broken:
                await self._close()
            return outcome
        for answer in refused.values():
            return Outcome("never" if 500 <= answer.code < 600 else "later", why=str(answer.code))
        return Outcome("sent")

    async def _open(self) -> aiosmtplib.SMTP:
        s = self._settings
        line = aiosmtplib.SMTP(
            hostname=s.mail_host,
            port=s.mail_port,
            timeout=s.mail_timeout,
            use_tls=s.mail_tls == "tls",
            start_tls=s.mail_tls == "starttls",
            username=s.mail_user or None,
            password=s.mail_password.get_secret_value() or None,
        )
        await line.connect()
        self._line = line
        return line

    async def _close(self) -> None:
        line, self._line = self._line, None
        if line is None or not line.is_connected:
            return
        try:
            await line.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.debug("mail server left first: %s", type(error).__name__)
            line.close()


def composed(letter: Letter, sender: str) -> EmailMessage:
    """The letter as a message. :class:`ValueError` for an address or subject that could break out of its header."""
    if not re.fullmatch(MAILBOX, letter.to):
        raise ValueError("not an address")
    message = EmailMessage(policy=WIRE)
    message["From"] = Address("刺桐 Citong", addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    message.set_content(letter.text)
    return message
