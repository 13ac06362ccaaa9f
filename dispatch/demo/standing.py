"""What is on record about the people of the demo, as rows: proven abilities, consents, and who is not sent where."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from dispatch.demo.chance import Ids, stream
from dispatch.demo.people import Resident
from volunteer.models import Block, Consent, Qualification

CONSENT_VERSION = "2026-01"
_EVIDENCE = ("interview", "certificate", "works")


def qualifications(people: Sequence[Resident], seed: int, start: date) -> list[Qualification]:
    """Most hold for ever, some for some more years; the lapsed ended shortly before the week."""
    draw, ids = stream(seed, "qualifications"), Ids(seed, "qualification", start)
    return [
        Qualification(
            id=ids(),
            volunteer_id=person.id,
            skill_id=code,
            level=level,
            evidence=draw.choice(_EVIDENCE),
            valid_until=_until(draw, start, lapsed=code in person.lapsed),
        )
        for person in people
        for code, level in person.skills.items()
    ]


def _until(draw: Random, start: date, *, lapsed: bool) -> datetime | None:
    days = -draw.randint(1, 60) if lapsed else draw.randint(40, 1000)
    if not lapsed and draw.random() > 0.15:
        return None
    return datetime.combine(start + timedelta(days=days), time(), UTC)


def consents(people: Sequence[Resident], seed: int, start: date) -> list[Consent]:
    """Registration for everybody, automated planning for those who did not ask for hand work only, and a guardian's
    yes, good for at most a year, for minors."""
    ids = Ids(seed, "consent", start)
    rows = []
    for person in people:
        purposes = ["registration"]
        purposes += ["automated"] * person.row.automated + ["guardian"] * person.guardian
        for purpose in purposes:
            given = datetime.combine(start - timedelta(days=40), time(1, 30), UTC)
            until = given + timedelta(days=365) if purpose == "guardian" else None
            rows.append(
                Consent(
                    id=ids(), volunteer_id=person.id, purpose=purpose, version=CONSENT_VERSION,
                    given_at=given if purpose == "guardian" else person.row.created_at, valid_until=until,
                    withdrawn_at=None,
                )
            )  # fmt: skip
    return rows


def blocks(people: Sequence[Resident], seed: int, start: date) -> list[Block]:
    """One person in a hundred is kept apart: half from another person of the same township, half from a unit there.
    The people get to know it (``blocked``), so that the drawn roster leaves them out."""
    draw, ids = stream(seed, "blocks"), Ids(seed, "block", start)
    at = datetime.combine(start - timedelta(days=30), time(3, 0), UTC)
    rows = []
    for person in draw.sample(people, max(1, len(people) // 100)):
        neighbours = [other for other in people if other.town.code == person.town.code and other is not person]
        other = draw.choice(neighbours) if neighbours and draw.random() < 0.5 else None
        unit = None if other else draw.choice(person.town.halls).unit
        person.blocked = True
        if other:
            other.blocked = True
        rows.append(
            Block(id=ids(), volunteer_id=person.id, other_id=other.id if other else None, unit_id=unit, since=at)
        )
    return rows
