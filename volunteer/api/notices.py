"""The doors of the inbox, and of how one wants to be told."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request

from volunteer import journal
from volunteer.act import Act
from volunteer.api import caller
from volunteer.api.http import ById, Instant, Live, Paged, Struct, Text, View, Whole, door
from volunteer.errors import Fault, Forbidden, Invalid
from volunteer.notices import carriers, contacts, inbox
from volunteer.notices.contacts import Choices
from volunteer.notices.inbox import Item
from volunteer.words import fault

Group = Literal["account", "offer", "change", "reminder", "alarm"]
Outward = Literal["push", "mail", "wechat", "sms"]
Clock = Annotated[int, Whole(0, 1439)]


class AboutView(View):
    """What a notice is about, as it is now. ``path``: where to look, below this server's address."""

    title: str
    title_en: str
    starts_at: datetime | None
    place: str
    path: str


class NoticeView(View):
    """``pressing``: unread, and it should not stay so."""

    id: UUID
    kind: str
    group: Group
    subject: str
    text: str
    at: datetime
    read: bool
    pressing: bool
    about: AboutView | None


class Inbox(View):
    """``unread`` counts to 100. ``next``: the cursor of older ones."""

    items: list[NoticeView]
    unread: int
    next: str | None
    live: Live


class Unread(View):
    unread: int


class ReadUntil(Struct):
    until: Instant


class Chosen(View):
    """The outward channels of each group, in the order of the faces; the inbox is always there."""

    offer: list[Outward]
    change: list[Outward]
    reminder: list[Outward]
    alarm: list[Outward]


class ChosenBody(Struct):
    offer: Annotated[list[Outward], Field(max_length=4)]
    change: Annotated[list[Outward], Field(max_length=4)]
    reminder: Annotated[list[Outward], Field(max_length=4)]
    alarm: Annotated[list[Outward], Field(max_length=4)]


class ContactView(View):
    """``quiet_from``, ``quiet_until``, ``digest``: minutes of the local day (``digest`` null: calm notices come at
    once). ``far``, ``near``: minutes before the call time of the two reminders, 0 = none. ``offered``: what reaches
    this person here. ``refused``: their mail address does not exist, says its server. ``calendar``: their calendar
    has an address."""

    channels: Chosen
    quiet_from: int
    quiet_until: int
    far: int
    near: int
    digest: int | None
    offered: list[Outward]
    refused: bool
    calendar: bool


class ContactBody(Struct):
    channels: ChosenBody
    quiet_from: Clock
    quiet_until: Clock
    far: Annotated[int, Whole(0, 20_160)]
    near: Annotated[int, Whole(0, 1440)]
    digest: Clock | None


@door("GET", "/api/notices", summary="My inbox, newest first")
async def list_notices(act: Act, query: Paged, request: Request) -> Inbox:
    if act.actor.id is None:
        raise Forbidden("notices.read", anonymous=True)
    zone = caller.settings(request).zone
    after = _after(query.cursor)

    async def read() -> tuple[list[Item], int]:
        found = await inbox.page(act, zone=zone, language=act.actor.language, after=after, limit=query.limit + 1)
        return found, await inbox.unread(act)

    (items, unread), live = await journal.reading(read, [f"volunteer:{act.actor.id}"])
    more = len(items) > query.limit
    items = items[: query.limit]
    return Inbox(
        items=[_view(item) for item in items],
        unread=unread,
        next=_cursor(items[-1]) if more else None,
        live=Live.model_validate(live),
    )


@door("GET", "/api/notices/unread", summary="How many notices I have not read")
async def count_unread(act: Act) -> Unread:
    return Unread(unread=await inbox.unread(act))


@door("POST", "/api/notices/{id}/read", summary="I have read this notice")
async def read_notice(act: Act, path: ById) -> Unread:
    await inbox.read(act, path.id)
    return Unread(unread=await inbox.unread(act))


@door("POST", "/api/notices/read", summary="I have read everything up to then")
async def read_notices(act: Act, body: ReadUntil) -> Unread:
    await inbox.read_all(act, body.until)
    return Unread(unread=await inbox.unread(act))


@door("GET", "/api/me/contact", summary="How I want to be told")
async def get_contact(act: Act, request: Request) -> ContactView:
    return await _contact(act, request)


@door("PUT", "/api/me/contact", summary="Choose how I want to be told")
async def put_contact(act: Act, body: ContactBody, request: Request) -> ContactView:
    wanted = Choices(body.channels.model_dump(), body.quiet_from, body.quiet_until, body.far, body.near, body.digest)
    await contacts.choose(act, wanted, carriers.channels(caller.settings(request)))
    return await _contact(act, request)


class PushKey(View):
    """``key``: what a browser asks its push server with (the applicationServerKey); null where pushes are off."""

    key: str | None


class AllowPush(Struct):
    endpoint: Annotated[str, Text(12, 600, r"^https://[!-~]+$")]
    p256dh: Annotated[str, Text(87, 88, r"^[A-Za-z0-9_-]{87}=?$")]
    auth: Annotated[str, Text(22, 24, r"^[A-Za-z0-9_-]{22}={0,2}$")]


class DisallowPush(Struct):
    endpoint: Annotated[str, Text(12, 600, r"^https://[!-~]+$")]


@door("GET", "/api/me/push", summary="The key for pushes to my browser")
async def get_push_key(act: Act, request: Request) -> PushKey:
    if act.actor.id is None:
        raise Forbidden("contact.read", anonymous=True)
    return PushKey(key=carriers.push_key(caller.settings(request)))


@door("POST", "/api/me/push", summary="This browser may be pushed to")
async def allow_push(act: Act, body: AllowPush) -> None:
    await contacts.allow(act, body.endpoint, body.p256dh, body.auth)


@door("POST", "/api/me/push/end", summary="This browser is pushed to no more")
async def disallow_push(act: Act, body: DisallowPush) -> None:
    await contacts.disallow(act, body.endpoint)


async def _contact(act: Act, request: Request) -> ContactView:
    known = await contacts.known(act, carriers.channels(caller.settings(request)))
    chosen = known.choices
    return ContactView.model_validate(
        {
            "channels": chosen.channels, "quiet_from": chosen.quiet_from, "quiet_until": chosen.quiet_until,
            "far": chosen.far, "near": chosen.near, "digest": chosen.digest, "offered": list(known.offered),
            "refused": known.refused, "calendar": known.calendar,
        }
    )  # fmt: skip


def _view(item: Item) -> NoticeView:
    fact = item.fact
    about = fact and AboutView(
        title=fact.title.zh, title_en=fact.title.en, starts_at=fact.starts_at, place=fact.place, path=fact.path
    )
    return NoticeView.model_validate(
        {
            "id": item.id, "kind": item.kind, "group": item.group, "subject": item.subject, "text": item.text,
            "at": item.at, "read": item.read, "pressing": item.pressing, "about": about,
        }
    )  # fmt: skip


def _cursor(item: Item) -> str:
    return base64.urlsafe_b64encode(f"{item.at.isoformat()} {item.id}".encode()).decode().rstrip("=")


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        at, _, row = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        after = datetime.fromisoformat(at), UUID(row)
    except (ValueError, binascii.Error):
        after = None
    if after is None or after[0].tzinfo is None or not 2000 < after[0].year < 2100:
        said = fault("cursor", {})
        raise Invalid([Fault("cursor", said.zh, said.en)])
    return after
