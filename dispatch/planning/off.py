"""Events that a plan leaves without anybody because they cannot come together: what each of them lacks, in words."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from dispatch.models import Draft, Shift
from volunteer import words as said
from volunteer.act import Language

SHOWN: Final = 50  # of one draft, the soonest
View = dict[str, Any]


async def told(drafts: Sequence[Draft], language: Language) -> dict[UUID, list[View]]:
    """By draft: the events, the soonest first, with the reason in words and its remedy."""
    found = {draft.id: draft.summary.get("off", []) for draft in drafts}
    every = {one["event"] for many in found.values() for one in many}
    if not every:
        return {}
    shifts = Shift.filter(event_id__in=every).order_by("-starts_at", "-id").prefetch_related("event", "venue")
    first = {str(shift.event_id): shift for shift in await shifts}
    return {
        draft: _soonest([_line(first[one["event"]], one["reason"], language) for one in many if one["event"] in first])
        for draft, many in found.items()
    }


def _soonest(lines: list[View]) -> list[View]:
    return sorted(lines, key=lambda line: (line["starts_at"], str(line["event_id"])))[:SHOWN]


def _line(first: Shift, reason: View, language: Language) -> View:
    text, remedy = said.reason(reason["rule"], reason["data"], language)
    event = first.event
    return {
        "event_id": event.id,
        "shift_id": first.id,
        "title": event.title,
        "title_en": event.title_en,
        "starts_at": first.starts_at,
        "zone": first.venue.zone,
        "reason": text,
        "remedy": remedy,
    }
