"""People of the network: who is calling, their own profile, how others see them, and adding them."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from tortoise import connections

from volunteer import access, codes, journal
from volunteer.access import Thing, masked
from volunteer.act import Act, Actor, Grant, Language, fresh_id
from volunteer.errors import Fault, Forbidden, Invalid, Missing, Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Region, Role, Unit, Volunteer
from volunteer.pinyin import spelt

Face = Literal["phone", "desk", "board"]
FACES: tuple[Face, ...] = ("phone", "desk", "board")

_ACTORS = """SELECT s.digest, s.id AS session, v.id, v.language, coalesce((
    SELECT json_agg(json_build_array(r.role, r.region_id, r.unit_id) ORDER BY r.since, r.id) FROM role r
    WHERE r.volunteer_id = v.id AND r.since <= $2 AND (r.until IS NULL OR r.until > $2)), '[]') AS grants
FROM session s JOIN volunteer v ON v.id = s.volunteer_id
WHERE s.digest = ANY($1) AND s.ended_at IS NULL AND s.expires_at > $2 AND v.state = ANY($3)"""


@dataclass(frozen=True, slots=True)
class Held:
    """A role with the names of where it is held: exactly one of region and unit."""

    role: str
    region: tuple[str, str] | None
    unit: tuple[UUID, str] | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's own view of themselves. ``topics``: what they may follow; ``county``: where their board opens."""

    id: UUID
    name: str
    email: str
    language: Language
    region: tuple[str, str]
    roles: tuple[Held, ...]
    faces: tuple[Face, ...]
    topics: tuple[str, ...]
    county: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A person as others see them; ``name`` is masked unless the onlooker may read the person."""

    id: UUID
    name: str
    region: str


async def actor(secret: str, at: datetime) -> Actor | None:
    """Whoever holds this session or token, with the roles in force at ``at``; nobody when it is unknown, ended or
    over, or when the person may not sign in."""
    return (await actors([secret], at)).get(secret)


async def actors(secrets_: Iterable[str], at: datetime) -> dict[str, Actor]:
    """Whoever holds each of these sessions or tokens, as :func:`actor` says it, in one query; nobody is left out."""
    digests = {codes.digest(secret): secret for secret in secrets_}
    values = [list(digests), at, list(codes.SIGNS_IN)]
    rows = await connections.get("default").execute_query_dict(_ACTORS, values)
    return {
        digests[row["digest"]]: Actor(row["id"], _grants(row["grants"]), row["session"], row["language"])
        for row in rows
    }


def _grants(value: Any) -> tuple[Grant, ...]:
    listed = json.loads(value) if isinstance(value, str) else value
    return tuple(Grant(role, region, UUID(unit) if unit else None) for role, region, unit in listed)


async def profile(actor: Actor) -> Profile:
    """The actor's own profile."""
    person = await Volunteer.get_or_none(id=actor.id).select_related("region")
    if person is None:
        raise Missing("volunteer")
    regions = {r.code: r.name for r in await Region.filter(code__in=[g.region for g in actor.grants if g.region])}
    units = {u.id: u.name for u in await Unit.filter(id__in=[g.unit for g in actor.grants if g.unit])}
    roles = tuple(
        Held(
            grant.role,
            (grant.region, regions[grant.region]) if grant.region else None,
            (grant.unit, units[grant.unit]) if grant.unit else None,
        )
        for grant in actor.grants
    )
    language: Language = "en" if person.language == "en" else "zh"
    return Profile(
        person.id, person.name, person.email or "", language, (person.region_id, person.region.name), roles,
        faces(actor), await topics(actor), county(actor, person.region_id),
    )  # fmt: skip


def faces(actor: Actor) -> tuple[Face, ...]:
    """Which faces are of use: the phone for everybody, the desk by role, the board by a role held in a region."""
    roles = {grant.role for grant in actor.grants}
    wanted: dict[Face, bool] = {
        "phone": True,
        "desk": bool(roles & access.MAY["event.read"]),
        "board": any(grant.region and grant.role in access.MAY["board.read"] for grant in actor.grants),
    }
    return tuple(face for face in FACES if wanted[face])


def county(actor: Actor, home: str) -> str | None:
    """The county of the first role that is held in one, else of the person's own region; none at city level."""
    codes_ = [grant.region for grant in actor.grants if grant.region] or [home]
    return next((code[:6] for code in codes_ if len(code) >= 6), None)


async def topics(actor: Actor) -> tuple[str, ...]:
    """Own line first, then the regions followed by role. A city's follower follows its counties too."""
    followed = access.MAY["topic.follow"]
    found = [f"volunteer:{actor.id}"]
    for code in dict.fromkeys(g.region for g in actor.grants if g.region and g.role in followed):
        if len(code) > 9:
            continue
        found.append(f"region:{code}")
        if len(code) == 4:
            counties = (
                await Region.filter(parent_id=code, level="county").order_by("code").values_list("code", flat=True)
            )
            found += [f"region:{county}" for county in counties]
    return tuple(dict.fromkeys(found))


