"""Published programmes: ``schedule.xml``, ``schedule.json`` (frab, pretalx) and iCalendar, and the mapping file that
says whom their items need, where a room is and when things take place here. The rows are made by ``dispatch.imports``.
"""

from pathlib import Path

from dispatch.programme.calendar import read_ics
from dispatch.programme.items import Item, Programme
from dispatch.programme.mapping import Mapping, read_mapping
from dispatch.programme.schedule import read_json, read_xml
from volunteer.errors import Fault, Invalid

__all__ = ["Item", "Mapping", "Programme", "read", "read_mapping"]

LIMIT = 50_000_000  # bytes


def read(path: Path, zone_name: str | None = None, *, lenient: bool = False) -> Programme:
    """The programme in the file, told apart by how it begins. ``zone_name``: an IANA zone for files that name none.
    ``lenient``: items that cannot be read are left out and told. Raises :class:`Invalid` with every fault."""
    try:
        if path.stat().st_size > LIMIT:
            raise Invalid([Fault("file", f"文件超过 {LIMIT} 字节", f"the file has more than {LIMIT} bytes")])
        data = path.read_bytes()
    except OSError as error:
        raise Invalid(
            [
                Fault(
                    "file",
                    f"打不开文件：{error.strerror}；请检查路径与权限",
                    f"cannot open the file: {error.strerror}; check path and permissions",
                )
            ]
        ) from error
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper()
    if start.startswith(b"<"):
        return read_xml(data, zone_name, lenient=lenient)
    if start.startswith(b"{"):
        return read_json(data, zone_name, lenient=lenient)
    if start.startswith(b"BEGIN:VCALENDAR"):
        return read_ics(data, zone_name, lenient=lenient)
    raise Invalid(
        [
            Fault(
                "file",
                "不是节目单；可用 schedule.xml、schedule.json（frab、pretalx）或 iCalendar",
                "not a programme; use schedule.xml, schedule.json (frab, pretalx) or iCalendar",
            )
        ]
    )
