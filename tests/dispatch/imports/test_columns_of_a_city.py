"""What an operator starts from: examples that come in, a paper that names every column, files of every kind."""

import csv
import io
from pathlib import Path

import pytest

from dispatch import imports
from dispatch.imports.columns import Faults
from dispatch.imports.needs import COLUMNS as OF_NEEDS
from dispatch.imports.people import COLUMNS as OF_PEOPLE
from dispatch.models import Event, Need
from tests.dispatch.imports.country import counts, places
from volunteer import tables
from volunteer.models import Volunteer

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
async def city(db, act):
    for noun in (imports.regions, imports.skills):
        counts(await noun(act, CONFIG / "quanzhou" / f"{noun.__name__}.csv"))


async def test_the_examples_come_in(city, act):
    report = await imports.volunteers(act, CONFIG / "volunteers.example.csv")
    assert counts(report) == (3, 3, 0, 0)
    states = await Volunteer.all().order_by("number").values_list("state", flat=True)
    assert states == ["active", "active", "registered"]
    report = await imports.needs(act, CONFIG / "needs.example.csv", publish=True)
    assert counts(report) == (6, 3, 0, 0)
    assert await Event.filter(state="published", leader=True).count() == 1
    assert await Need.all().count() == 6
    assert report.warnings  # nobody keeps order at level 2 yet


def test_the_paper_names_every_column():
    paper = (CONFIG / "quanzhou" / "README.md").read_text("utf-8")
    volunteers, rest = paper.split("### Volunteers")[1].split("### Needs")
    for text, columns in ((volunteers, OF_PEOPLE), (rest, OF_NEEDS)):
        for column in columns:
            assert column.titles[0] in text, column.name
            assert column.titles[1] in text, column.name


async def test_a_workbook_says_what_the_table_says(country, act, put):
    rows = list(csv.reader(io.StringIO((CONFIG / "volunteers.example.csv").read_text("utf-8"))))
    rows = [[*row[:4], "鲤城", "海滨", *row[6:8], "南音:4", "普通话", *row[10:]] for row in rows[1:]]
    header = (CONFIG / "volunteers.example.csv").read_text("utf-8").split("\n", 1)[0].split(",")
    book, plain = io.BytesIO(), io.BytesIO()
    tables.write_xlsx(book, header, rows)
    tables.write_csv(plain, header, rows)
    assert counts(await imports.volunteers(act, put(book.getvalue(), "people.xlsx"))) == (3, 3, 0, 0)
    assert counts(await imports.volunteers(act, put(plain.getvalue()))) == (3, 0, 0, 3)
    gb = plain.getvalue().decode("utf-8-sig").encode("gb18030")
    assert counts(await imports.volunteers(act, put(gb))) == (3, 0, 0, 3)
    assert counts(await imports.volunteers(act, put(gb), encoding="gb18030")) == (3, 0, 0, 3)
    assert places(await imports.volunteers(act, put(gb), encoding="utf-8")) == [(1, "encoding")]
    assert places(await imports.volunteers(act, put(book.getvalue()[:3000], "people.xlsx"))) == [(None, "file")]


CLEAN = [f"QZ{n},甲{n},350502001" for n in range(5000)]
SPOILT = ("X9,\x00,350502001", "X9,甲\u202e,350502001", 'X9,"甲\r\n乙",350502001', "X9,甲,999", "X9,甲")


async def brought(act, put, spoilt: str, count: int = 5000) -> tuple[list[int | None], int]:
    """The rows with faults in a file of so many that holds this one, and how many people there are then."""
    rows = [*CLEAN[: count - 1000], spoilt, *CLEAN[count - 1000 : count]]
    report = await imports.volunteers(act, put("number,name,region_code\n" + "\n".join(rows)))
    return [row for row, _ in places(report)], await Volunteer.all().count()


async def test_p32_one_dirty_row_in_many_stops_all(country, act, put):
    for spoilt in SPOILT:
        assert await brought(act, put, spoilt) == ([4002], 0)
    damaged = "number,name,region_code\n" + "\n".join(CLEAN)
    report = await imports.volunteers(act, put(damaged.encode() + b"\nX9,\xe7\x94,350502001\n"))
    assert places(report) == [(5002, "encoding")]
    report = await imports.volunteers(act, put(damaged + '\nX9,"甲,350502001\n'))
    assert places(report) == [(5002, "file")]
    assert await Volunteer.all().count() == 0


async def test_p32_canary_who_does_not_look_for_the_unseen_lets_it_in(country, act, put, monkeypatch):
    monkeypatch.setattr(tables, "unseen", lambda text: None)
    assert await brought(act, put, SPOILT[1], 1000) == ([], 1001)


async def test_p32_canary_whoever_overlooks_a_fault_brings_the_others_in(country, act, put, monkeypatch):
    monkeypatch.setattr(Faults, "__bool__", lambda faults: False)
    assert await brought(act, put, "X9,甲,999", 1000) == ([], 1000)
