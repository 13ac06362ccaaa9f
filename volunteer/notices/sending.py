"""How what is owed leaves: claimed for a while by one process, handed over, and marked by what the server said.

A letter is written at the moment of sending: the outbox holds no codes and no links that open anything. What is due for
one person at the same time leaves as one message. What nobody could act on any more is dropped, never sent late. A
server in trouble is left alone by all processes for a while, longer each time.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from volunteer import beats, codes, journal
from volunteer.act import Language, fresh_id, system
from volunteer.journal import Writing
from volunteer.mail import Letter, Outcome
from volunteer.models import Contact, Notice, Volunteer
from volunteer.notices import contacts, holding, letters, links
from volunteer.notices.carriers import Carrier, Hand, carriers
from volunteer.notices.kinds import KINDS
from volunteer.settings import Settings

log = logging.getLogger(__name__)

# Minutes until the next try after the first, second … failure; then every two hours, each ± a fifth.
RETRIES = (1, 5, 15, 30)
LATER = 120
GIVE_UP = timedelta(hours=48)

# So many messages are at most between two beats of a server that takes them.
BEAT, BEAT_HOLDS = 10, timedelta(seconds=40)

# What signs people in leaves also while all else is held.
_OPENING = [name for name, kind in KINDS.items() if kind.opens]

_DROP_LATE = "UPDATE notice SET state = 'dropped', error = 'late' WHERE state = 'due' AND until <= clock_timestamp()"
# Letters whose leader was dropped go on by themselves.
_ORPHANS = """UPDATE notice m SET lead_id = NULL, claimed_until = NULL FROM notice l
WHERE m.lead_id = l.id AND m.state = 'due' AND l.state <> 'due'"""
_CLAIM = """UPDATE notice SET claimed_until = clock_timestamp() + $1, fence = fence + 1 WHERE id IN (
    SELECT id FROM notice WHERE state = 'due' AND channel = ANY($2) AND due_at <= clock_timestamp() AND lead_id IS NULL
    AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    AND kind = ANY($7) AND NOT EXISTS (SELECT 1 FROM breaker WHERE host = $4 AND open_until > clock_timestamp())
    AND (kind = ANY($5) OR NOT EXISTS (SELECT 1 FROM breaker WHERE host = $6))
    ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id, fence, due_at, volunteer_id, channel, kind, tries"""
_LEAD = "UPDATE notice SET lead_id = $1 WHERE id = ANY($2)"
_HOLD = """UPDATE notice SET claimed_until = clock_timestamp() + $1, tries = tries + 1
WHERE id = $2 AND fence = $3 AND state = 'due' AND (until IS NULL OR until > clock_timestamp()) RETURNING id"""
_HOLD_LED = "UPDATE notice SET claimed_until = clock_timestamp() + $1 WHERE lead_id = $2 AND state = 'due'"
_MARK = """UPDATE notice SET state = $3, error = $4, sent_at = $5, due_at = $6, claimed_until = NULL
WHERE id = $1 AND fence = $2 AND state = 'due' RETURNING id"""
_MARK_LED = """UPDATE notice SET state = $2, error = $3, sent_at = $4, due_at = $5, claimed_until = NULL
WHERE lead_id = $1 AND state = 'due'"""
_APART = """UPDATE notice SET lead_id = NULL, claimed_until = NULL, tries = tries + 1, state = $3,
error = $4, due_at = $5 WHERE state = 'due' AND (id = $1 AND fence = $2 OR lead_id = $1)"""
_DROP = "UPDATE notice SET state = 'dropped', error = $2, claimed_until = NULL WHERE id = ANY($1)"
_RETURN = "UPDATE notice SET claimed_until = NULL WHERE lead_id = $1 OR (id = $1 AND fence = $2 AND state = 'due')"
_REST = """INSERT INTO breaker (host, trips, open_until) VALUES ($1, 1, clock_timestamp() + interval '1 minute')
ON CONFLICT (host) DO UPDATE SET trips = least(breaker.trips + 1, 5),
open_until = clock_timestamp() + least(power(2, breaker.trips), 30) * interval '1 minute'"""
_WELL = "DELETE FROM breaker WHERE host = $1"


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: UUID
    fence: int


async def send_due(settings: Settings, limit: int = 100) -> int:
    """Send what is due, oldest first; how many messages were taken. Safe in several processes at once. What the
    operator has no server for stays due."""
    return sum([await _carried(settings, carrier, limit) for carrier in carriers(settings)])


async def _carried(settings: Settings, carrier: Carrier, limit: int) -> int:
    waiting = await _claim(carrier, limit)
    sent, broken = 0, False
    try:
        async with carrier.open() as post:
            while waiting and not broken:
                outcome = await _sent(settings, carrier, post, waiting[0])
                waiting.pop(0)
                if outcome.kind == "sent":
                    sent += 1
                    if sent % BEAT == 1:
                        await _run(_WELL, carrier.host)
                        await beats.beat(["mail"], BEAT_HOLDS)
                broken = outcome.broken
        if broken:
            await _run(_REST, carrier.host)
    finally:
        for line in waiting:
            await _run(_RETURN, line.id, line.fence)
    return sent


async def _sent(settings: Settings, carrier: Carrier, post: Hand, line: _Claimed) -> Outcome:
    """Write this letter, hand it over, and note what became of it."""
    try:
        letter = await _written(settings, carrier, line)
        if letter is None:
            return Outcome("never")
        outcome = await post.send(letter)
    except Exception as error:
        if journal.away(error):
            raise
        log.exception("a letter could not be written", extra={"notice": str(line.id)})
        await _set_apart(line, type(error).__name__)
        return Outcome("later")
    await _marked(line, outcome)
    return outcome


async def _set_apart(line: _Claimed, why: str) -> None:
    """It and those that were to go with it are tried again one by one: whichever cannot be written, the others can."""

    async def verb(w: Writing) -> None:
        notice, at = await Notice.get(id=line.id), await w.clock()
        state = "due" if at < notice.created_at + GIVE_UP else "failed"
        values = [line.id, line.fence, state, why[:200], at + wait(notice.tries + 1)]
        await w.db.execute_query(_APART, values)

    await journal.writing(system(), verb)


async def _run(sql: str, *values: object) -> None:
    async def verb(w: Writing) -> None:
        await w.db.execute_query(sql, list(values))

    await journal.writing(system(), verb)


async def _claim(carrier: Carrier, limit: int) -> list[_Claimed]:
    """What is due and nobody's now, oldest first; the letters of one person are put together, once and for all: a
    second try says the same under the same Message-ID."""

    async def verb(w: Writing) -> list[_Claimed]:
        await w.db.execute_query(_DROP_LATE)
        await w.db.execute_query(_ORPHANS)
        values = [carrier.lease, list(carrier.channels), limit, carrier.host, _OPENING, holding.HOST, list(KINDS)]
        rows = await w.db.execute_query_dict(_CLAIM, values)
        rows = sorted(rows, key=lambda row: (row["due_at"], row["id"]))
        led = _together(rows)
        for leader, others in led.items():
            await w.db.execute_query(_LEAD, [leader, others])
        behind = {one for others in led.values() for one in others}
        return [_Claimed(row["id"], row["fence"]) for row in rows if row["id"] not in behind]

    return await journal.writing(system(), verb)


def _together(rows: Sequence[dict[str, Any]]) -> dict[UUID, list[UUID]]:
    """Of letters that were never tried, the first of each person and channel leads the others."""
    groups: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for row in rows:
        if row["tries"] == 0 and not KINDS[row["kind"]].opens and not KINDS[row["kind"]].parting:
            groups[row["volunteer_id"], row["channel"]].append(row["id"])
    return {ids[0]: ids[1:] for ids in groups.values() if len(ids) > 1}


async def _written(settings: Settings, carrier: Carrier, line: _Claimed) -> Letter | None:
    """The letter, if it is still ours to send and of use to somebody who can be reached."""

    async def verb(w: Writing) -> Letter | None:
        if not await w.db.execute_query_dict(_HOLD, [carrier.lease, line.id, line.fence]):
            return None
        await w.db.execute_query(_HOLD_LED, [carrier.lease, line.id])
        rows = [
            await Notice.get(id=line.id),
            *await Notice.filter(lead_id=line.id, state="due").order_by("created_at", "id"),
        ]
        person = await Volunteer.get(id=rows[0].volunteer_id)
        reached = person.state in codes.SIGNS_IN or KINDS[rows[0].kind].parting
        to = carrier.address(person) if reached else ""
        if not to:
            await w.db.execute_query(_DROP, [[row.id for row in rows], "nobody"])
            return None
        return await _letter(w, settings, rows, person, to)

    return await journal.writing(system(), verb)


async def _letter(w: Writing, settings: Settings, rows: Sequence[Notice], person: Volunteer, to: str) -> Letter | None:
    found = await letters.told(rows)
    moot = [row.id for row in rows if letters.moot(row, found.get(row.id))]
    if moot:
        await w.db.execute_query(_DROP, [moot, "moot"])
    lead, language = rows[0], _language(person)
    if lead.id in moot:
        return None  # those that it led go on by themselves
    rows = [row for row in rows if row.id not in moot]
    link = f"{settings.public_url.rstrip('/')}/{lead.data.get('face', 'phone')}/"
    more: dict[str, Any] = {}
    if KINDS[lead.kind].opens:
        issued = await codes.issue(w, person.id, minutes=settings.code_minutes)
        until = letters.local(issued.until, settings.zone, language)
        more = {"code": issued.code, "link": f"{link}#t={issued.token}", "until": until}
    home = f"{settings.public_url.rstrip('/')}/phone/"
    parts = [
        replace(
            letters.said(row, found.get(row.id), settings.zone, language, more),
            link=await _answer_link(w, row, home),
        )
        for row in rows
    ]
    subject, text = letters.letter(parts, person.name, "" if KINDS[lead.kind].opens else link, language)
    return Letter(
        to, subject, text, lead.message_id, lead.created_at, "en" if language == "en" else "zh-CN", lead.channel
    )


async def _answer_link(w: Writing, row: Notice, home: str) -> str:
    """A link by which the person answers without signing in; only letters that nobody else reads carry one."""
    if not KINDS[row.kind].answers or row.ref is None or row.channel not in ("mail", "wechat"):
        return ""
    return f"{home}#o={await links.issue(w, row.volunteer_id, row.ref, row.until)}"


def _language(person: Volunteer) -> Language:
    return "en" if person.language == "en" else "zh"


async def _marked(line: _Claimed, outcome: Outcome) -> None:
    async def verb(w: Writing) -> None:
        notice, at = await Notice.get(id=line.id), await w.clock()
        state, due = "sent" if outcome.kind == "sent" else "failed", notice.due_at
        if outcome.kind == "later" and at < notice.created_at + GIVE_UP:
            state, due = "due", at + wait(notice.tries)
        values = [state, outcome.why[:200], at if state == "sent" else None, due]
        if await w.db.execute_query_dict(_MARK, [line.id, line.fence, *values]):
            await w.db.execute_query(_MARK_LED, [line.id, *values])
            if outcome.kind == "never" and notice.channel == "mail":
                await _refused(w, notice.volunteer_id)
        else:
            log.warning("a notice was sent after its lease", extra={"notice": str(line.id)})

    await journal.writing(system(), verb)


async def _refused(w: Writing, volunteer_id: UUID) -> None:
    """A server does not know the address: no mail is owed to it until it is another one, and the person is told so
    where they choose how to be told."""
    await contacts.hold(w, volunteer_id)
    person = await Volunteer.get(id=volunteer_id)
    address = codes.digest(person.email or "")
    if not await Contact.filter(volunteer_id=volunteer_id).update(refused=address):
        await Contact.create(id=fresh_id(w.act.at), volunteer_id=volunteer_id, refused=address)
    await (
        Notice.filter(volunteer_id=volunteer_id, channel="app", read_at=None, until__gt=await w.clock())
        .filter(escalate_at__not_isnull=True)
        .update(escalate_at=await w.clock())
    )


def wait(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    minutes = RETRIES[tries - 1] if 0 < tries <= len(RETRIES) else LATER
    return timedelta(minutes=minutes * random.uniform(0.8, 1.2))
