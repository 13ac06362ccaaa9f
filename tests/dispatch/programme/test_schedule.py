"""Both dialects of frab and pretalx, and how files go wrong."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import programme
from dispatch.programme.items import bare, lasting, tidy
from tests.dispatch.programme.papers import ITEMS, frab_json, xml
from volunteer.errors import Invalid


def read(tmp_path: Path, data: bytes, zone: str | None = None):
    path = tmp_path / "programme"
    path.write_bytes(data)
    return programme.read(path, zone)


def faults(tmp_path: Path, data: bytes, zone: str | None = None):
    with pytest.raises(Invalid) as caught:
        read(tmp_path, data, zone)
    assert all(fault.zh and fault.en for fault in caught.value.faults)
    return caught.value.faults


@pytest.mark.parametrize("data", [xml(), frab_json(), xml(zone=None), frab_json(zone=None)])
def test_every_dialect_says_the_same(tmp_path, data):
    found = read(tmp_path, data)
    assert found.name == "fest"
    assert found.first == date(2026, 5, 1)
    opening, talk, choir, walk, _ = found.items
    assert (opening.uid, opening.title, opening.room, opening.track, opening.kind, opening.language) == (
        ITEMS[0][0], "Opening", "Hall", "Main", "talk", "en",
    )  # fmt: skip
    assert opening.start == datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    assert opening.start.hour == 9
    assert talk.end - talk.start == timedelta(minutes=90)
    assert talk.title == "What is <b>?"
    assert opening.text == "About Opening"
    assert choir.start < walk.start == datetime(2026, 5, 1, 23, tzinfo=UTC)


def test_a_wall_clock_needs_a_zone_from_somewhere(tmp_path):
    old = xml(zone=None, dates=False)
    (fault,) = faults(tmp_path, old)
    assert fault.field == "time_zone"
    assert "mapping" in fault.en
    found = read(tmp_path, old, "Europe/Brussels")
    assert [item.start for item in found.items] == [item.start for item in read(tmp_path, xml()).items]


def test_an_unknown_zone_is_told(tmp_path):
    assert faults(tmp_path, xml(zone="Mars/Crater"))[0].field == "time_zone"
    assert faults(tmp_path, xml(zone=None, dates=False), "../etc/passwd")[0].field == "time_zone"


def test_marks_and_invisible_characters_go(tmp_path):
    assert bare("<p>A&nbsp;b</p>\n<br/>c\u200b", 20) == "A b c"
    assert tidy("a < b > c\u202e  d", 20) == "a < b > c d"
    assert tidy("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("00:25", 25), ("1:05", 65), ("26:00", 1560), ("1:02:30", 1590), ("45", 45), ("", None), ("-1:00", None)],
)
def test_durations(text, minutes):
    assert lasting(text) == (None if minutes is None else timedelta(minutes=minutes))


def changed(place: int, column: int, value: str) -> tuple:
    items = [list(item) for item in ITEMS]
    items[place][column] = value
    return tuple(map(tuple, items))


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        (4, "00:00", "duration"),
        (4, "soon", "duration"),
        (4, "9:00:00", "duration"),
        (6, " ", "title"),
        (3, "noon", "start"),
    ],
)
def test_what_is_wrong_with_an_item_names_it(tmp_path, column, value, field):
    found = faults(tmp_path, xml(items=changed(1, column, value), dates=column != 3))
    assert [fault.field.split(" · ")[1] for fault in found] == [field]
    assert found[0].field.startswith("#2 ")


def test_ids_must_differ(tmp_path):
    (fault,) = faults(tmp_path, xml(items=changed(1, 0, ITEMS[0][0])))
    assert "item 1" in fault.en


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (xml()[:-40], "cut off"),
        (frab_json()[:-40], "cut off"),
        (b"<schedule/>", "not a schedule.xml"),
        (b"<rss><item/></rss>", "not a schedule.xml"),
        (b'{"schedule": {}}', "not a schedule.json"),
        (b'{"schedule": {"conference": {"days": []}}}', "no items"),
        (b"{" * 100_000, "cut off"),
        (b"PK\x03\x04", "not a programme"),
        (b"", "not a programme"),
        (b'<!DOCTYPE s [<!ENTITY a "aaaa">]><schedule><event>&a;</event></schedule>', "refused for safety"),
    ],
)
def test_files_that_are_no_programme_are_told(tmp_path, data, says):
    assert says in faults(tmp_path, data)[0].en


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(Invalid) as caught:
        programme.read(tmp_path / "none.xml")
    assert "cannot open" in caught.value.faults[0].en


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4), st.sampled_from([xml(), frab_json()]))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, place, noise, data):
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(data[:place] + noise + data[place + len(noise) :])
    try:
        found = programme.read(path)
    except Invalid:
        return
    assert all(item.start < item.end for item in found.items)
