from datetime import UTC, datetime, timedelta

import pytest

from tests.dispatch.programme.papers import ITEMS, ics, xml
from tests.dispatch.programme.test_schedule import faults, read

WEEKLY = """BEGIN:VEVENT
UID:weekly
DTSTART;TZID=Europe/Brussels:20260318T190000
DTEND;TZID=Europe/Brussels:20260318T203000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Europe/Brussels:20260401T190000
SUMMARY:Choir practice
LOCATION:Hall
END:VEVENT
BEGIN:VEVENT
UID:weekly
RECURRENCE-ID;TZID=Europe/Brussels:20260325T190000
DTSTART;TZID=Europe/Brussels:20260325T200000
DTEND;TZID=Europe/Brussels:20260325T210000
SUMMARY:Choir practice, late
END:VEVENT""".replace("\n", "\r\n")


def event(**lines: str) -> str:
    given = {"UID": "x", "DTSTART": "20260501T090000Z", "DTEND": "20260501T100000Z", "SUMMARY": "Tea"} | lines
    return "\r\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in given.items() if value), "END:VEVENT"])


def test_it_says_what_the_schedule_says_and_knows_its_ids(tmp_path):
    def facts(data: bytes) -> dict[str, tuple]:
        items = read(tmp_path, data).items
        return {item.uid: (item.title, item.start, item.end, item.room, item.track) for item in items}

    assert facts(ics()) == facts(xml())


def test_floating_times_need_a_zone(tmp_path):
    assert [fault.field for fault in faults(tmp_path, ics(zoned=False))] == ["time_zone"]
    at = datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    assert read(tmp_path, ics(zoned=False), "Europe/Brussels").items[0].start == at
    assert read(tmp_path, ics(zoned=False, head="X-WR-TIMEZONE:Europe/Brussels")).items[0].start == at


def test_recurrences_are_expanded_on_the_wall_clock(tmp_path):
    found = [item for item in read(tmp_path, ics(more=WEEKLY)).items if item.uid.startswith("weekly")]
    assert [(item.start, item.title) for item in found] == [
        (datetime(2026, 3, 18, 18, tzinfo=UTC), "Choir practice"),
        (datetime(2026, 3, 25, 19, tzinfo=UTC), "Choir practice, late"),
        (datetime(2026, 4, 8, 17, tzinfo=UTC), "Choir practice"),
    ]
    assert len({item.uid for item in found}) == 3


def test_endless_recurrences_have_a_horizon(tmp_path):
    daily = event(RRULE="FREQ=DAILY")
    found = read(tmp_path, ics(more=daily)).items
    assert 730 <= len([item for item in found if item.title == "Tea"]) <= 733
    weekly = event(RRULE="FREQ=WEEKLY;BYDAY=MO,FR")
    assert 208 <= len([item for item in read(tmp_path, ics(more=weekly)).items if item.title == "Tea"]) <= 211


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY", "FREQ=HOURLY;COUNT=3", "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=SECONDLY"])
def test_recurrences_within_a_day_are_refused_before_they_are_followed(tmp_path, rule):
    assert "recurrences" in faults(tmp_path, ics(more=event(RRULE=rule)))[0].en


def test_too_many_recurrences_are_refused(tmp_path):
    more = "\r\n".join(event(UID=f"u{n}", RRULE="FREQ=DAILY") for n in range(30))
    assert "recurrences" in faults(tmp_path, ics(more=more))[0].en


def test_all_day_entries_are_told_and_left_out(tmp_path):
    day = event(**{"DTSTART": "", "DTEND": "", "DTSTART;VALUE=DATE": "20260501", "DTEND;VALUE=DATE": "20260502"})
    found = read(tmp_path, ics(more=day))
    assert len(found.items) == len(ITEMS)
    assert ["all-day" in note.en for note in found.skipped] == [True]


def test_one_id_for_all_is_told_apart(tmp_path):
    more = "\r\n".join([
        event(), event(DTSTART="20260501T110000Z", DTEND="20260501T120000Z"), event(SUMMARY="Cake"), event(UID="y"),
    ])  # fmt: skip
    found = read(tmp_path, ics(more=more)).items
    assert len({item.uid for item in found}) == len(found) == len(ITEMS) + 4
    again = read(tmp_path, ics(more=more)).items
    assert [item.uid for item in again] == [item.uid for item in found]


def test_cancelled_entries_are_none(tmp_path):
    assert len(read(tmp_path, ics(more=event(STATUS="CANCELLED"))).items) == len(ITEMS)


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ({"DTEND": "20260501T080000Z"}, "DTEND"),
        ({"DTEND": "20260501T090000Z"}, "DTEND"),
        ({"SUMMARY": ""}, "SUMMARY"),
        ({"UID": ""}, "UID"),
        ({"DTSTART": "tomorrow"}, "DTSTART"),
        ({"DTSTART": ""}, "DTSTART"),
    ],
)
def test_what_is_wrong_names_the_entry(tmp_path, lines, field):
    found = faults(tmp_path, ics(more=event(**lines)))
    assert [fault.field.split(" · ")[1] for fault in found] == [field]


EMPTY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("data", [ics()[:-200], ics()[:600], EMPTY, b"BEGIN:VCALENDAR"])
def test_cut_calendars_are_told(tmp_path, data):
    assert faults(tmp_path, data)


def test_half_an_hour_is_half_an_hour(tmp_path):
    assert read(tmp_path, ics()).items[0].end - read(tmp_path, ics()).items[0].start == timedelta(minutes=30)
