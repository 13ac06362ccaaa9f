from datetime import date
from pathlib import Path

import pytest

from dispatch import programme
from dispatch.programme import read_mapping
from tests.dispatch.programme.papers import xml
from volunteer.errors import Invalid

EXAMPLE = Path(__file__).parents[3] / "config" / "programme.example.toml"


def read(tmp_path: Path, text: str):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


@pytest.fixture
def items(tmp_path):
    path = tmp_path / "schedule.xml"
    path.write_bytes(xml())
    return {item.title: item for item in programme.read(path).items}


def test_the_example_is_valid_and_says_every_setting():
    found = read_mapping(EXAMPLE)
    assert found.dates.first == date(2026, 12, 5)
    text = EXAMPLE.read_text("utf-8")
    for model in (type(found), *(type(part) for part in (found.dates, found.shifts, found.event, found.rooms[0]))):
        for name in model.model_fields:
            assert f"{name} = " in text or f"[{name}]" in text, name


def test_a_rule_fits_when_all_its_fields_do(tmp_path, items):
    found = read(
        tmp_path,
        """
        [[skip]]
        kind = ["BREAK", "tour"]
        [[needs]]
        role = "a"
        [[needs]]
        role = "b"
        track = "m*"
        language = "de"
        [[needs]]
        role = "c"
        room = ["yard", "h?ll"]
        kind = "talk"
        """,
    )
    assert {title for title, item in items.items() if found.skips(item)} == {"Lunch", "Night walk"}
    assert {title: "".join(rule.role for rule in found.wanted(item)) for title, item in items.items()} == {
        "Opening": "ac", "What is <b>?": "ac", "Choir": "ab", "Night walk": "ab", "Lunch": "a",
    }  # fmt: skip


def test_the_first_room_rule_that_fits_wins(tmp_path):
    found = read(tmp_path, '[[needs]]\nrole="a"\n[[rooms]]\nroom="hall"\nvenue="甲"\n[[rooms]]\nroom="*"\nvenue="乙"\n')
    assert [found.room(name).venue for name in ("Hall", "Yard")] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "needs"),
        ("needs = []", "needs"),
        ("[[needs]]\nmin = 1", "needs.0.role"),
        ('[[needs]]\nrole = "a"\ncolour = 1', "needs.0.colour"),
        ('[[needs]]\nrole = "a"\n[event]\nregion = "35"', "event.region"),
        ('[[needs]]\nrole = "a"\n[event]\nmode = "dance"', "event.mode"),
        ('[[needs]]\nrole = "a"\n[dates]\nfirst = "soon"', "dates.first"),
        ('[[needs]]\nrole = "a"\n[shifts]\nlongest = 5', "shifts.longest"),
        ("[[needs]", "mapping.toml"),
    ],
)
def test_every_fault_names_its_place(tmp_path, text, where):
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    assert [fault.field for fault in caught.value.faults] == [where]


def test_a_missing_mapping_is_told(tmp_path):
    with pytest.raises(Invalid) as caught:
        read_mapping(tmp_path / "none.toml")
    assert "cannot open" in caught.value.faults[0].en
