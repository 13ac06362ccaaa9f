"""A volunteer as a row of a file states it: columns, and cells → :class:`Person`. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch.imports import cells
from dispatch.imports.columns import Column, Misfit, Values, fields
from dispatch.imports.reference import LIMITATIONS, MODES, Atlas, Catalogue
from dispatch.imports.weekly import Pattern, patterns
from volunteer.pinyin import spelt

_GENDERS = {"女": "f", "男": "m", "其他": "x", "f": "f", "m": "m", "x": "x", "female": "f", "male": "m", "other": "x"}
_TRAVEL = {
    "步行": "walk", "自行车": "bike", "电动车": "bike", "公交": "bus", "自驾": "car",
    "walk": "walk", "bike": "bike", "bus": "bus", "car": "car",
}  # fmt: skip
_TONGUES = {"中文": "zh", "zh": "zh", "英文": "en", "en": "en"}
_IDENTITY = re.compile(r"\d{15}|\d{17}[\dXx]")


def _number(cell: str) -> str:
    if _IDENTITY.fullmatch(cell):
        raise cells.Wrong(
            "看起来是身份证号；请改用志愿者编号（不得用身份证号代替）",
            "looks like an identity number; use the volunteer's own number instead",
        )
    if not re.fullmatch(r"[A-Za-z0-9-]{1,20}", cell):
        raise cells.Wrong("编号只用字母、数字和连字符，最长 20", "a number is of letters, digits, hyphens, 20 at most")
    return cell


COLUMNS = (
    Column("number", ("编号", "number", "志愿者编号", "volunteer number"), _number, needed=True),
    Column("name", ("姓名", "name"), cells.line(80), needed=True),
    Column("gender", ("性别", "gender"), cells.one_of(_GENDERS), default=""),
    Column("birth_date", ("出生日期", "birth_date", "date of birth"), cells.day),
    Column("region", ("区划代码", "region_code", "region"), cells.line(12), default=""),
    Column("county", ("县区", "county", "县（市、区）", "县市区"), cells.line(80), default=""),
    Column("township", ("乡镇街道", "township", "乡镇（街道）", "乡镇"), cells.line(80), default=""),
    Column("email", ("电子邮箱", "email", "邮箱", "e-mail"), cells.email),
    Column("phone", ("手机", "phone", "电话", "联系方式"), cells.phone, default=""),
    Column("language", ("界面语言", "language"), cells.one_of(_TONGUES), default="zh"),
    Column("skills", ("技能", "skills", "专业技能"), cells.graded, default=()),
    Column("languages", ("语言", "languages", "语言方言"), cells.parts, default=()),
    Column("likes", ("服务意向", "likes", "服务类别"), cells.listed(MODES), default=()),
    Column("weekly", ("可服务时间", "availability", "服务时间"), patterns, default=frozenset()),
    Column("travel_mode", ("交通方式", "travel_mode"), cells.one_of(_TRAVEL), default="bus"),
    Column("max_km", ("最远公里", "max_km", "最大出行距离"), cells.number(0, 500), default=30.0),
    Column("max_hours_day", ("每日最多小时", "max_hours_day"), cells.number(0.5, 16), default=8.0),
    Column("max_hours_week", ("每周最多小时", "max_hours_week"), cells.number(0.5, 80), default=20.0),
    Column("max_hours_month", ("每月最多小时", "max_hours_month"), cells.number(0.5, 300), default=60.0),
    Column("max_events", ("每月最多场次", "max_events_month", "max_events"), cells.whole(0, 200), default=12),
    Column("limitations", ("身体限制", "limitations"), cells.listed(LIMITATIONS), default=()),
    Column("automated", ("同意自动派单", "automated", "automated consent"), cells.yes, default=True),
    Column("checked_until", ("从业查询有效期", "checked_until", "无犯罪查询有效期"), cells.day),
    Column("guardian_until", ("监护人同意至", "guardian_until", "guardian consent until"), cells.day),
    Column("consent", ("本人同意注册", "consent", "registration consent"), cells.yes, default=False),
)
FIELDS = fields(COLUMNS)

# Columns of the file → columns of the row that they set, when the file has them.
SETS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "pinyin"), "gender": ("gender",), "birth_date": ("birth_date",),
    "region": ("region_id", "lat", "lon"), "county": ("region_id", "lat", "lon"), "email": ("email",),
    "phone": ("phone",), "language": ("language",), "languages": ("languages",), "likes": ("likes",),
    "limitations": ("limitations",), "travel_mode": ("travel_mode",), "max_km": ("max_km",),
    "max_hours_day": ("max_day",), "max_hours_week": ("max_week",), "max_hours_month": ("max_month",),
    "max_events": ("max_events",), "automated": ("automated",), "checked_until": ("checked_until",),
    "consent": ("state",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """``row``: number in the file. ``columns``: as in :class:`Volunteer`, JSON-ready. ``skills``: code → level."""

    row: int
    number: str
    columns: Mapping[str, Any]
    skills: Mapping[str, int]
    weekly: frozenset[Pattern]
    guardian_until: date | None
    consent: bool


@dataclass(frozen=True, slots=True)
class Maker:
    """Cells → :class:`Person`. ``today``: nobody is born after it."""

    atlas: Atlas
    catalogue: Catalogue
    today: date

    def __call__(self, row: int, values: Values) -> Person:
        spot = self.atlas.of(values["region"], values["county"], values["township"])
        born: date | None = values["birth_date"]
        if born is not None and not date(1900, 1, 1) <= born <= self.today:
            raise Misfit("birth_date", "出生日期应在 1900 年以后、今天以前", "want a date between 1900 and today")
        skills = {self.catalogue.skill(word): level for word, level in values["skills"]}
        columns = {
            "number": values["number"],
            "name": values["name"],
            "pinyin": spelt(values["name"], person=True),
            "gender": values["gender"],
            "birth_date": None if born is None else born.isoformat(),
            "region_id": spot.code,
            "lat": spot.lat,
            "lon": spot.lon,
            "email": values["email"],
            "phone": values["phone"],
            "language": values["language"],
            "languages": sorted({self.catalogue.language(word) for word in values["languages"]}),
            "likes": list(values["likes"]),
            "limitations": list(values["limitations"]),
            "travel_mode": values["travel_mode"],
            "max_km": values["max_km"],
            **_minutes(values),
            "max_events": values["max_events"],
            "automated": values["automated"],
            "checked_until": values["checked_until"] and values["checked_until"].isoformat(),
            "state": "active" if values["consent"] else "registered",
        }
        return Person(
            row, values["number"], columns, skills, values["weekly"], values["guardian_until"], values["consent"]
        )


def _minutes(values: Values) -> dict[str, int]:
    day, week, month = (round(60 * values[f"max_hours_{span}"]) for span in ("day", "week", "month"))
    return {"max_day": day, "max_week": week, "max_month": month}
