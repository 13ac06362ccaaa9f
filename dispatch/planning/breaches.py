"""Accepted or pinned lines that broke a rule by themselves when a plan was made: it kept them, only people can solve
them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dispatch.models import Draft, Need
from volunteer import skills
from volunteer import words as said
from volunteer.access import masked
from volunteer.act import Language
from volunteer.models import Volunteer

View = dict[str, Any]


async def told(drafts: Sequence[Draft], language: Language) -> dict[UUID, list[View]]:
    """By draft: who (masked) sits where, and the reasons in words."""
    found = {draft.id: draft.summary.get("breaches", []) for draft in drafts}
    every = [one for many in found.values() for one in many]
    if not every:
        return {}
    await skills.learned()
    people = {str(v.id): v for v in await Volunteer.filter(id__in={one["person"] for one in every})}
    needs = Need.filter(id__in={one["need"] for one in every}).prefetch_related("shift__event")
    seats = {str(need.id): need for need in await needs}
    return {
        draft: [
            _line(people[one["person"]], seats[one["need"]], one["reasons"], language)
            for one in many
            if one["person"] in people and one["need"] in seats
        ]
        for draft, many in found.items()
    }


def _line(person: Volunteer, need: Need, reasons: Sequence[View], language: Language) -> View:
    event = need.shift.event
    return {
        "volunteer": {"id": person.id, "name": masked(person.name)},
        "shift_id": need.shift_id,
        "role": need.role,
        "title": event.title,
        "title_en": event.title_en,
        "starts_at": need.shift.starts_at,
        "reasons": [said.reason(reason["rule"], reason["data"], language)[0] for reason in reasons],
    }
