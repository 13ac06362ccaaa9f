"""Sentences of the work: why this person, why nobody, why not now. zh-CN first, English second. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from dispatch.planner.sayings import SAYINGS as RULES
from volunteer import words
from volunteer.act import Language
from volunteer.words import Saying

Pair = tuple[str, str]

NEAR_KM = 10
FEW = 12

# How a hole's count names a rule: "25 人没空 / 25 are not free then".
SHORT: Mapping[str, Pair] = {
    "automated": ("未同意自动排班", "not planned automatically"),
    "locked": ("排班已锁定", "roster locked"),
    "team": ("不在指定队伍", "not in the team"),
    "skill": ("没有所需技能或级别不够", "lack the skill or its level"),
    "expired": ("资质已过期", "qualification expired"),
    "language": ("语言不符", "do not speak the language"),
    "age": ("年龄不符", "outside the age range"),
    "guardian": ("缺监护人同意", "no guardian's consent"),
    "background": ("缺背景核查", "no background check"),
    "limitation": ("身体条件不适合", "declared a limitation"),
    "blocked": ("与主办单位回避", "kept apart from the unit"),
    "declined": ("曾谢绝或退出", "said no or left before"),
    "radius": ("离得太远", "live too far away"),
    "availability": ("这个时间没空", "not free then"),
    "overlap": ("同一时间已有班次", "already serve then"),
    "travel": ("来不及赶到", "could not get there in time"),
    "rest": ("休息时间不够", "need their rest"),
    "hours_day": ("当天时长已满", "at their hours for the day"),
    "hours_week": ("本周时长已满", "at their hours for the week"),
    "hours_rolling": ("七天内时长已满", "at their hours for seven days"),
    "hours_month": ("本月时长已满", "at their hours for the month"),
    "events_month": ("本月场次已满", "at their events for the month"),
    "role": ("同一活动已任其他岗位", "have another role at the event"),
    "series": ("该系列已有固定辅导员", "the series has its tutor"),
    "pair": ("与同班次的人回避", "kept apart from someone there"),
    "leader": ("缺组长，活动不成行", "no leader, the event does not run"),
    "quorum": ("人数不足，活动不成行", "too few in all, the event does not run"),
    "serving": ("已在这个岗位", "serve here already"),
    "cast": ("队伍人数不齐", "the team is not complete"),
    "mentor": ("没有带教人员", "no mentor beside them"),
}

# Reasons that the roster itself gives.
SAYINGS: Mapping[str, Saying] = {
    "closed": Saying("活动现在不接受报名", "the event takes nobody now", "看看其他活动", "look at other events"),
    "begun": Saying("班次已经开始", "the shift has begun", "请联系现场组长", "call the leader on the spot"),
    "too_many_watches": Saying(
        "关注条件最多 {most} 条",
        "no more than {most} watch rules",
        "请先删去不用的",
        "drop one that you no longer need first",
    ),
    "full": Saying("名额已满", "all seats are taken", "看看其他活动", "look at other events"),
    "taken": Saying(
        "已经邀请过或已在此岗位",
        "already asked or already on this need",
        "请等待答复，或改邀他人",
        "wait for the answer, or ask someone else",
    ),
    "asked_often": Saying(
        "本周已邀请多次",
        "was asked often enough this week",
        "请改邀他人,或过几天再试",
        "ask someone else, or try again in some days",
    ),
    "too_late": Saying("答复时间已过", "the time to answer has passed", "看看其他邀请", "look at your other offers"),
    "step": Saying(
        "现在不能这样做（{status}）", "not possible now ({status})", "请刷新后再试", "refresh and look again"
    ),
    "not_your_mark": Saying(
        "签到不是您记的", "somebody else signed them in", "请由记下签到的人撤销", "ask whoever did to take it back"
    ),
    "running": Saying(
        "该区划正在排班",
        "a plan is being made for this region",
        "等它完成，或先取消它",
        "wait until it ends, or cancel it",
    ),
    "over": Saying(
        "班次已经结束", "the shift is over", "如有出入，请联系组长更正", "ask the leader to correct the record"
    ),
    "roster_locked": Saying(
        "名单已锁定，不能自行报名", "the roster is locked", "请联系活动组织者", "ask the organiser"
    ),
    "yours": Saying("您已在这个岗位的名单上", "you are on this list already", "请看“日程”", "look at your week"),
    "waiting": Saying(
        "空出的名额先给候补的 {waiting} 人",
        "{waiting} people wait for the free seats",
        "可以加入候补",
        "join the waiting list",
    ),
    "seat_free": Saying("还有空位，不必候补", "a seat is free, no need to wait", "直接报名即可", "take the seat"),
    "too_early": Saying(
        "还没到签到时间", "sign-in is not open yet", "请在 {minutes} 分钟后再试", "try again in {minutes} minutes"
    ),
    "signin_closed": Saying(
        "开始 {minutes} 分钟后不能再自行签到",
        "sign-in ends {minutes} minutes after the start",
        "请找现场组长点名",
        "ask the leader to call your name",
    ),
    "venue_code": Saying(
        "签到码不对或已经更换",
        "the code is wrong or has changed",
        "请看屏幕上的新码再输入",
        "type the code that is shown now",
    ),
    "too_many_guesses": Saying(
        "签到码输错次数太多", "too many wrong codes", "请找现场组长点名", "ask the leader to call your name"
    ),
    "wait_longer": Saying(
        "开始未满 {minutes} 分钟，不能记为未到场",
        "nobody is absent before {minutes} minutes after the start",
        "请再等一等，或先打电话联系",
        "wait a little, or call the person",
    ),
    "not_yourself": Saying(
        "不能给自己点名或确认",
        "nobody confirms themselves",
        "请另一位负责人操作",
        "let another responsible person do it",
    ),
    "second_person": Saying(
        "更正须由另一位负责人作出",
        "a correction needs a second person",
        "请另一位负责人操作",
        "let another responsible person do it",
    ),
    "not_then": Saying(
        "时间不在班次之内，或晚于现在",
        "the time lies outside the shift or ahead",
        "请核对到场和离场时间",
        "check when the person came and left",
    ),
    "nobody": Saying(
        "目前没有可行的补位方案", "no repair is possible now", "请调整岗位要求或时间", "ask less of the need or move it"
    ),
    "reading": Saying("排班表正在读取", "the roster is being read", "请稍后再试", "try again in a moment"),
    "frozen": Saying(
        "该班次即将开始或已固定,不能再调人",
        "the shift begins soon or is fixed; nobody is moved from it",
        "请改选其他人",
        "choose somebody else",
    ),
    "present": Saying(
        "已有 {people} 人签到，不能取消",
        "{people} people have signed in already",
        "请先为他们签退并确认，再处理其余班次",
        "check them out and confirm them first",
    ),
    "roll_open": Saying(
        "有 {people} 人的班次已经结束、还没有点名",
        "the shift of {people} people is over and nobody has called its roll",
        "请先点名（到场或缺勤），再取消其余班次",
        "call the roll first, then cancel the rest",
    ),
    "would_release": Saying(
        "名额少于已接受的人数，会请退 {people} 人",
        "fewer seats than people who accepted: {people} would be let go",
        "请确认请退，或保留名额",
        "confirm that they are let go, or keep the seats",
    ),
    "below_quorum": Saying(
        "班次名额少于成行人数 {quorum}",
        "the shift would have fewer seats than the {quorum} it needs to run",
        "请保留名额，或取消活动",
        "keep the seats, or cancel the event",
    ),
    "learners_left": Saying(
        "还有见习岗位需要这个角色带教",
        "learners' seats rest on this role",
        "请先取消见习岗位",
        "call the learners' seats off first",
    ),
    "answered": Saying("对方已经答复", "the person has answered", "无需处理", "nothing to do"),
    "inactive": Saying("志愿者已停用", "the volunteer is not active", "改邀他人", "ask someone else"),
    "risk_notice": Saying(
        "还没有写风险说明",
        "the risk notice is missing",
        "请先写明可能的风险和保障",
        "say which risks there are and what protects people",
    ),
    "hypothetical": Saying(
        "方案里有假设的人、空闲时间或放宽的规则，现实中做不到",
        "the plan rests on made-up people or hours or on relaxed rules; nobody could carry it out",
        "去掉这些假设再排一次，再发布",
        "plan again without these assumptions, then publish",
    ),
    "plan_killed": Saying(
        "计算进程没有按时结束，已被终止",
        "the planner did not end in time and was stopped",
        "缩短时间窗或缩小区划，再排一次",
        "plan fewer days or a smaller region",
    ),
    "plan_time": Saying(
        "规定时间内没有算出方案",
        "no plan was found within the time",
        "延长计算时间，或缩小范围",
        "allow more time, or plan a smaller scope",
    ),
    "plan_memory": Saying(
        "计算所需内存超过上限",
        "planning took more memory than it may",
        "缩短时间窗或缩小区划，或请管理员提高上限",
        "plan fewer days or a smaller region, or have the limit raised",
    ),
    "plan_malformed": Saying(
        "数据自相矛盾，无法排班",
        "the data contradict themselves; nothing can be planned",
        "请按下面的说明改正数据",
        "mend what is named below",
    ),
    "plan_violations": Saying(
        "算出的方案违反规则，没有保留",
        "the plan broke a rule and was not kept",
        "请再排一次；如仍出现，请告诉管理员",
        "plan again; if it happens again, tell an administrator",
    ),
    "plan_tries": Saying(
        "多次中断，已放弃",
        "it was broken off several times and given up",
        "稍后再排一次",
        "plan again later",
    ),
    "plan_broken": Saying(
        "计算出错，没有得到方案",
        "the planner failed",
        "请再排一次；如仍出现，请告诉管理员",
        "plan again; if it happens again, tell an administrator",
    ),
    "no_plan": Saying(
        "方案还没有算成，无法比较",
        "there is no finished plan to compare",
        "等它完成，或选择另一个方案",
        "wait until it is ready, or choose another one",
    ),
    "holds_law": Saying(
        "本人同意、年龄、监护人同意和背景核查的规定不能假设放宽",
        "consent, age, guardians and background checks are never assumed away",
        "可以假设增加符合条件的人",
        "suppose more people who meet them instead",
    ),
    "holds_ability": Saying(
        "技能、资质、语言和身体条件的要求不能假设放宽",
        "skills, qualifications, languages and declared limitations are never assumed away",
        "可以假设增加有这项技能的人，或修改岗位要求",
        "suppose more people with the skill, or change what the need asks for",
    ),
    "holds_apart": Saying(
        "回避关系保护当事人，不能假设放宽",
        "who is kept apart is protected by it; that is never assumed away",
        "可以假设增加其他人",
        "suppose other people instead",
    ),
    "holds_place": Saying(
        "一个人不能同时在两处，路上的时间省不掉",
        "nobody is in two places at once, and the way takes its time",
        "可以假设增加人，或移动班次",
        "suppose more people, or move the shift",
    ),
    "holds_free": Saying(
        "空闲时间要按时段假设",
        "being free is supposed hour by hour",
        "请用“增加空闲时间”写明哪几天、几点到几点",
        "use “more free hours” and name days and hours",
    ),
    "holds": Saying(
        "这条规则不能假设放宽",
        "this rule is never assumed away",
        "可以放宽距离、休息、时长、场次和成行人数",
        "distance, rest, hours, events a month and quorums bend",
    ),
    "empty": Saying("活动没有任何岗位", "the event has no needs", "请先添加班次和岗位", "add shifts and needs first"),
}
words.register(SAYINGS)
words.register(RULES)

WHY: Mapping[str, Pair] = {
    "scarcity": ("能做这件事的只有 {eligible} 人", "only {eligible} could do this"),
    "keep": ("您已在名单上", "you are on the roster already"),
    "continuity": ("您熟悉这里", "you know this place"),
    "preferred": ("是您喜欢的时间", "it is a time you like"),
    "likes": ("是您喜欢的活动类型", "it is the kind you like"),
    "travel": ("离您约 {km} 公里", "it is about {km} km from you"),
    "distance": ("离您约 {km} 公里", "it is about {km} km from you"),
    "reliability": ("您一向守约", "people can count on you"),
    "level": ("您的水平正合适", "your level fits"),
    "fairness": ("最近轮到您的机会不多", "you had few turns lately"),
    "equal": ("这里很久没有活动了", "this place has waited long"),
    "mandatory": ("缺您不可", "this seat must be filled"),
    "desired": ("多一个人更好", "one more hand is welcome"),
    "only": ("合适的人只有您", "nobody else fits"),
}


# Goals, rules that bend, and units, as assumptions name them.
GOALS: Mapping[str, Pair] = {
    "mandatory": ("必需岗位", "mandatory seats"),
    "keep": ("保持已发邀请", "keeping open offers"),
    "desired": ("可选名额", "optional seats"),
    "continuity": ("熟悉程度", "familiarity"),
    "preferred": ("喜欢的时间", "liked times"),
    "likes": ("喜欢的类型", "liked kinds"),
    "travel": ("路程", "distance"),
    "reliability": ("守约", "reliability"),
    "level": ("水平相称", "level fit"),
    "fairness": ("公平分担", "fair sharing"),
    "equal": ("各地均等", "equal service"),
}
BENDING: Mapping[str, Pair] = {
    "radius": ("最远距离", "farthest distance"),
    "rest": ("休息时间", "rest"),
    "hours_day": ("每天时长上限", "hours a day"),
    "hours_week": ("每周时长上限", "hours a week"),
    "hours_rolling": ("连续七天时长上限", "hours in any seven days"),
    "hours_month": ("每月时长上限", "hours a month"),
    "events_month": ("每月场次上限", "events a month"),
    "quorum": ("成行人数", "quorum"),
}
UNITS: Mapping[str, Pair] = {
    "km": ("公里", "km"),
    "minutes": ("分钟", "min"),
    "events": ("场", "events"),
    "people": ("人", "people"),
}
MODES: Mapping[str, Pair] = {
    "tutoring": ("辅导", "tutoring"),
    "training": ("培训", "training"),
    "performance": ("演出", "performance"),
    "support": ("保障", "support"),
}
WEEKDAYS: tuple[Pair, ...] = (
    ("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"),
    ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"),
)  # fmt: skip


# The same of somebody else, for whoever chooses whom to ask. How far it is stands beside it.
ABOUT: Mapping[str, Pair] = {
    "continuity": ("熟悉这里", "knows the place"),
    "preferred": ("喜欢这个时间", "likes this time"),
    "likes": ("喜欢这类活动", "likes this kind"),
    "reliability": ("一向守约", "keeps their word"),
}


def about(reasons: Iterable[tuple[str, int]], language: Language) -> str:
    """What speaks for somebody, the weightiest two."""
    parts = [pick(ABOUT[goal], language) for goal, worth in reasons if worth > 0 and goal in ABOUT][:2]
    return ("、" if language == "zh" else ", ").join(parts)


def pick(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def count(rule: str, people: int, language: Language) -> str:
    """ "25 人没空" / "25 not free then"."""
    label = pick(SHORT.get(rule, (rule, rule)), language)
    return f"{people} 人{label}" if language == "zh" else f"{people} {label}"


def hole(pool: int, eligible: int, blocked: Iterable[tuple[str, int]], language: Language) -> str:
    """One sentence for a hole: how many of the pool could, and the three commonest reasons of the others."""
    top = sorted(blocked, key=lambda found: -found[1])[:3]
    parts = [count(rule, people, language) for rule, people in top]
    if language == "zh":
        return f"{pool} 人中 {eligible} 人合适：" + "、".join(parts)
    return f"{eligible} of {pool} could: " + ", ".join(parts)


def why(reasons: Iterable[Mapping[str, Any]], language: Language, *, km: float | None = None) -> list[dict[str, Any]]:
    """Each reason that speaks for the person, with its sentence. What cost something is left unsaid, but for a short
    way (``km`` from home); that few could come is said only while it is few."""
    told = []
    for reason in reasons:
        goal, data = str(reason["goal"]), {**(reason.get("data") or {}), "km": km}
        near = goal in ("travel", "distance") and data["km"] is not None and data["km"] <= NEAR_KM
        few = goal != "scarcity" or data.get("eligible", FEW + 1) <= FEW
        if goal in WHY and few and (near or (reason["worth"] > 0 and goal not in ("travel", "distance"))):
            text = pick(WHY[goal], language).format_map(data)
            told.append({"goal": goal, "worth": reason["worth"], "text": text})
    return told


def why_text(told: Iterable[Mapping[str, Any]], language: Language) -> str:
    """The best two reasons as one sentence."""
    parts = [str(reason["text"]) for reason in told][:2]
    if not parts:
        return ""
    return "、".join(parts) if language == "zh" else " and ".join(parts).capitalize()
