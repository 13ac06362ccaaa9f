"""What a person reads in the app: newest first, and what of it is unread."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from volunteer import journal
from volunteer.act import Act, Language
from volunteer.errors import Missing
from volunteer.journal import Writing
from volunteer.models import Notice
from volunteer.notices import letters
from volunteer.notices.abouts import Fact
from volunteer.notices.kinds import KINDS

# An inbox counts no further; people read "99+".
MOST = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One notice in the reader's language. ``pressing``: it waits for the person to look."""

    id: UUID
    kind: str
    group: str
    subject: str
    text: str
    at: datetime
    read: bool
    pressing: bool
    fact: Fact | None


def _mine(act: Act) -> QuerySet[Notice]:
    """Of the kinds that this release has words for: one beside it, or one after it, may know more."""
    return Notice.filter(volunteer_id=act.actor.id, channel="app", state="sent", kind__in=list(KINDS))


async def page(
    act: Act, *, zone: str, language: Language, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Item]:
    """A page of one's own notices, newest first, below the row that ``after`` names."""
    rows = _mine(act)
    if after is not None:
        rows = rows.filter(Q(created_at__lt=after[0]) | Q(created_at=after[0], id__lt=after[1]))
    found = await rows.order_by("-created_at", "-id").limit(limit)
    facts = await letters.told(found)
    return [_item(row, facts.get(row.id), zone, language) for row in found]


def _item(row: Notice, fact: Fact | None, zone: str, language: Language) -> Item:
    said = letters.said(row, fact, zone, language)
    kind = KINDS[row.kind]
    pressing = row.escalate_at is not None or kind.weight == "urgent"
    return Item(
        row.id, row.kind, kind.group, said.subject, said.text, row.created_at, row.read_at is not None,
        pressing and row.read_at is None, fact,
    )  # fmt: skip


async def unread(act: Act) -> int:
    """How many are unread; no more than :data:`MOST` are counted."""
    return len(await _mine(act).filter(read_at=None).limit(MOST).values_list("id", flat=True))


async def read(act: Act, notice_id: UUID) -> None:
    """Note that the person has seen it. :class:`Missing` for a notice of somebody else."""

    async def verb(w: Writing) -> None:
        row = await _mine(act).filter(id=notice_id).first()
        if row is None:
            raise Missing("notice")
        if row.read_at is None:
            await Notice.filter(id=notice_id).update(read_at=await w.clock())
            _tell(w, act)

    await journal.writing(act, verb)


async def read_all(act: Act, until: datetime) -> int:
    """Note that everything up to then is seen; how many were unread."""

    async def verb(w: Writing) -> int:
        count = await _mine(act).filter(read_at=None, created_at__lte=until).update(read_at=await w.clock())
        if count:
            _tell(w, act)
        return count

    return await journal.writing(act, verb)


def _tell(w: Writing, act: Act) -> None:
    """Other screens of the same person count anew."""
    w.entry("notice.read", topics=[f"volunteer:{act.actor.id}"], body={})
