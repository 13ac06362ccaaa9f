"""A person's calendar for other programs: what they took, what they are asked, and what is no more.

Each line keeps its UID, its SEQUENCE grows with every change of the line or its event, and what was once told and is
over says CANCELLED, so that a program which follows the calendar moves and removes what it showed.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from dispatch.models import Assignment
from volunteer.act import Language
from volunteer.models import Volunteer
from volunteer.words import Pair

KEPT = timedelta(days=60)
MOST = 500

_STATUS = {
    "offered": "TENTATIVE",
    "standby": "TENTATIVE",
    "accepted": "CONFIRMED",
    "checked_in": "CONFIRMED",
    "completed": "CONFIRMED",
    "no_show": "CONFIRMED",
}
_OFF = ("cancelled", "postponed", "draft")
_NAME = Pair("刺桐志愿服务", "Citong volunteering")
_ASKED = Pair("（待答复）", " (awaiting your answer)")
_IN_LINE = Pair("（候补）", " (on the waiting list)")
_TEXT = Pair("岗位：{role}\n到场：{call:%H:%M}\n{link}", "Role: {role}\nBe there at: {call:%H:%M}\n{link}")


async def feed(volunteer_id: UUID, at: datetime, *, public_url: str) -> bytes:
    """The calendar as iCalendar (RFC 5545). The same rows give the same bytes."""
    person = await Volunteer.get(id=volunteer_id)
    language: Language = "en" if person.language == "en" else "zh"
    lines = await Assignment.filter(volunteer_id=volunteer_id, occupies_until__gt=at - KEPT).order_by(
        "-occupies_from", "id"
    ).limit(MOST).prefetch_related("need__shift__event", "need__shift__venue")  # fmt: skip
    made = Calendar()
    for name, value in (("prodid", "-//Citong//citong//ZH"), ("version", "2.0"), ("method", "PUBLISH")):
        made.add(name, value)
    made.add("x-wr-calname", _NAME.in_(language))
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for line in reversed(lines):
        made.add_component(_event(line, language, public_url.rstrip("/")))
    made.add_missing_timezones()
    return bytes(made.to_ical())


def status(line: Assignment, event_state: str) -> str:
    """How the line stands, in the calendar's words."""
    return "CANCELLED" if event_state in _OFF else _STATUS.get(line.status, "CANCELLED")


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    """As the venue's clock shows it; in UTC where that clock shows the same hour for the second time, which a calendar
    would take for the first."""
    here = at.astimezone(zone)
    return at.astimezone(UTC) if here.fold else here


def _event(line: Assignment, language: Language, home: str) -> Event:
    shift, event, venue = line.need.shift, line.need.shift.event, line.need.shift.venue
    zone = ZoneInfo(venue.zone)
    stands = status(line, event.state)
    title = event.title_en if language == "en" and event.title_en else event.title
    call = (shift.starts_at - timedelta(minutes=shift.call)).astimezone(zone)
    link = f"{home}/phone/" if line.status == "offered" else f"{home}/phone/week"
    one = Event()
    one.add("uid", f"{line.id}@citong")
    one.add("dtstamp", line.answered_at or line.offered_at)
    one.add("dtstart", _shown(shift.starts_at, zone))
    one.add("dtend", _shown(shift.ends_at, zone))
    waits = {"offered": _ASKED, "standby": _IN_LINE}.get(line.status) if stands == "TENTATIVE" else None
    one.add("summary", title + (waits.in_(language) if waits else ""))
    one.add("location", venue.name)
    one.add("description", _TEXT.in_(language).format(role=line.need.role, call=call, link=link))
    one.add("status", stands)
    one.add("sequence", line.version + event.version)
    one.add("transp", "OPAQUE" if stands == "CONFIRMED" else "TRANSPARENT")
    one.add("url", link)
    return one
