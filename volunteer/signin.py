"""Signing in and out: a one-time code or link by mail, sessions of browsers, tokens of programs.

Only digests are stored. Attempts are counted in the database, over all processes, per account and per network address;
whoever is slowed down can still use the link in the mail. An unknown address gets the same answer by the same way.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from volunteer import codes, journal, notices
from volunteer.act import Act, fresh_id, system
from volunteer.errors import Forbidden, Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Session, SigninCode, Volunteer

WINDOW = timedelta(minutes=10)
GUESSES_ACCOUNT, GUESSES_ADDRESS = 10, 50
MAILS_ACCOUNT, MAILS_ADDRESS = 5, 50

_NOBODY = UUID(int=0)

_QUEUE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_COUNT = "SELECT count(*) AS n, min(at) AS first FROM attempt WHERE scope = $1 AND at > $2"
_NOTE = "INSERT INTO attempt (scope, at) VALUES ($1, $2)"
_SWEEPS = (
    "DELETE FROM attempt WHERE at < $1::timestamptz - interval '1 hour'",
    "DELETE FROM signin_code WHERE expires_at < $1::timestamptz - interval '1 day'",
    "DELETE FROM session WHERE expires_at < $1::timestamptz - interval '1 day'",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just begun. ``secret`` is told once, here."""

    session: UUID
    volunteer: UUID
    secret: str
    expires_at: datetime


async def ask(act: Act, email: str, *, face: str, address: str) -> None:
    """Mail a code and a link to whoever this address belongs to, if to anybody. Says nothing of whether it does.
    :class:`Refused` (too_many) when this network address asks too often."""

    async def verb(w: Writing) -> int:
        at = await w.clock()
        account, network = f"mail:{_mailbox(email)}", f"mail:{_network(address)}"
        full = await _tries(w, account, MAILS_ACCOUNT, at)
        if wait := await _tries(w, network, MAILS_ADDRESS, at):
            return wait
        # A full account is not noted again: nobody is kept from their mail by a stranger who goes on asking.
        await _note(w, at, *([network] if full else [account, network]))
        person = await _person(email)
        if person is not None and not full:
            await notices.owe(w, "signin.code", person.id, until=at + WINDOW, data={"face": face})
        else:  # as many statements as owing takes: how long it lasts tells nobody who is known
            await _note(w, await w.clock(), "nobody")
        return 0

    _refuse(await journal.writing(act, verb))


async def by_code(act: Act, email: str, code: str, *, address: str, days: int) -> Opened:
    """Begin a session by the code that was mailed. :class:`Refused` (gone, wrong_code) for a wrong, used or late one,
    (too_many) after ten wrong ones in ten minutes."""

    async def verb(w: Writing) -> Opened | int:
        at = await w.clock()
        scopes = f"guess:{_mailbox(email)}", f"guess:{_network(address)}"
        waits = [await _tries(w, scopes[0], GUESSES_ACCOUNT, at), await _tries(w, scopes[1], GUESSES_ADDRESS, at)]
        if wait := max(waits):
            return wait
        person = await _person(email)
        live = _live(person.id if person else _NOBODY, at)  # asked and counted for nobody too, in the same time
        for row in await live.order_by("-created_at").limit(MAILS_ACCOUNT).select_for_update():
            if codes.opens(row, code):
                return await _open(w, row, days)
        await _note(w, at, *scopes)
        await live.update(tries=F("tries") + 1)
        return 0

    done = await journal.writing(act, verb)  # a wrong guess is committed before it is refused
    if isinstance(done, int):
        _refuse(done)
        raise Refused([Reason("wrong_code")], gone=True)
    return done


async def by_token(act: Act, token: str, *, days: int) -> Opened:
    """Begin a session by the token of a link. :class:`Refused` (gone) when it is unknown, used or its time is over."""

    async def verb(w: Writing) -> Opened:
        at = await w.clock()
        row = await SigninCode.filter(link_digest=codes.digest(token)).select_for_update().first()
        if row is None or row.used_at is not None or row.expires_at <= at:
            raise Refused([Reason("dead_link")], gone=True)
        if not await Volunteer.exists(id=row.volunteer_id, state__in=codes.SIGNS_IN):
            raise Refused([Reason("dead_link")], gone=True)
        return await _open(w, row, days)

    return await journal.writing(act, verb)


