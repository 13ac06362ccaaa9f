"""What speaks against a swap, in words."""

from collections.abc import Mapping

from volunteer import words
from volunteer.words import Saying

SAYINGS: Mapping[str, Saying] = {
    "swap_late": Saying(
        "离集合不到 {hours} 小时，不能再换班或转交",
        "seats change hands no later than {hours} hours before the call time",
        "请联系活动组织者",
        "call the organiser",
    ),
    "swap_locked": Saying(
        "名单已锁定，不能换班或转交",
        "the roster is locked; seats no longer change hands",
        "请联系活动组织者",
        "call the organiser",
    ),
    "swap_open": Saying(
        "这个班次已有一个待答复的提议",
        "a proposal for this seat is open already",
        "请等待答复，或先收回它",
        "wait for the answer, or take it back first",
    ),
    "swap_same": Saying(
        "换班要在不同的人和不同的岗位之间",
        "a swap is between different people and different needs",
        "请从列表中选择",
        "choose from the list",
    ),
    "swap_gone": Saying("其中一个班次已有变化", "one of the seats has changed", "请重新选择", "look at the list again"),
    "swap_no": Saying(
        "对方已谢绝与这个班次有关的提议", "the person said no for this seat before", "请改问其他人", "ask someone else"
    ),
    "swap_many": Saying(
        "对方还有多个提议没有答复", "the person has several proposals to answer", "请改问其他人", "ask someone else"
    ),
    "swap_unfit": Saying(
        "对方按规则不能上换到的班次",
        "a rule keeps the other person from the seat",
        "请改选其他人",
        "choose someone else",
    ),
}
words.register(SAYINGS)
