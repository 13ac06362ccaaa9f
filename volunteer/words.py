"""What the network says to people, in Chinese and English: problems, faults of a field, reasons, the names of things.

Sentences of the work (``dispatch``) are added by :func:`register` when it is loaded; nothing here knows them.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from volunteer.act import Language
from volunteer.errors import Value

log = logging.getLogger(__name__)


class Said(Protocol):
    """A sentence and its remedy in both languages, with ``{names}`` that a reason's data fills."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def zh_remedy(self) -> str: ...
    @property
    def en_remedy(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Saying:
    zh: str
    en: str
    zh_remedy: str = ""
    en_remedy: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same words twice."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


class _Filling(dict[str, Value]):
    """A sentence is shown even when its data lacks a name: a question mark stands there."""

    def __missing__(self, key: str) -> str:
        return "?"


def register(sayings: Mapping[str, Said]) -> None:
    """Add the sentences of rules; a rule that is said again takes the later words."""
    _SAYINGS.update(sayings)


def learn(names: Mapping[str, Pair]) -> None:
    """The names of the catalogue's codes, as reasons say them from now on."""
    _NAMES.clear()
    _NAMES.update(names)


def coded(data: Mapping[str, Value]) -> bool:
    """Whether a sentence filled with this data says a code of the catalogue."""
    return not _CODED.isdisjoint(data)


def _named(data: Mapping[str, Value], language: Language) -> _Filling:
    names = {key: _NAMES[str(data[key])].in_(language) for key in _CODED & data.keys() if str(data[key]) in _NAMES}
    return _Filling({**data, **names})


def reason(rule: str, data: Mapping[str, Value], language: Language) -> tuple[str, str]:
    """The reason as a sentence and its remedy (perhaps empty). A rule without words is shown by its name."""
    said = _SAYINGS.get(rule)
    if said is None:
        log.warning("a rule without words", extra={"rule": rule})
        return rule, ""
    text, remedy = (said.en, said.en_remedy) if language == "en" else (said.zh, said.zh_remedy)
    filling = _named(data, language)
    return text.format_map(filling), remedy.format_map(filling)


def problem(code: str, language: Language) -> tuple[str, str]:
    """Title and usual detail of a problem."""
    title, detail = _PROBLEMS[code]
    return title.in_(language), detail.in_(language)


def noun(name: str, language: Language) -> str:
    """A word of the glossary as people read it."""
    return _NOUNS.get(name, _NOUNS["thing"]).in_(language)


def fault(kind: str, context: Mapping[str, object]) -> Pair:
    """What is wrong with a field, by pydantic's name of the error; never repeats the value."""
    said = _FAULTS.get(kind, _FAULTS["other"])
    known = {name: value for name, value in context.items() if isinstance(value, str | int | float)}
    return Pair(said.zh.format_map(_Filling(known)), said.en.format_map(_Filling(known)))


# What of a reason's data are codes of the catalogue (skills, languages); their names, as far as they were learnt.
_CODED = frozenset({"skill", "language"})
_NAMES: dict[str, Pair] = {}

_PROBLEMS: dict[str, tuple[Pair, Pair]] = {
    "invalid": (
        Pair("填写有误", "The input is wrong"),
        Pair("请按各字段的说明修改后重试。", "Mend the fields named below and try again."),
    ),
    "anonymous": (
        Pair("请先登录", "Not signed in"),
        Pair("登录已失效或尚未登录，请登录后重试。", "Sign in, then try again."),
    ),
    "forbidden": (
        Pair("没有权限", "Not within your roles"),
        Pair("您的角色不能进行此操作，请联系调度员。", "None of your roles allows this; ask a coordinator."),
    ),
    "cross_site": (
        Pair("请求来源不符", "The request came from another site"),
        Pair("请从本系统的页面操作。", "Act from a page of this system."),
    ),
    "missing": (
        Pair("没有找到", "Not found"),
        Pair("没有这个{noun}，或您无权查看。", "There is no such {noun}, or none that you may see."),
    ),
    "not_allowed": (
        Pair("不支持此方法", "Method not allowed"),
        Pair("此地址不支持该请求方法。", "This address does not answer that method."),
    ),
    "refused": (
        Pair("无法进行", "This cannot be done"),
        Pair("原因见下。", "The reasons are listed below."),
    ),
    "gone": (
        Pair("来晚了", "Too late"),
        Pair("时间已过或名额已满，原因见下。", "Its time or its last seat has passed; the reasons are listed below."),
    ),
    "running": (
        Pair("正在进行", "Already running"),
        Pair("同一区域已有一次在进行，请等待或取消它。", "One is running for this region; wait for it or cancel it."),
    ),
    "reset": (
        Pair("需要重新读取", "Read the view again"),
        Pair("所持编号已不可用，请重新读取页面数据。", "The number you hold cannot be resumed; read the view afresh."),
    ),
    "wrong_code": (
        Pair("验证码不正确", "The code is wrong"),
        Pair("验证码不正确或已失效，请核对或重新获取。", "It is wrong or over; check it or ask for a new one."),
    ),
    "dead_link": (
        Pair("登录链接已失效", "The link is dead"),
        Pair("链接已使用或已过期，请重新获取登录邮件。", "It was used or its time is over; ask for a new mail."),
    ),
    "key_missing": (
        Pair("缺少 Idempotency-Key", "No Idempotency-Key"),
        Pair(
            "每个写操作都需要请求头 Idempotency-Key：1 至 255 个可见字符。",
            "Every write needs the header Idempotency-Key: 1 to 255 printable characters.",
        ),
    ),
    "key_reused": (
        Pair("Idempotency-Key 已用过", "The Idempotency-Key was used before"),
        Pair("该键已用于内容不同的请求，请换一个新键。", "It came with another body; use a fresh key."),
    ),
    "unsupported": (
        Pair("不支持的内容类型", "Unsupported media type"),
        Pair("请求体须为 application/json。", "The body must be application/json."),
    ),
    "too_large": (
        Pair("内容过大", "The body is too large"),
        Pair("请求体超过 {limit} 字节的上限。", "The body is above the limit of {limit} bytes."),
    ),
    "too_slow": (
        Pair("发送过慢", "Sent too slowly"),
        Pair(
            "请求没有在 {seconds} 秒内发完，您的操作没有生效。请检查网络后重试。",
            "The request was not complete within {seconds} seconds; nothing was changed. Try again.",
        ),
    ),
    "busy": (
        Pair("系统繁忙", "Busy just now"),
        Pair("请稍后重试，您的操作尚未生效。", "Nothing was changed; try again in a moment."),
    ),
    "no_room": (
        Pair("暂时不能保存", "Nothing can be saved just now"),
        Pair(
            "服务器的磁盘满了，您的操作没有生效。请告诉管理员，稍后再试。",
            "The server's disk is full; nothing was changed. Tell the administrator, and try again later.",
        ),
    ),
    "read_only": (
        Pair("暂时不能保存", "Nothing can be saved just now"),
        Pair(
            "数据库现在只能读取，您的操作没有生效。请稍后再试。",
            "The database can only be read just now; nothing was changed. Try again in a while.",
        ),
    ),
    "too_many": (
        Pair("次数过多", "Too many tries"),
        Pair("请等待片刻再试。", "Wait a while, then try again."),
    ),
    "broken": (
        Pair("系统出错", "Something broke"),
        Pair("已记录，编号 {id}。您的操作尚未生效。", "It is logged as {id}. Nothing was changed."),
    ),
}

_NOUNS: dict[str, Pair] = {
    "thing": Pair("内容", "thing"),
    "page": Pair("页面", "page"),
    "volunteer": Pair("志愿者", "volunteer"),
    "region": Pair("区划", "region"),
    "unit": Pair("单位", "unit"),
    "team": Pair("队伍", "team"),
    "skill": Pair("技能", "skill"),
    "topic": Pair("流水", "topic"),
    "notice": Pair("通知", "notice"),
    "watch": Pair("关注条件", "watch rule"),
    "outlines": Pair("边界图", "map of outlines"),
    "order": Pair("点单", "order"),
    "event": Pair("活动", "event"),
    "shift": Pair("班次", "shift"),
    "need": Pair("岗位需求", "need"),
    "assignment": Pair("派单", "assignment"),
    "draft": Pair("方案", "draft"),
    "swap": Pair("换班提议", "swap"),
    "offer": Pair("邀请", "offer"),
    "record": Pair("服务记录", "service record"),
    "objection": Pair("异议", "objection"),
}

_FAULTS: dict[str, Pair] = {
    "other": Pair("格式不对", "has the wrong form"),
    "missing": Pair("必须填写", "is required"),
    "extra_forbidden": Pair("没有这个字段，请去掉", "is not a known field; leave it out"),
    "repeated": Pair("只能出现一次", "may appear only once"),
    "json_invalid": Pair("不是有效的 JSON", "is not valid JSON"),
    "model_type": Pair("应为 JSON 对象", "must be a JSON object"),
    "dict_type": Pair("应为 JSON 对象", "must be a JSON object"),
    "list_type": Pair("应为列表", "must be a list"),
    "too_long": Pair("最多 {max_length} 项", "takes at most {max_length} items"),
    "too_short": Pair("至少 {min_length} 项", "takes at least {min_length} items"),
    "string_type": Pair("应为文字", "must be text"),
    "string_too_short": Pair("至少 {min_length} 个字符", "takes at least {min_length} characters"),
    "string_too_long": Pair("最多 {max_length} 个字符", "takes at most {max_length} characters"),
    "string_pattern_mismatch": Pair(
        "格式不对或含有不允许的字符", "has the wrong form or a character that is not allowed"
    ),
    "int_type": Pair("应为整数", "must be a whole number"),
    "float_type": Pair("应为数字", "must be a number"),
    "finite_number": Pair("应为有限的数字", "must be a finite number"),
    "bool_type": Pair("应为 true 或 false", "must be true or false"),
    "greater_than_equal": Pair("不得小于 {ge}", "must be {ge} or more"),
    "less_than_equal": Pair("不得大于 {le}", "must be {le} or less"),
    "literal_error": Pair("应为下列之一：{expected}", "must be one of: {expected}"),
    "uuid_type": Pair("应为 UUID", "must be a UUID"),
    "uuid_parsing": Pair("应为 UUID", "must be a UUID"),
    "day": Pair("应为 2000 至 2099 年的日期，如 2026-03-01", "must be a date from 2000 to 2099, as 2026-03-01"),
    "instant": Pair(
        "应为带时区的时刻，如 2026-03-01T09:00:00Z", "must be an instant with a zone, as 2026-03-01T09:00:00Z"
    ),
    "cursor": Pair("不是本列表给出的游标", "is not a cursor that this list gave out"),
    "email": Pair("应为电子邮箱地址", "must be an e-mail address"),
    "exchange": Pair("请给出 email 和 code，或只给出 token", "give email and code, or token alone"),
}

_SAYINGS: dict[str, Said] = {
    "too_many": Saying(
        "尝试次数过多",
        "too many tries",
        "请等待 {seconds} 秒再试，或使用邮件中的链接登录",
        "wait {seconds} seconds, or use the link in the mail",
    ),
    "wrong_code": Saying(
        "验证码不正确或已失效",
        "the code is wrong or no longer valid",
        "请核对，或重新获取验证码",
        "check it, or ask for a new code",
    ),
    "dead_link": Saying(
        "登录链接已使用或已过期",
        "the link was used before or its time is over",
        "请重新获取登录邮件",
        "ask for a new mail",
    ),
    "dead_answer_link": Saying(
        "这个链接已过期",
        "the link's time is over",
        "请登录后查看您的邀请",
        "sign in to see your offers",
    ),
    "apart_oneself": Saying(
        "不能让人与自己互不安排",
        "nobody is kept apart from themselves",
        "请选择另一个人",
        "choose somebody else",
    ),
    "not_oneself": Saying(
        "不能停用或恢复自己",
        "nobody suspends or restores themselves",
        "请由其他调度员处理",
        "ask another coordinator",
    ),
    "has_left": Saying(
        "此人已退出",
        "the person has left",
        "无需再处理",
        "there is nothing to be done",
    ),
    "not_suspended": Saying(
        "此人没有被停用",
        "the person is not suspended",
        "请刷新后查看",
        "reload and look",
    ),
    "email_taken": Saying(
        "该邮箱已属于另一位志愿者",
        "the address belongs to another person",
        "请换一个邮箱，或使用已有的账户",
        "give another address, or use the account that exists",
    ),
    "running": Saying(
        "同一区域已有一次在进行",
        "one is already running for this region",
        "请等待它结束或取消它",
        "wait for it or cancel it",
    ),
    "reset": Saying(
        "所持编号已不可用",
        "the number you hold cannot be resumed",
        "请重新读取页面数据",
        "read the view afresh",
    ),
}