async def _open(w: Writing, row: SigninCode, days: int) -> Opened:
    at = await w.clock()
    if row.code_digest != codes.LINK_AGAIN:
        row.used_at = at
        await row.save(update_fields=["used_at"])
    return await _begin(w, row.volunteer_id, "browser", at, days)


async def _begin(w: Writing, volunteer_id: UUID, kind: str, at: datetime, days: int) -> Opened:
    made = Opened(fresh_id(at), volunteer_id, codes.secret(), at + timedelta(days=days))
    row = Session(id=made.session, volunteer_id=volunteer_id, kind=kind, digest=codes.digest(made.secret))
    row.created_at, row.expires_at = at, made.expires_at
    await row.save(force_create=True)
    w.entry("session.began", topics=[f"volunteer:{volunteer_id}"], ref=made.session, body={"kind": kind})
    return made


async def end(act: Act) -> None:
    """End the session that the act came with; its sockets close by the entry. Without one, nothing."""

    async def verb(w: Writing) -> None:
        session, person = act.actor.session, act.actor.id
        if await Session.filter(id=session, ended_at=None).update(ended_at=await w.clock()):
            body = {"session": str(session)}
            w.entry("session.ended", topics=[f"volunteer:{person}"], ref=session, body=body)

    if act.actor.session is not None:
        await journal.writing(act, verb)


async def token(act: Act, email: str, *, days: int = 365) -> str:
    """A token for a program that acts as this person. Only the system makes one. :class:`Missing` for nobody."""
    _own(act, "token.make")

    async def verb(w: Writing) -> str:
        person = await _person(email)
        if person is None:
            raise Missing("volunteer")
        return (await _begin(w, person.id, "token", await w.clock(), days)).secret

    return await journal.writing(act, verb)


async def link(
    act: Act, volunteer_id: UUID, face: str, *, public_url: str, minutes: int = 10, again: bool = False
) -> str:
    """A link that signs this person in, for the one who holds it; its secret is in the fragment alone. Only the system
    makes one. ``again``: opens as often as wanted until its time is over (demonstrations)."""
    _own(act, "link.make")

    async def verb(w: Writing) -> str:
        if not await Volunteer.exists(id=volunteer_id):
            raise Missing("volunteer")
        kind = codes.LINK_AGAIN if again else codes.LINK_ONLY
        issued = await codes.issue(w, volunteer_id, minutes=minutes, kind=kind)
        return f"{public_url.rstrip('/')}/{face}/#t={issued.token}"

    return await journal.writing(act, verb)


async def sweep(at: datetime) -> None:
    """Forget attempts, codes and sessions whose time is long over."""

    async def verb(w: Writing) -> None:
        for statement in _SWEEPS:
            await w.db.execute_query(statement, [at])

    await journal.writing(system(at), verb)


def _own(act: Act, verb: str) -> None:
    if not any(held.role == "system" for held in act.actor.grants):
        raise Forbidden(verb)


async def _person(email: str) -> Volunteer | None:
    return await Volunteer.get_or_none(email=codes.mailbox(email), state__in=codes.SIGNS_IN)


def _live(volunteer_id: UUID, at: datetime) -> QuerySet[SigninCode]:
    """The codes of this person that may still be typed."""
    return SigninCode.filter(volunteer_id=volunteer_id, used_at=None, expires_at__gt=at, tries__lt=GUESSES_ACCOUNT)


def _mailbox(email: str) -> str:
    return f"account:{codes.digest(codes.mailbox(email))}"


def _network(address: str) -> str:
    """One IPv4 address, or the /64 that one line of IPv6 is given."""
    try:
        wide = ipaddress.ip_network(f"{address}/{64 if ':' in address else 32}", strict=False)
    except ValueError:
        return "address:unknown"
    return f"address:{codes.digest(str(wide))}"


async def _tries(w: Writing, scope: str, limit: int, at: datetime) -> int:
    """Seconds to wait, 0 when another try is free. Tries of one scope queue here until the transaction ends."""
    await w.db.execute_query(_QUEUE, [scope])
    rows = await w.db.execute_query_dict(_COUNT, [scope, at - WINDOW])
    if rows[0]["n"] < limit:
        return 0
    left: timedelta = rows[0]["first"] + WINDOW - at
    return max(1, int(left.total_seconds()) + 1)


async def _note(w: Writing, at: datetime, *scopes: str) -> None:
    for scope in scopes:
        await w.db.execute_query(_NOTE, [scope[:80], at])


def _refuse(wait: int) -> None:
    if wait:
        raise Refused([Reason("too_many", {"seconds": wait})])
