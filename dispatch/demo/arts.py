"""What people can do, and how common it is. Abilities are named as the catalogue names them in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

# From the commonest to the rarest: the rank is what Zipf's law counts. The rare ones are masters' arts.
COMMON: Final = (
    "秩序", "广场舞", "合唱", "摄影", "阅读推广", "咨询", "导览讲解", "书法", "图书整理", "声乐", "绘本", "主持",
    "国画", "民族舞", "急救", "统计", "作业辅导", "音响", "剪纸", "舞台", "摄像", "二胡", "化妆", "古筝", "讲古",
    "灯光",
)  # fmt: skip
RARE: Final = (
    "南音", "拍胸舞", "高甲戏", "花灯", "南音洞箫", "梨园戏", "布袋木偶", "手语翻译", "提线木偶", "木偶头雕刻",
)  # fmt: skip
ZIPF: Final = 1.1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The codes of the city's catalogue by Chinese name: abilities and languages."""

    skills: Mapping[str, str]
    languages: Mapping[str, str]

    def code(self, name: str) -> str:
        return self.skills[name]

    def language(self, name: str) -> str:
        return self.languages[name]


_RANKED: Final = (*COMMON, *RARE)
_FREQUENCY: Final = tuple((rank + 1) ** -ZIPF for rank in range(len(_RANKED)))


def abilities(draw: Random) -> dict[str, int]:
    """Names with levels 1..5, one to five of them. Rare arts are learnt for years: who has one has it well."""
    wanted = 1 + sum(draw.random() < 0.32 for _ in range(4))
    found: dict[str, int] = {}
    while len(found) < wanted:
        name = draw.choices(_RANKED, _FREQUENCY)[0]
        found[name] = _level(draw, rare=name in RARE)
    return found


def _level(draw: Random, *, rare: bool) -> int:
    return draw.choices((1, 2, 3, 4, 5), (10, 25, 35, 20, 10) if rare else (34, 30, 22, 10, 4))[0]
