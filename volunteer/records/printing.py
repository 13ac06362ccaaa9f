"""Service records as a table for a spreadsheet: what the record rules (办法 art. 7) name, one line a record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal

from tortoise.connection import get_connection

from volunteer import access, tables
from volunteer.act import Act
from volunteer.errors import Fault, Forbidden, Invalid
from volunteer.quiet import ZONE
from volunteer.spans import Span
from volunteer.tables import Cell
from volunteer.words import Pair

MOST: Final = 50_000

Form = Literal["csv", "xlsx"]

_ROWS: Final = """SELECT r.title, r.plan_from, r.plan_until, r.place, r.content, v.name, v.number, r.came_at, r.left_at,
  r.minutes, r.overtime, r.source, r.state, r.reason, coalesce(u.name, '') AS unit, coalesce(o.name, '') AS organiser,
  coalesce(c.name, '') AS confirmed, coalesce(s.name, '') AS signed, r.notice_from, r.notice_until, r.locked_at
FROM service_record r JOIN volunteer v ON v.id = r.volunteer_id LEFT JOIN unit u ON u.id = r.unit_id
LEFT JOIN volunteer o ON o.id = r.organiser_id LEFT JOIN volunteer c ON c.id = r.confirmed_by
LEFT JOIN volunteer s ON s.id = r.signed_by
WHERE r.plan_from >= $1 AND r.plan_from < $2 AND r.state <> 'corrected' AND (r.volunteer_id = $3 OR $4 AND
  ($5::text[] IS NULL OR r.unit_id = ANY($6::uuid[])
  OR EXISTS (SELECT 1 FROM unnest($5::text[]) AS p(code) WHERE r.region_id LIKE p.code || '%')))
ORDER BY r.plan_from, r.title, v.number, r.id LIMIT $7"""

_HEADER: Final = (
    Pair("活动名称", "event"), Pair("日期", "date"), Pair("开始", "from"), Pair("结束", "until"), Pair("地点", "place"),
    Pair("服务内容", "what was done"), Pair("姓名", "name"), Pair("志愿者编号", "number"), Pair("到场", "came"),
    Pair("离开", "left"), Pair("服务时间(小时)", "hours"), Pair("其中超时(小时)", "overtime approved"),
    Pair("时长来源", "source"), Pair("状态", "state"), Pair("说明", "explanation"),
    Pair("活动组织单位", "organisation"),
    Pair("活动负责人", "organiser"), Pair("确认人", "confirmed by"), Pair("记录人", "recorded by"),
    Pair("公示开始", "notice from"), Pair("公示结束", "notice until"), Pair("记录时间", "recorded at"),
)  # fmt: skip

SOURCES: Final = {
    "checkin": Pair("签到", "check-in"), "roll": Pair("点名", "roll call"), "makeup": Pair("补录", "made up"),
}  # fmt: skip
STATES: Final = {
    "proposed": Pair("待确认", "to be confirmed"), "confirmed": Pair("待复核", "to be signed"),
    "under_notice": Pair("公示中", "under notice"), "locked": Pair("已记录", "recorded"),
    "disputed": Pair("待更正", "to be corrected"),
}  # fmt: skip


async def printed(act: Act, span: Span, *, whose: Literal["mine", "all"]) -> tuple[list[str], list[list[Cell]]]:
    """The header and the lines of the services in ``span``: one's own, or all that one may read. :class:`Invalid` when
    there are more than a sheet should hold."""
    if act.actor.id is None:
        raise Forbidden("record.read", anonymous=True)
    scopes = access.scopes(act.actor, "record.read")
    regions, units = (None, []) if scopes is None else (sorted(scopes[0]), sorted(scopes[1]))
    values = [span.start, span.end, act.actor.id, whose == "all", regions, units, MOST + 1]
    rows = await get_connection("default").execute_query_dict(_ROWS, values)
    if len(rows) > MOST:
        zh, en = f"超过 {MOST} 行；请缩短时段", f"more than {MOST} lines; ask for a shorter time"
        raise Invalid([Fault("until", zh, en)])
    language = act.actor.language
    return [title.in_(language) for title in _HEADER], [list(_cells(row, language == "en")) for row in rows]


def _cells(row: Mapping[str, Any], english: bool) -> Iterator[Cell]:
    def words(known: Mapping[str, Pair], name: str) -> str:
        return known[name].en if english else known[name].zh

    begins, ends = _here(row["plan_from"]), _here(row["plan_until"])
    assert begins is not None
    yield from (row["title"], begins.date(), begins, ends, row["place"], row["content"], row["name"], row["number"])
    yield from (_here(row["came_at"]), _here(row["left_at"]), row["minutes"] / 60, row["overtime"] / 60)
    yield from (words(SOURCES, row["source"]), words(STATES, row["state"]), row["reason"], row["unit"])
    yield from (row["organiser"], row["confirmed"], row["signed"])
    yield from (_here(row["notice_from"]), _here(row["notice_until"]), _here(row["locked_at"]))


def _here(at: datetime | None) -> datetime | None:
    return at and at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


def write(out: BinaryIO, form: Form, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    (tables.write_csv if form == "csv" else tables.write_xlsx)(out, header, rows)
