"""What each rule says to people: a sentence and a remedy, in Chinese and English, filled with the reason's data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    zh: str
    en: str
    zh_remedy: str
    en_remedy: str


SAYINGS: dict[str, Saying] = {
    "automated": Saying(
        "本人未同意参与自动排班",
        "has not agreed to be planned automatically",
        "请直接邀请本人，或请其在设置中同意自动排班",
        "ask the person directly, or have them agree to automatic planning in their settings",
    ),
    "locked": Saying(
        "该活动的排班已锁定",
        "the roster of this event is locked",
        "由调度员手动调整",
        "let a coordinator change it by hand",
    ),
    "team": Saying(
        "不是队伍 {team} 的成员",
        "is not a member of team {team}",
        "将其加入该队伍，或改派该队成员",
        "add the person to the team, or ask one of its members",
    ),
    "skill": Saying(
        "需要技能 {skill} {level} 级，现有 {have} 级（0 为无）",
        "needs skill {skill} at level {level}, has level {have} (0 = none)",
        "参加培训或考评后登记资质，或降低岗位要求",
        "train and register the qualification, or ask for a lower level",
    ),
    "expired": Saying(
        "技能 {skill} {level} 级在班次结束前已到期",
        "the hold of skill {skill} at level {level} ends before the shift does",
        "在班次之前续期该资质",
        "renew the qualification before the shift",
    ),
    "language": Saying(
        "不会岗位要求的语言 {language}",
        "does not speak {language}, which the need asks for",
        "改派会该语言的人，或放宽语言要求",
        "ask someone who speaks it, or drop the language from the need",
    ),
    "age": Saying(
        "岗位要求年龄 {least}–{most} 岁，本人 {age} 岁（? 为未登记）",
        "the need asks for ages {least} to {most}; the person is {age} (? = unknown)",
        "登记出生日期，或调整年龄范围",
        "record the date of birth, or change the age range",
    ),
    "guardian": Saying(
        "未满 18 岁（{age} 岁），缺少覆盖该班次的监护人同意",
        "is {age}, under 18, without a guardian's consent that covers the shift",
        "请监护人签署或续签同意书",
        "have a guardian sign or renew the consent",
    ),
    "background": Saying(
        "岗位接触未成年人，背景核查缺失或将在班次前到期",
        "the need is near minors, and the background check is missing or ends before the shift does",
        "办理或更新背景核查",
        "make or renew the background check",
    ),
    "limitation": Saying(
        "岗位条件 {demand} 与本人申报的限制冲突",
        "the need's condition {demand} is one the person declared a limitation for",
        "安排没有该条件的岗位，或调整岗位条件",
        "offer a need without that condition, or change the conditions",
    ),
    "blocked": Saying(
        "本人与单位 {unit} 互不安排",
        "is not to be sent to unit {unit}",
        "改派其他人，或由调度员解除限制",
        "ask someone else, or let a coordinator lift the block",
    ),
    "declined": Saying(
        "曾谢绝或退出此岗位",
        "has said no to this need, or left it",
        "由调度员直接联系本人，或改派其他人",
        "let a coordinator ask in person, or ask someone else",
    ),
    "radius": Saying(
        "距离 {km} 公里，超过本人上限 {limit} 公里",
        "the venue is {km} km away, beyond the person's limit of {limit} km",
        "请本人放宽距离，或安排更近的人",
        "ask the person to go further, or find someone nearer",
    ),
    "availability": Saying(
        "班次（含集合与收尾）不在本人可服务时间内",
        "the shift with call time and get-out is outside the person's available time",
        "请本人更新可服务时间，或调整班次时间",
        "ask the person to update their available time, or move the shift",
    ),
    "overlap": Saying(
        "与已确认的安排时间重叠",
        "overlaps with something already promised",
        "先解除冲突的安排，或换人",
        "release the other promise first, or ask someone else",
    ),
    "travel": Saying(
        "与相邻安排间隔 {gap} 分钟，路上需要 {trip} 分钟",
        "only {gap} minutes lie between this and another promise; the way takes {trip}",
        "安排更近的场地，或拉开时间",
        "choose a nearer venue, or leave more time between",
    ),
    "rest": Saying(
        "与另一天的安排仅隔 {gap} 分钟，至少需要休息 {rest} 分钟",
        "only {gap} minutes of rest to a promise on another day; {rest} are due",
        "换一个班次，或换人",
        "choose another shift, or ask someone else",
    ),
    "hours_day": Saying(
        "当天已有 {have} 分钟，再加 {more} 分钟超过上限 {limit} 分钟",
        "has {have} minutes that day; {more} more would pass the limit of {limit}",
        "减少当天安排，或换人",
        "lighten that day, or ask someone else",
    ),
    "hours_week": Saying(
        "本周已有 {have} 分钟，再加 {more} 分钟超过上限 {limit} 分钟",
        "has {have} minutes that week; {more} more would pass the limit of {limit}",
        "减少本周安排，或换人",
        "lighten that week, or ask someone else",
    ),
    "hours_rolling": Saying(
        "连续七天内已有 {have} 分钟，再加 {more} 分钟超过上限 {limit} 分钟",
        "has {have} minutes within seven days; {more} more would pass the limit of {limit}",
        "隔几天再安排，或换人",
        "wait some days, or ask someone else",
    ),
    "hours_month": Saying(
        "本月已有 {have} 分钟，再加 {more} 分钟超过上限 {limit} 分钟",
        "has {have} minutes that month; {more} more would pass the limit of {limit}",
        "减少本月安排，或换人",
        "lighten that month, or ask someone else",
    ),
    "events_month": Saying(
        "本月活动将达 {count} 场，超过上限 {limit} 场",
        "would serve at {count} events that month; the limit is {limit}",
        "减少本月活动，或换人",
        "take an event from that month, or ask someone else",
    ),
    "role": Saying(
        "在该活动中已担任{role}，每人每场只任一个岗位",
        "already serves as {role} at this event; one role per person and event",
        "换人，或先调整其现有岗位",
        "ask someone else, or change the other role first",
    ),
    "series": Saying(
        "该系列活动的{role}已由另一人固定担任",
        "this series already has its one {role}",
        "请原固定人员继续，或先更换整个系列的人选",
        "let that person go on, or change the tutor of the whole series first",
    ),
    "pair": Saying(
        "该班次上有互不安排在一起的人",
        "someone on this shift is not to serve together with this person",
        "安排到其他班次",
        "choose another shift",
    ),
    "serving": Saying(
        "已在此岗位",
        "already serves on this need",
        "无需操作",
        "nothing to do",
    ),
    "capacity": Saying(
        "该岗位人数超过上限 {limit}",
        "this need has more people than its limit of {limit}",
        "减少人数或提高上限",
        "release someone or raise the limit",
    ),
    "leader": Saying(
        "没有足够的负责人：负责人岗位需要 {wanted} 人，可派 {possible} 人",
        "not enough leaders: the leader needs ask for {wanted}, {possible} can be had",
        "补充负责人，或降低负责人岗位要求",
        "find a leader, or ask less of the leader's need",
    ),
    "quorum": Saying(
        "人数不足以成行：每班至少 {wanted} 人，可派 {possible} 人",
        "too few people to run: each shift wants {wanted}, {possible} can be had",
        "扩大招募范围、降低成行人数或改期",
        "widen the search, lower the quorum or move the event",
    ),
    "cast": Saying(
        "队伍不能整队出动：至少 {wanted} 人，可派 {possible} 人",
        "the team cannot go whole: it wants {wanted}, {possible} can be had",
        "请队伍补足人手，或改派其他队伍",
        "ask the team for more of its members, or send another team",
    ),
    "mentor": Saying(
        "学员岗位须有带教：同班次带教 {mentors} 人，最多可带 {most} 人",
        "learners serve only beside mentors: {mentors} on this shift may take {most}",
        "先安排带教人员，或减少学员",
        "find a mentor for the shift first, or send fewer learners",
    ),
}
