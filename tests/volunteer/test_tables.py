"""Dirty files in, tame files out."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from volunteer import tables
from volunteer.errors import Invalid
from volunteer.tables import Limits, read, write_csv, write_xlsx


def file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "table"
    path.write_bytes(data)
    return path


def fault(path: Path, **more):
    with pytest.raises(Invalid) as caught:
        list(read(path, **more))
    (found,) = caught.value.faults
    assert found.zh
    assert found.en
    return found


NOON = datetime(2026, 3, 8, tzinfo=UTC).replace(tzinfo=None)  # spreadsheets know no zones


def workbook(rows, **more):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, place, cell, day)
            else:
                sheet.write(number, place, cell)
    for (row, place), cell in more.get("far", {}).items():
        sheet.write(row, place, cell)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        "编号,姓名\n1,陈\n".encode(),
        "编号,姓名\r\n1,陈\r\n".encode("utf-8-sig"),
        "编号,姓名\n1,陈\n".encode("gb18030"),
        "编号;姓名\n1;陈\n".encode(),
        "编号\t姓名\n1\t陈".encode("gb18030"),
        ' 编号 ,"姓名"\n1, 陈 \n'.encode(),
    ],
)
def test_encodings_and_separators_are_found_out(tmp_path, data):
    assert list(read(file(tmp_path, data))) == [(1, ["编号", "姓名"]), (2, ["1", "陈"])]


def test_rows_count_as_a_spreadsheet_counts_them(tmp_path):
    data = b'a,b\n\n1,"x\ny"\n,\n2,z\n'
    assert list(read(file(tmp_path, data))) == [(1, ["a", "b"]), (3, ["1", "x\ny"]), (5, ["2", "z"])]


def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path):
    path = file(tmp_path, "编号,姓名\n1,陈\n".encode() + b"2,\xb3\n")
    assert fault(path).row == 3


def test_bytes_of_no_encoding_are_told_with_their_row(tmp_path):
    assert fault(file(tmp_path, b"a,b\n1,2\n3,\xff\xff\n")).row == 3


def test_a_declared_encoding_is_kept_to(tmp_path):
    path = file(tmp_path, "编号\n陈\n".encode("gb18030"))
    assert list(read(path, encoding="GBK"))[1] == (2, ["陈"])
    assert fault(path, encoding="utf-8").field == "encoding"
    assert fault(path, encoding="latin-1").field == "encoding"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b'a,b\n1,"open\n2,3\n', "quotes"),
        (b'a,b\n1,"x"y\n', "quotes"),
        ("编号".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or encrypted"),
        (b"PK\x03\x04broken", "damaged"),
    ],
)
def test_files_that_are_no_table_are_told(tmp_path, data, says):
    assert says in fault(file(tmp_path, data)).en


def test_a_missing_file_is_told(tmp_path):
    assert "cannot open" in fault(tmp_path / "none.csv").en


def test_limits_hold(tmp_path):
    path = file(tmp_path, b"a,b\n" + b"1,2\n" * 10)
    assert "bytes" in fault(path, limits=Limits(size=10)).en
    assert fault(path, limits=Limits(rows=5)).row == 7
    assert len(list(read(path, limits=Limits(rows=10)))) == 11
    assert "columns" in fault(path, limits=Limits(columns=1)).en


def test_a_workbook_reads_as_text(tmp_path):
    data = workbook([["编号", "日", "数"], [], [1.0, NOON, 1.5], ["'x", "  y ", True]])
    assert list(read(file(tmp_path, data))) == [
        (1, ["编号", "日", "数"]),
        (3, ["1", "2026-03-08", "1.5"]),
        (4, ["'x", "y", "True"]),
    ]


def test_cut_and_hostile_workbooks_are_told(tmp_path):
    whole = workbook([["a"]] * 2000)
    for length in (40, len(whole) // 2, len(whole) - 30):
        assert "damaged" in fault(file(tmp_path, whole[:length])).en
    assert "far out" in fault(file(tmp_path, workbook([["a"]], far={(900_000, 9000): 1}))).en
    assert "unpacked" in fault(file(tmp_path, whole), limits=Limits(unpacked=1000)).en
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("word/document.xml", "<a/>")
    assert "not an Excel" in fault(file(tmp_path, out.getvalue())).en


def test_a_workbook_that_lies_about_its_size_is_damaged(tmp_path):
    data = bytearray(workbook([["a"]] * 500))
    path = file(tmp_path, bytes(data))
    with zipfile.ZipFile(path) as book:
        part = next(p for p in book.infolist() if p.filename.startswith("xl/worksheets/"))
    place = bytes(data).rindex(part.filename.encode()) - 46 + 24  # the size in the central directory
    data[place : place + 4] = (10).to_bytes(4, "little")
    assert "damaged" in fault(file(tmp_path, bytes(data))).en


def test_what_nobody_sees_is_found():
    assert tables.unseen("陈大文 tab\tline\n") is None
    assert [tables.unseen(c) for c in "\u200b\u202e\x00\ufeff\ud800\x7f"] == [
        "U+200B", "U+202E", "U+0000", "U+FEFF", "U+D800", "U+007F",
    ]  # fmt: skip


LIVE = ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "－1", "＋1", "＠a", "  =1", "\x00=1"]


@pytest.mark.parametrize("text", LIVE)
def test_p33_formulas_are_tamed_and_come_back(tmp_path, text):
    out = io.BytesIO()
    write_csv(out, ["a", "=b"], [[text, -5]])
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert rows[0] == ["a", "'=b"]
    assert rows[1] == [f"'{text}", "-5"]
    assert list(read(file(tmp_path, out.getvalue())))[1] == (2, [text.strip(), "-5"])


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), max_size=5))
def test_p33_no_cell_of_text_is_ever_live(rows):
    out = io.BytesIO()
    write_csv(out, ["a", "b", "c"], rows)
    for row in csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")):
        for cell in row:
            assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠") or not cell
            assert cell[:1] not in tuple("\t\r\n\x00") or not cell


def test_p33_canary_cells_that_are_written_as_they_are_live(monkeypatch):
    monkeypatch.setattr(tables, "guarded", lambda text: text)
    out = io.BytesIO()
    write_csv(out, ["a"], [[text] for text in LIVE])
    rows = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert [row[0] for row in rows][1:] == LIVE


def test_p33_workbooks_hold_text_numbers_and_dates(tmp_path):
    out = io.BytesIO()
    first = ["=1+1", 5, date(2026, 3, 8), None, datetime(2026, 3, 8, 1, tzinfo=UTC)]
    write_xlsx(out, ["a", "b", "c", "d", "e"], iter([first, ["http://x", -1.5, True, "中", ""]]))
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    assert list(read(file(tmp_path, out.getvalue())))[1:] == [
        (2, ["=1+1", "5", "2026-03-08", "", "2026-03-08 01:00"]),
        (3, ["http://x", "-1.5", "True", "中", ""]),
    ]
