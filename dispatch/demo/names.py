"""Names of made-up people: surnames as often as they are met in southern Fujian, given names as each age has them."""

from random import Random
from typing import Final

# Rough shares in a thousand; the first ten are half of everybody in southern Fujian.
SURNAMES: Final = {
    "陈": 115, "林": 95, "黄": 80, "王": 58, "张": 52, "吴": 52, "李": 50, "蔡": 42, "许": 36, "郑": 34,
    "苏": 30, "刘": 24, "郭": 24, "杨": 22, "洪": 21, "庄": 20, "施": 20, "叶": 18, "曾": 17, "谢": 16,
    "邱": 12, "周": 11, "何": 10, "颜": 9, "柯": 8, "丁": 7, "朱": 6, "徐": 6, "戴": 6, "余": 6,
    "廖": 5, "傅": 5, "赖": 5, "潘": 5, "吕": 5, "卢": 5, "江": 5, "沈": 4, "高": 4, "胡": 4,
    "连": 3, "尤": 3, "温": 3, "蒋": 2, "涂": 2, "白": 2, "粘": 1, "蒲": 1, "欧阳": 1, "上官": 1,
}  # fmt: skip

_ELDER: Final = {
    "f": ("秀丽惜玉宝珠美素淑金碧阿", "治英珍华花莲琴兰香珠治卿"),
    "m": ("金水文国建志清天火木荣振", "土成源发来福顺山川海辉坤"),
}
_MIDDLE: Final = {
    "f": ("雅丽晓燕秋春海雪小月婷巧", "琴芳萍玲红云霞敏娟梅燕蓉"),
    "m": ("建志伟海文晓永国少明剑东", "军辉强峰彬斌平鹏聪杰煌生"),
}
_YOUNG: Final = {
    "f": ("雨思欣佳梓诗语嘉若一昕艺", "涵怡妍彤萱琪瑶宁菲然桐妤"),
    "m": ("子浩宇俊梓铭泽奕嘉书皓睿", "轩宇辰杰泽恒煜霖航凡晨毅"),
}


def named(draw: Random, gender: str, age: int) -> str:
    """A full name; ``gender`` f or m. One name in nine has a single given character."""
    surname = draw.choices(list(SURNAMES), list(SURNAMES.values()))[0]
    first, second = (_ELDER if age >= 58 else _MIDDLE if age >= 28 else _YOUNG)[gender]
    given = draw.choice(first) if draw.random() < 0.89 else ""
    return surname + given + draw.choice(second)
