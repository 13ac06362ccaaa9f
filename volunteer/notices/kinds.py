"""The one table: which notice says what, how much it matters, and where it may go. Pure.

An entry becomes a notice where its verb calls :func:`volunteer.notices.owe`; everything else about it stands here, or
beside the verbs of a noun that has many (:func:`register`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from volunteer.words import Pair

# What people choose channels for: their account, offers to them, changes of what they took, reminders, and alarms for
# those who look after others' work.
Group = Literal["account", "offer", "change", "reminder", "alarm"]
GROUPS: tuple[Group, ...] = ("offer", "change", "reminder", "alarm")

# ``app`` is the inbox, always there; the others are chosen by the person, as far as the operator offers them.
Channel = Literal["app", "mail", "sms", "wechat", "push"]
OUTWARD: tuple[Channel, ...] = ("push", "mail", "wechat", "sms")

# Which of them are used for a group as long as the person says nothing.
HOUSE: Mapping[Group, tuple[Channel, ...]] = {
    "account": ("mail",),
    "offer": ("mail", "push"),
    "change": ("mail", "push"),
    "reminder": ("mail", "push"),
    "alarm": ("mail", "push"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a notice says: ``{name}``, ``{until}``, ``{link}``, ``{code}`` and the row's data fill it. ``weight``: an
    ``urgent`` one that stays unread goes through the next channel too; a ``calm`` one may wait for the daily letter.
    ``noun``: what its ``ref`` names, so that title, time and place can be told. ``instead_of``: a notice on the same
    matter that need not leave any more, nor this one then. ``alive``: states of what it is about in which it matters;
    in others it does not leave any more (none = always). ``opens``: carries a code and a link that sign in.
    ``answers``: its letter carries a link by which the offers of its ``ref`` are answered without signing in.
    ``parting``: leaves for those too who may not sign in any more, by mail whatever they chose, in a letter of its
    own."""

    subject: Pair
    text: Pair
    group: Group
    weight: Literal["urgent", "plain", "calm"] = "plain"
    noun: str = ""
    instead_of: str = ""
    alive: tuple[str, ...] = ()
    opens: bool = False
    answers: bool = False
    parting: bool = False


