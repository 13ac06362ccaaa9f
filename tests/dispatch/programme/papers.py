"""One small festival, as its publishers would print it in every dialect."""

import json

_GUID = "11111111-2222-3333-4444-5555555555"
# guid, id, day, start, duration, room, title, track, type, language
ITEMS = (
    (f"{_GUID}01", "1", "2026-05-01", "09:30", "00:30", "Hall", "Opening", "Main", "talk", "en"),
    (f"{_GUID}02", "2", "2026-05-01", "10:00", "01:30", "Hall", "What is <b>?", "Main", "talk", "en"),
    (f"{_GUID}03", "3", "2026-05-01", "15:00", "01:00", "Hall", "Choir", "Music", "concert", "de"),
    (f"{_GUID}04", "4", "2026-05-01", "01:00", "02:00", "Yard", "Night walk", "Music", "tour", "de"),
    (f"{_GUID}05", "5", "2026-05-02", "12:00", "00:45", "Hall", "Lunch", "", "break", ""),
)
DAY_CHANGE = "04:00"


def night(day: str, start: str) -> str:
    """The date on which an item under ``day`` really starts."""
    return f"{day[:8]}{int(day[8:]) + 1:02d}" if start < DAY_CHANGE else day


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


def xml(*, zone: str | None = "Europe/Brussels", dates: bool = True, items: tuple = ITEMS, extra: str = "") -> bytes:
    """As pretalx prints it; without ``dates`` and ``zone`` as Pentabarf did."""
    days = ""
    for day in dict.fromkeys(item[2] for item in items):
        days += f'<day date="{day}" index="1">'
        for guid, id_, _, start, duration, room, title, track, kind, language in (i for i in items if i[2] == day):
            when = f"<date>{night(day, start)}T{start}:00+02:00</date>" if dates else ""
            days += (
                f'<room name="{room}"><event guid="{guid}" id="{id_}">{when}<start>{start}</start>'
                f"<duration>{duration}</duration><room>{room}</room><title>{escaped(title)}</title>"
                f"<track>{track}</track><type>{kind}</type><language>{language}</language>"
                f"<abstract>&lt;p&gt;About {escaped(escaped(title))}&lt;/p&gt;</abstract>{extra}</event></room>"
            )
        days += "</day>"
    named = f"<time_zone_name>{zone}</time_zone_name>" if zone else ""
    facts = f"<acronym>fest</acronym><title>Festival</title><day_change>{DAY_CHANGE}:00</day_change>{named}"
    head = "<?xml version='1.0' encoding='utf-8' ?>"
    return f"{head}<schedule><version>1</version><conference>{facts}</conference>{days}</schedule>".encode()


def frab_json(*, zone: str | None = "Europe/Brussels") -> bytes:
    days = []
    for day in dict.fromkeys(item[2] for item in ITEMS):
        rooms: dict[str, list] = {}
        for guid, id_, _, start, duration, room, title, track, kind, language in (i for i in ITEMS if i[2] == day):
            rooms.setdefault(room, []).append({
                "guid": guid, "id": int(id_), "date": f"{night(day, start)}T{start}:00+02:00", "start": start,
                "duration": duration, "room": {"en": room} if zone else room, "title": title, "track": track,
                "type": kind, "language": language, "abstract": f"<p>About {escaped(title)}</p>", "persons": [],
            })  # fmt: skip
        days.append({"index": 1, "date": day, "rooms": rooms})
    facts = {"acronym": "fest", "title": "Festival", "daysCount": 2, "days": days}
    if zone:
        facts["time_zone_name"] = zone
    return json.dumps({"schedule": {"version": "1", "conference": facts}}).encode()


def ics(*, zoned: bool = True, more: str = "", head: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *filter(None, [head])]
    for guid, _, day, start, duration, room, title, track, _, _ in ITEMS:
        at = f"{night(day, start).replace('-', '')}T{start.replace(':', '')}00"
        hours, minutes = duration.split(":")
        lines += [
            "BEGIN:VEVENT", f"UID:{guid}@frab.example", "DTSTAMP:20260401T000000Z",
            f"DTSTART{';TZID=Europe/Brussels' if zoned else ''}:{at}", f"DURATION:PT{int(hours)}H{int(minutes)}M",
            f"SUMMARY:{title}", f"LOCATION:{room}", f"CATEGORIES:{track}", f"DESCRIPTION:About {title}", "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join([*lines, *filter(None, [more]), "END:VCALENDAR", ""]).encode()
