"""The door to CSV and XLSX: dirty files come in as plain rows of text, our rows go out without live formulas.

Reading is synchronous and lazy: call it in a thread. What cannot be read raises :class:`Invalid` with the row and the
remedy. Rows are numbered as a spreadsheet shows them: the header is row 1, empty rows count and are not handed out.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import python_calamine
import xlsxwriter

from volunteer.errors import Fault, Invalid

Cell = str | int | float | bool | date | datetime | None
Line = tuple[int, list[str]]

ENCODINGS = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
}  # fmt: skip

# Never in a cell: controls, zero-width and direction marks, byte-order marks, halves of surrogate pairs.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# What a spreadsheet takes for a formula, after blanks; full-width forms included.
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠]|[\t\r\n\x00]")
# References beyond row 199,999 or column CZ: read as a dense table they would take all memory.
_FAR = re.compile(rb"""\br=["'](?:[A-Z]{3,}\d+|[D-Z][A-Z]\d+|[A-Z]*(?:\d{7,}|[2-9]\d{5}))["']""")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file: bytes on disk, bytes when unpacked (XLSX), data rows (at most 199,998), columns (at most 104)."""

    size: int = 100_000_000
    unpacked: int = 500_000_000
    rows: int = 150_000
    columns: int = 100


def _invalid(field: str, zh: str, en: str, row: int | None = None) -> Invalid:
    return Invalid([Fault(field, zh, en, row)])


# ---- in ----


def read(path: Path, *, encoding: str | None = None, limits: Limits | None = None) -> Iterator[Line]:
    """The rows of a CSV file (comma, semicolon or tab) or of the first sheet of a workbook, header first, cells
    trimmed. ``encoding``: one of ``ENCODINGS`` for CSV; none = found out. Dates become ISO 8601, whole numbers lose
    ``.0``; an apostrophe that :func:`write_csv` put before a formula is taken away again."""
    limits = limits or Limits()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise _invalid(
            "file",
            f"打不开文件：{error.strerror}；请检查路径与权限",
            f"cannot open the file: {error.strerror}; check path and permissions",
        ) from error
    if size > limits.size:
        raise _invalid(
            "file",
            f"文件有 {size} 字节，上限 {limits.size}；请拆成几个文件",
            f"the file has {size} bytes, the limit is {limits.size}; split it",
        )
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        lines = _sheet(path, limits)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise _invalid(
            "file",
            "旧版或加密的 Excel 文件；请另存为 XLSX（不加密）或 CSV",
            "an old or encrypted Excel file; save it as XLSX without a password, or as CSV",
        )
    else:
        lines = _csv(path, _encoding(path, encoding))
    return _limited(lines, limits)


def unseen(text: str) -> str | None:
    """The first character of ``text`` that nobody can see and no cell may hold, as ``U+200B``; none = clean."""
    found = _UNSEEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def _limited(lines: Iterable[Line], limits: Limits) -> Iterator[Line]:
    count = 0
    for number, cells in lines:
        if len(cells) > limits.columns:
            raise _invalid(
                "file",
                f"有 {len(cells)} 列，上限 {limits.columns}；请删去多余的列",
                f"{len(cells)} columns, the limit is {limits.columns}; drop those not needed",
                number,
            )
        if not any(cells):
            continue
        if count > limits.rows:
            raise _invalid(
                "file",
                f"数据超过 {limits.rows} 行；请拆成几个文件",
                f"more than {limits.rows} rows of data; split the file",
                number,
            )
        count += 1
        yield number, cells
    if count == 0:
        raise _invalid("file", "文件是空的；第一行应为列名", "the file is empty; its first row should name the columns")


def _csv(path: Path, codec: str) -> Iterator[Line]:
    with path.open(encoding=codec, newline="") as file:
        head = file.readline(_CHUNK)
        file.seek(0)
        delimiter = max(",;\t", key=head.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                yield number, [_unguarded(cell.strip()) for cell in cells]
        except csv.Error as error:
            raise _invalid(
                "file",
                "这一行的引号没有配对；请补上引号，或把单元格里的引号写成两个",
                f"quotes do not match ({error}); close them, or double those inside a cell",
                number + 1,
            ) from error


def _encoding(path: Path, declared: str | None) -> str:
    """The codec to read with. Every byte is looked at, so that reading cannot fail half-way."""
    if declared is not None and declared.lower() not in ENCODINGS:
        raise _invalid(
            "encoding",
            f"不支持的编码“{declared}”；可用 utf-8、gb18030",
            f"unknown encoding {declared!r}; use utf-8 or gb18030",
        )
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise _invalid(
                "encoding", "文件是 UTF-16 编码；请另存为“CSV UTF-8”", "the file is UTF-16; save it as “CSV UTF-8”"
            )
    if declared is not None:
        codec = ENCODINGS[declared.lower()]
        row = _undecodable(path, codec)[0]
        if row is not None:
            raise _invalid(
                "encoding",
                f"这一行不是 {declared} 编码；请改用正确的编码声明，或另存为“CSV UTF-8”",
                f"this row is not {declared}; declare the right encoding or save as “CSV UTF-8”",
                row,
            )
        return codec
    row, broken = _undecodable(path, "utf-8-sig")
    if row is None:
        return "utf-8-sig"
    # Text that was good UTF-8 beyond ASCII up to here is damaged UTF-8, not another encoding.
    if broken or _undecodable(path, "gb18030")[0] is not None:
        raise _invalid(
            "encoding",
            "这一行有无法识别的字节（不是 UTF-8，也不是 GB18030）；请另存为“CSV UTF-8”",
            "this row holds bytes that are neither UTF-8 nor GB18030; save as “CSV UTF-8”",
            row,
        )
    return "gb18030"


def _undecodable(path: Path, codec: str) -> tuple[int | None, bool]:
    """The first row that is not in ``codec`` (none = all are), and whether non-ASCII text was decoded before it."""
    decoder = codecs.getincrementaldecoder(codec)()
    row, beyond = 1, False
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                return row + before.count(b"\n"), beyond or not before.isascii()
            row += text.count("\n")
            beyond = beyond or not text.isascii()
            if not chunk:
                return None, beyond


def _unguarded(cell: str) -> str:
    return cell[1:].strip() if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def _sheet(path: Path, limits: Limits) -> Iterator[Line]:
    damaged = _invalid(
        "file",
        "文件损坏或不完整，不是有效的 XLSX；请重新导出",
        "the file is damaged or cut off, not a valid XLSX; export it again",
    )
    try:
        _unpackable(path, limits)
        with python_calamine.load_workbook(path) as book:
            sheet = book.get_sheet_by_index(0)
            first = (sheet.start or (0, 0))[0]
            for number, cells in enumerate(sheet.to_python(skip_empty_area=True), first + 1):
                yield number, [_text(cell) for cell in cells]
    except (python_calamine.CalamineError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise damaged from error


def _unpackable(path: Path, limits: Limits) -> None:
    """Look through the parts of a workbook before the reader does: whole, no larger than allowed, no cell far out."""
    with zipfile.ZipFile(path) as book:
        parts = book.infolist()
        if not any(part.filename == "xl/workbook.xml" for part in parts):
            raise _invalid(
                "file", "不是 Excel 工作簿；请另存为 XLSX 或 CSV", "not an Excel workbook; save as XLSX or CSV"
            )
        if sum(part.file_size for part in parts) > limits.unpacked or len(parts) > 1000:
            raise _invalid(
                "file",
                "工作簿解开后过大；请只留需要的工作表与列，或另存为 CSV",
                "the workbook is too large when unpacked; keep the sheet and columns needed, or use CSV",
            )
        for part in parts:
            with book.open(part) as file:
                tail = b""
                while chunk := file.read(_CHUNK):
                    if part.filename.startswith("xl/worksheets/") and _FAR.search(tail + chunk):
                        raise _invalid(
                            "file",
                            "工作表在很远的位置有单元格；请只复制数据区域到新表",
                            "the sheet has cells far out; copy the data alone to a new sheet",
                        )
                    tail = chunk[-64:]


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return "" if cell is None else str(cell)


# ---- out ----


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs: an apostrophe before what looks like a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(out: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with a byte-order mark (so that Excel knows), RFC 4180; ``out`` stays open."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow([guarded(title) for title in header])
        for row in rows:
            writer.writerow([guarded(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
    finally:
        text.detach()


def write_xlsx(out: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """One sheet; text is written as text whatever it looks like, numbers and instants (without their zone) as such."""
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    sheet = book.add_worksheet()
    day, instant = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for number, row in enumerate(chain([header], rows)):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            elif isinstance(cell, datetime):
                sheet.write_datetime(number, place, cell, instant)
            elif isinstance(cell, date):
                sheet.write_datetime(number, place, cell, day)
            elif cell is not None:
                sheet.write(number, place, cell)
    book.close()


def _plain(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, date) else cell