KINDS: dict[str, Kind] = {
    "signin.code": Kind(
        Pair("刺桐登录验证码", "Your Citong sign-in code"),
        Pair(
            "登录验证码：{code}\n\n或打开链接直接登录：\n{link}\n\n"
            "两者都只能用一次，{until} 前有效。如果不是您本人操作，请忽略此邮件。\n",
            "Your sign-in code: {code}\n\nOr open this link to sign in:\n{link}\n\n"
            "Each works once, until {until}. If this was not you, ignore this mail.\n",
        ),
        group="account",
        opens=True,
    ),
    "account.suspended": Kind(
        Pair("您的志愿者账号已暂停", "Your account is suspended"),
        Pair(
            "您的志愿者账号自现在起暂停使用，接下来的班次与邀请已取消。如有异议，请联系所在区划的调度员。",
            "Your account is suspended from now on; your coming shifts and offers are called off. "
            "If you object, please turn to the coordinator of your region.",
        ),
        group="change",
        parting=True,
    ),
    "account.restored": Kind(
        Pair("您的志愿者账号已恢复", "Your account is restored"),
        Pair(
            "您的志愿者账号已恢复使用，欢迎回来。请重新登录。",
            "Your account is restored. Welcome back; please sign in again.",
        ),
        group="change",
    ),
    "assignment.offered": Kind(
        Pair("您有一份新的服务邀请", "You have a new offer to serve"),
        Pair(
            "您有一份新的志愿服务邀请，请在 {until} 前答复。谢绝不会影响您今后的机会。",
            "You have a new offer to serve. Please answer before {until}. Declining costs you nothing.",
        ),
        group="offer",
        answers=True,
        noun="assignment",
        alive=("offered",),
    ),
    "assignment.assigned": Kind(
        Pair("已为您登记一个班次：{when}", "You are down for a shift: {when}"),
        Pair(
            "工作人员按您的口头答复登记了下面的班次，名额已经是您的。如果有出入或不能来，请在“日程”中退出，或告诉我们，没有任何影响。",
            "You said yes to one of us, who has put you down for this shift: the seat is yours. If that is not so, or "
            "you cannot come, leave it under “My week” or tell us; that costs you nothing.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
        alive=("accepted",),
    ),
    "offers.published": Kind(
        Pair("您有新的服务邀请", "You have new offers to serve"),
        Pair(
            "新的排班为您准备了服务邀请，请在各自的截止时间前答复。谢绝不会影响您今后的机会。",
            "A new plan has offers for you. Please answer each before its deadline. Declining costs you nothing.",
        ),
        group="offer",
        answers=True,
    ),
    "offers.withdrawn": Kind(
        Pair("一份服务邀请已撤回", "An offer was taken back"),
        Pair(
            "因排班调整，您的服务邀请有所撤回。您已接受的班次不受影响。",
            "The plan has changed and an offer to you was taken back. What you accepted stands.",
        ),
        group="change",
        weight="calm",
    ),
    "assignment.withdrawn": Kind(
        Pair("一份服务邀请已撤回", "An offer was taken back"),
        Pair(
            "之前发给您的一份服务邀请已撤回，无需答复。",
            "An offer that we sent you was taken back. You need not answer it.",
        ),
        group="change",
        weight="calm",
        noun="assignment",
        instead_of="assignment.offered",
    ),
    "assignment.filled": Kind(
        Pair("一份服务邀请的名额已满", "The seats of an offer are taken"),
        Pair(
            "发给您的一份服务邀请名额已满，感谢您的关注，请看看其他机会。",
            "All seats of an offer to you are taken. Thank you; have a look at the others.",
        ),
        group="change",
        weight="calm",
        noun="assignment",
        instead_of="assignment.offered",
    ),
    "assignment.released": Kind(
        Pair("您的一个班次已取消安排", "You are released from a shift"),
        Pair(
            "您接受的一个班次不再需要您到场，请查看最新安排。",
            "A shift that you accepted no longer needs you. Please look at your plan.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
    ),
    "standby.asked": Kind(
        Pair("请您候补一个班次：{when}", "You are asked to stand by: {when}"),
        Pair(
            "调度员请您候补一个已满员的班次：有空位时会先邀请您，由您决定是否接单。不方便的话，可在“日程”中退出候补，没有任何影响。",
            "A coordinator asks you to stand by for a full shift: when a seat comes free you are asked first, and it "
            "is yours only if you say yes. If it does not suit you, leave the list under “My week”; that costs you "
            "nothing.",
        ),
        group="offer",
        noun="assignment",
        alive=("standby",),
    ),
    "standby.withdrawn": Kind(
        Pair("您的一个候补已结束", "Your place on a waiting list has ended"),
        Pair(
            "您候补的一个班次不再需要候补，您不用再等了。请看看其他活动。",
            "Nobody is wanted on the waiting list of a shift any more; you need not wait for it. Please look at "
            "other events.",
        ),
        group="change",
        weight="calm",
        noun="assignment",
        instead_of="standby.asked",
    ),
    "standby.ended": Kind(
        Pair("您的一个候补已结束", "Your place on a waiting list has ended"),
        Pair(
            "您候补的一个班次已有空位，但与您现在的安排或条件不符，候补已结束。请看看其他活动。",
            "A seat that you waited for is free, but it no longer fits your plans or the rules, so "
            "your place on the list has ended. Please look at other events.",
        ),
        group="change",
        noun="assignment",
    ),
    "assignment.missed": Kind(
        Pair("一个班次记为未到场", "A shift was noted as missed"),
        Pair(
            "您的一个班次被记为未到场。如果您到了现场，或有特殊情况，请联系活动组织者更正。",
            "You were noted as absent from a shift. If you were there, or had a good reason, please "
            "ask the organiser to correct it.",
        ),
        group="change",
        weight="calm",
        noun="assignment",
    ),
    "event.cancelled": Kind(
        Pair("一场活动已取消", "An event is cancelled"),
        Pair(
            "您参与的一场活动已取消，请不要前往。",
            "An event that you are part of is cancelled. Please do not go there.",
        ),
        group="change",
        weight="urgent",
        noun="event",
    ),
    "shift.moved": Kind(
        Pair("一个班次的时间或地点有变：{when}", "A shift has moved: {when}"),
        Pair(
            "与您有关的一个班次改了时间或地点，您的名额或邀请保留。如果新的安排不合适，请在“日程”中说明。",
            "A shift of yours has a new time or place; your seat or offer stands. If it does not suit you any more, "
            "please say so under “My week”.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
    ),
    "shift.moved_again": Kind(
        Pair("一个班次有变，请重新答复：{when}", "A shift has moved, please answer again: {when}"),
        Pair(
            "您接受的一个班次改了时间或地点，与您的时间或条件不符，请在 {until} 前重新答复，名额为您保留到那时。",
            "A shift that you accepted has a new time or place that does not fit your hours or the rules. Please "
            "answer again before {until}; your seat is held until then.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
        alive=("offered",),
    ),
    "shift.ahead": Kind(
        Pair("服务提醒：{when}", "A reminder: you serve on {when}"),
        Pair(
            "您接受的班次快到了，请安排好时间。如果不能来，请尽早在“日程”中说明，方便我们找人接替。",
            "A shift that you accepted is near. If you cannot come, please say so early under “My week”, so that we "
            "can find somebody.",
        ),
        group="reminder",
        noun="assignment",
        alive=("accepted",),
    ),
    "shift.soon": Kind(
        Pair("今天的班次即将开始：{when}", "Your shift begins soon: {when}"),
        Pair(
            "您的班次即将开始，请按时到场签到。路上请注意安全。",
            "Your shift begins soon. Please be there in time to check in, and have a safe way.",
        ),
        group="reminder",
        noun="assignment",
        alive=("accepted",),
    ),
    "shift.watched": Kind(
        Pair("您关注的班次还差 {missing} 人", "A shift that you watch lacks {missing}"),
        Pair(
            "符合您设定的关注条件：班次临近，必需岗位还差 {missing} 人。",
            "It meets a rule that you set: the shift is near and {missing} of its mandatory seats are empty.",
        ),
        group="alarm",
        noun="shift",
        alive=("short",),
    ),
    "shift.understaffed": Kind(
        Pair("一个班次还差 {missing} 人", "A shift still lacks {missing}"),
        Pair(
            "班次临近，必需岗位还差 {missing} 人，请查看接替人选。",
            "The shift is near and {missing} of its mandatory seats are empty. Please look at the substitutes.",
        ),
        group="alarm",
        weight="urgent",
        noun="shift",
        alive=("short",),
    ),
    "seat.left": Kind(
        Pair("有人退出了一个盯守的班次", "Somebody left a supervised shift"),
        Pair(
            "有志愿者退出了一个盯守的班次，该岗位还差 {missing} 人，请查看接替人选。",
            "A volunteer left a shift of a supervised event; the post lacks {missing}. Please look at the substitutes.",
        ),
        group="alarm",
        weight="urgent",
        noun="seat",
        alive=("short",),
    ),
    "swap.proposed": Kind(
        Pair("有人想和您换班：{when}", "Somebody would like to swap with you: {when}"),
        Pair(
            "有人提议与您换班，您换到的班次如下。请在 {until} 前答复；谢绝不会影响您，您现在的班次保留不变。",
            "Somebody proposes a swap; this is the seat that you would get. Please answer before {until}. Saying no "
            "costs you nothing, and you keep the seat that you have.",
        ),
        group="offer",
        noun="swap",
        alive=("proposed",),
    ),
    "handover.proposed": Kind(
        Pair("有同事请您接替一个班次：{when}", "A colleague asks you to take a shift over: {when}"),
        Pair(
            "一位同事请您接替下面的班次，请在 {until} 前答复。谢绝不会影响您。",
            "A colleague asks you to take this shift over. Please answer before {until}. Saying no costs you nothing.",
        ),
        group="offer",
        noun="swap",
        alive=("proposed",),
    ),
    "swap.done": Kind(
        Pair("换班成功，您的新班次：{when}", "The swap is done, your new shift: {when}"),
        Pair(
            "所有人都已同意，换班已经生效。您原来的班次由对方承担，您现在的班次如下。",
            "Everybody has agreed and the swap holds. Your old shift is in the other's hands; this one is yours now.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
    ),
    "handover.taken": Kind(
        Pair("您已接替一个班次：{when}", "You have taken a shift over: {when}"),
        Pair("转交已经生效，下面的班次现在由您承担，谢谢您。", "It is settled: this shift is yours now. Thank you."),
        group="change",
        weight="urgent",
        noun="assignment",
    ),
    "handover.done": Kind(
        Pair("您的班次已由同事接替", "A colleague has taken your shift over"),
        Pair(
            "同事已经同意接替下面的班次，您不用到场了。",
            "Your colleague has agreed to take this shift over. You need not come.",
        ),
        group="change",
        weight="urgent",
        noun="assignment",
    ),
    "swap.refused": Kind(
        Pair("换班没有谈成", "The swap did not come about"),
        Pair(
            "您参与的一个换班或转交没有得到同意，您的班次保留不变。",
            "A swap or hand-over that you agreed to was not agreed to by all. Your shift stays as it is.",
        ),
        group="change",
        noun="swap",
    ),
    "swap.lapsed": Kind(
        Pair("一个换班提议已结束", "A proposal to swap has ended"),
        Pair(
            "您参与的一个换班或转交到期、被收回，或其中的班次有变，已经结束。您的班次保留不变。",
            "A swap or hand-over that you agreed to has ended: its time was over, it was taken back, or one of the "
            "shifts changed. Your shift stays as it is.",
        ),
        group="change",
        noun="swap",
    ),
    "swap.waits": Kind(
        Pair("一个换班等您批准", "A swap waits for your word"),
        Pair(
            "名单已锁定的活动中，有人已谈妥换班或转交，请在 {until} 前批准或谢绝。",
            "People have agreed on a swap or hand-over at an event whose roster is locked. Please allow or refuse it "
            "before {until}.",
        ),
        group="alarm",
        weight="urgent",
        noun="swap_case",
        alive=("agreed",),
    ),
}


def register(kinds: Mapping[str, Kind]) -> None:
    """Add the kinds of a noun that says them beside its verbs."""
    KINDS.update(kinds)
