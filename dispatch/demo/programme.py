"""The kinds of work that a week in Quanzhou holds, with their words. Abilities by their Chinese names; see ``week``."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """Something taught: the ability asked of its teacher, how often it is wanted, and whether pupils are minors."""

    skill: str
    word: str
    english: str
    share: int
    minors: float
    level: tuple[int, ...] = (2, 2, 3)


# 建点辅导: a fixed point with the same tutor every week.
TUTORED: Final = (
    Subject("书法", "书法", "Calligraphy", 16, 0.6, (2, 2, 3)),
    Subject("南音", "南音", "Nanyin", 12, 0.3, (2, 3)),
    Subject("广场舞", "广场舞", "Square dance", 14, 0.0, (2, 2)),
    Subject("合唱", "合唱", "Choir", 13, 0.1, (2, 2)),
    Subject("绘本", "绘本阅读", "Picture book reading", 10, 1.0, (1, 2)),
    Subject("作业辅导", "课后学堂", "Evening study hall", 10, 1.0, (1, 1)),
    Subject("国画", "国画", "Ink painting", 8, 0.4, (2, 2)),
    Subject("剪纸", "剪纸", "Paper cutting", 7, 0.5, (2, 2)),
    Subject("讲古", "闽南语讲古", "Minnan storytelling", 5, 0.5, (2, 3)),
    Subject("民族舞", "民族舞", "Folk dance", 5, 0.2, (2, 2)),
)
# 办班培训: courses; one in three in an art that few can teach.
TAUGHT: Final = (
    Subject("书法", "书法公益班", "Calligraphy course", 14, 0.4),
    Subject("声乐", "声乐公益班", "Singing course", 12, 0.1),
    Subject("摄影", "摄影入门班", "Photography course", 11, 0.0),
    Subject("民族舞", "民族舞公益班", "Folk dance course", 9, 0.3),
    Subject("古筝", "古筝公益班", "Guzheng course", 7, 0.5),
    Subject("二胡", "二胡公益班", "Erhu course", 7, 0.1),
    Subject("主持", "小主持人班", "Young hosts' course", 6, 1.0),
    Subject("急救", "急救知识班", "First aid course", 6, 0.0),
    Subject("南音", "南音传习班", "Nanyin course", 8, 0.4, (3, 3)),
    Subject("拍胸舞", "拍胸舞传习班", "Chest-clapping dance course", 4, 0.2, (2, 3)),
    Subject("高甲戏", "高甲戏身段班", "Gaojia opera course", 4, 0.3, (3, 3)),
    Subject("花灯", "花灯制作班", "Lantern making course", 4, 0.4, (2, 3)),
    Subject("南音洞箫", "洞箫传习班", "Dongxiao flute course", 3, 0.2, (2, 3)),
    Subject("布袋木偶", "掌中木偶传习班", "Glove puppetry course", 3, 0.6, (3, 3)),
    Subject("提线木偶", "提线木偶传习班", "String puppetry course", 2, 0.4, (3, 4)),
)


@dataclass(frozen=True, slots=True)
class Duty:
    """参与配合: helpers at somebody else's event. ``hall``: where it takes place; ``shifts``: how many on a day; the
    crew as (role, ability or nothing, level, (min, desired, max))."""

    word: str
    english: str
    hall: tuple[str, ...]
    shifts: tuple[int, ...]
    share: int
    crew: tuple[tuple[str, str, int, tuple[int, int, int]], ...]
    weekend: bool = True
    audience: int = 200


DUTIES: Final = (
    Duty("非遗展示周末", "Heritage weekend", ("heritage",), (2, 3), 14,
         (("讲解员", "导览讲解", 2, (1, 2, 2)), ("秩序员", "秩序", 1, (2, 3, 4)), ("摄影", "摄影", 2, (0, 1, 1)))),
    Duty("周末故事会", "Weekend stories", ("library",), (1, 2), 13,
         (("领读人", "绘本", 1, (1, 2, 2)), ("助理", "", 1, (1, 2, 3))), audience=60),
    Duty("图书馆值守", "Library desk", ("library",), (2, 3), 12,
         (("咨询台", "咨询", 1, (1, 1, 2)), ("图书整理", "图书整理", 1, (1, 3, 4))), weekend=False, audience=0),
    Duty("邻里节", "Neighbours' day", ("village",), (1, 2), 16,
         (("秩序员", "", 1, (3, 5, 6)), ("主持人", "主持", 1, (1, 1, 1)), ("急救员", "急救", 1, (0, 1, 1)))),
    Duty("文化赶集", "Culture market", ("stage", "station"), (2, 3), 18,
         (("秩序员", "秩序", 1, (3, 5, 6)), ("咨询台", "", 1, (1, 2, 2)), ("摄影", "摄影", 1, (0, 1, 1)))),
    Duty("送春联进村", "Couplets for the village", ("village",), (1,), 9,
         (("书写人", "书法", 2, (2, 3, 4)), ("助理", "", 1, (1, 2, 3))), audience=120),
    Duty("群众满意度走访", "Visitors' survey", ("station",), (1, 2), 8,
         (("访问员", "统计", 1, (1, 2, 3)),), weekend=False, audience=0),
    Duty("文化馆开放日", "Open day", ("centre",), (2, 3), 10,
         (("导览", "导览讲解", 1, (1, 2, 2)), ("秩序员", "秩序", 1, (2, 4, 5)), ("音响", "音响", 1, (0, 1, 1)))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """搭台演出: where teams show their art, before how many."""

    word: str
    english: str
    hall: tuple[str, ...]
    audience: int


SHOWS: Final = (
    Stage("百姓大舞台", "People's stage", ("stage",), 400),
    Stage("送戏下乡", "Show in the village", ("village",), 250),
    Stage("刺桐街头文艺", "Street arts", ("stage", "centre"), 200),
    Stage("邻里共享专场", "Neighbourhood evening", ("station",), 150),
)