async def shown(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Shown]:
    """These people as ``actor`` may see them. Unknown ids are left out."""
    found = {}
    for person in await Volunteer.filter(id__in=list(set(ids))).only("id", "name", "region_id"):
        thing = Thing("volunteer", person.region_id, people=frozenset({person.id}))
        whole = access.may(actor, "volunteer.read", thing)
        found[person.id] = Shown(person.id, person.name if whole else masked(person.name), person.region_id)
    return found


async def speak(act: Act, language: Language) -> None:
    """Choose the language of screens and mails for oneself."""

    async def verb(w: Writing) -> None:
        await Volunteer.filter(id=act.actor.id).update(language=language)
        topic = f"volunteer:{act.actor.id}"
        w.entry("volunteer.changed", topics=[topic], ref=act.actor.id, body={"language": language})

    await journal.writing(act, verb)


async def add(
    act: Act,
    *,
    name: str,
    region: str,
    email: str | None = None,
    language: Language = "zh",
    birth_date: date | None = None,
    state: str = "active",
) -> Volunteer:
    """Add a person to the network. :class:`Invalid` for an unknown region, :class:`Refused` for an address in use."""

    async def verb(w: Writing) -> Volunteer:
        home = await Region.get_or_none(code=region)
        if home is None:
            raise Invalid([Fault("region", "没有这个区划代码", "no region has this code")])
        access.require(act.actor, "volunteer.write", Thing("region", region))
        if email and await Volunteer.exists(email=codes.mailbox(email)):
            raise Refused([Reason("email_taken")])
        person = Volunteer(
            id=fresh_id(act.at), number=_number(region), name=name, pinyin=spelt(name, person=True), region_id=region,
            lat=home.lat, lon=home.lon, email=codes.mailbox(email) if email else None, language=language,
            birth_date=birth_date, state=state, created_at=act.at,
        )  # fmt: skip
        await person.save(force_create=True)
        w.entry("volunteer.added", topics=journal.topics_of(region), ref=person.id, body={"region": region})
        await person.refresh_from_db()
        return person

    return await journal.writing(act, verb)


def _number(region: str) -> str:
    """Our own volunteer number: the county and ten random digits; it says nothing else about the person."""
    return f"{region[:6]}{secrets.randbelow(10**10):010d}"


async def grant(
    act: Act, volunteer_id: UUID, role: str, *, region: str | None = None, unit: UUID | None = None
) -> Role:
    """Give a role in a region or in a unit (exactly one). Only the system does; the same role again is the same row."""
    _own(act, "role.grant")
    if role not in access.ROLES or role == "system":
        raise Invalid([Fault("role", "没有这个角色", f"no such role; one of: {', '.join(access.ROLES[:-1])}")])
    if (region is None) == (unit is None):
        raise Invalid([Fault("region", "请在区划和单位中选一个", "name a region or a unit, not both")])

    async def verb(w: Writing) -> Role:
        await _exists(volunteer_id, region, unit)
        same = Role.filter(volunteer_id=volunteer_id, role=role, region_id=region, unit_id=unit, until=None)
        if held := await same.first():
            return held
        row = Role(id=fresh_id(act.at), volunteer_id=volunteer_id, role=role, region_id=region, unit_id=unit)
        row.since = act.at
        await row.save(force_create=True)
        w.entry("role.granted", topics=[f"volunteer:{volunteer_id}"], ref=row.id, body={"role": role, "region": region})
        return row

    return await journal.writing(act, verb)


async def revoke(
    act: Act, volunteer_id: UUID, role: str, *, region: str | None = None, unit: UUID | None = None
) -> None:
    """End a role; whoever follows by it hears nothing more. Only the system does. :class:`Missing` when it is not held
    there."""
    _own(act, "role.revoke")

    async def verb(w: Writing) -> None:
        held = Role.filter(volunteer_id=volunteer_id, role=role, region_id=region, unit_id=unit, until=None)
        row = await held.select_for_update().first()
        if row is None:
            raise Missing("role")
        row.until = await w.clock()
        await row.save(update_fields=["until"])
        w.entry("role.ended", topics=[f"volunteer:{volunteer_id}"], ref=row.id, body={"role": role, "region": region})

    await journal.writing(act, verb)


def _own(act: Act, verb: str) -> None:
    if not any(held.role == "system" for held in act.actor.grants):
        raise Forbidden(verb)


async def _exists(volunteer_id: UUID, region: str | None, unit: UUID | None) -> None:
    if not await Volunteer.exists(id=volunteer_id):
        raise Missing("volunteer")
    if region is not None and not await Region.exists(code=region):
        raise Invalid([Fault("region", "没有这个区划代码", "no region has this code")])
    if unit is not None and not await Unit.exists(id=unit):
        raise Invalid([Fault("unit", "没有这个单位", "no unit has this id")])
