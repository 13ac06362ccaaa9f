"""How Chinese names are spelt: what people type when they look for one. Pure.

``spelt("单田芳", person=True)`` gives ``"shantianfang stf dantianfang dtf chantianfang ctf"``: the full form and the
initials of each reading, likeliest first, so that a search by prefix finds any. A surname is read as a surname.

The dictionaries are read with the first Chinese name: most programs never spell one, and they are a third of what those
hold in memory and an eighth of how long they take to start.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

LIMIT = 240  # characters; a spelling beyond it is dropped, never cut
_READINGS = 3  # of one character; rarer ones only make noise

# Characters and pairs that are read otherwise, or that pypinyin reads otherwise, when they are surnames.
_SURNAMES = {
    "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "澹台": ("tan", "tai"), "长孙": ("zhang", "sun"),
    "单": ("shan",), "解": ("xie",), "仇": ("qiu",), "任": ("ren",), "曾": ("zeng",), "查": ("zha",), "区": ("ou",),
    "朴": ("piao",), "盖": ("ge",), "乐": ("yue",), "缪": ("miao",), "华": ("hua",), "翟": ("zhai",), "覃": ("qin",),
    "冼": ("xian",), "员": ("yun",), "召": ("shao",), "折": ("she",), "黑": ("he",), "秘": ("bi",), "应": ("ying",),
    "祭": ("zhai",), "贲": ("ben",), "句": ("gou",), "过": ("guo",), "纪": ("ji",), "谌": ("chen",), "种": ("chong",),
    "车": ("che",), "佴": ("nai",), "眭": ("sui",), "宁": ("ning",), "燕": ("yan",), "葛": ("ge",), "繁": ("po",),
    "隗": ("wei",), "逄": ("pang",), "郇": ("xun",), "那": ("na",), "石": ("shi",), "都": ("du",), "洗": ("xian",),
    "盛": ("sheng",), "柏": ("bai",), "沈": ("shen",), "尹": ("yin",), "邵": ("shao",), "吕": ("lv",), "卜": ("bu",),
}  # fmt: skip

_PARTS = re.compile(r"[0-9a-z]+|[^\W_]")
_HAN = re.compile("[\u4e00-\u9fff]+")


def spelt(name: str, *, person: bool = False) -> str:
    """The spellings of ``name``, words with blanks between, at most ``LIMIT`` characters. Letters and digits of other
    scripts stand as they are, in lower case, without accents. ``person``: the name begins with a surname."""
    parts = _PARTS.findall(name if _HAN.fullmatch(name) else _plain(name))
    likeliest = [_sounds(part)[0] for part in parts] if person else [sound for run in _runs(parts) for sound in run]
    if person:
        surname = _SURNAMES.get("".join(parts[:2])) or _SURNAMES.get("".join(parts[:1])) or ()
        likeliest[: len(surname)] = surname
    words: dict[str, None] = {}
    for reading in _readings(parts, likeliest):
        words["".join(reading)] = None
        words["".join(sound[0] for sound in reading)] = None
    return _fitting(words)


def _plain(name: str) -> str:
    # Lower case last too: a letter in a costume (a mathematical 𝐀) is a capital only once it is undressed.
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c)).lower()
    return unicodedata.normalize("NFC", bare)


def _runs(parts: Sequence[str]) -> Iterator[list[str]]:
    """Sounds, part by part; Chinese characters in a row are read as words (长坑 is not 长大)."""
    waiting = ""
    for part in parts:
        if part.isascii():
            yield _sound(waiting)
            yield [part]
            waiting = ""
        else:
            waiting += part
    yield _sound(waiting)


def _sound(run: str) -> list[str]:
    """One sound a character; those that pypinyin does not know stand for themselves."""
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(run)
    return sounds if len(sounds) == len(run) else [lazy_pinyin(character)[0] for character in run]


def _readings(parts: Sequence[str], likeliest: Sequence[str]) -> Iterator[list[str]]:
    """The likeliest reading, then those that differ from it in one character."""
    if not parts:
        return
    yield list(likeliest)
    for place, part in enumerate(parts):
        for sound in _sounds(part):
            if sound != likeliest[place]:
                yield [*likeliest[:place], sound, *likeliest[place + 1 :]]


@lru_cache(maxsize=20_000)
def _sounds(part: str) -> tuple[str, ...]:
    """The readings of one part, likeliest first."""
    if part.isascii():
        return (part,)
    from pypinyin import Style, pinyin

    return tuple(dict.fromkeys(pinyin(part, style=Style.NORMAL, heteronym=True)[0]))[:_READINGS]


def _fitting(words: dict[str, None]) -> str:
    line = ""
    for word in words:
        longer = f"{line} {word}".lstrip()
        if len(longer) <= LIMIT:
            line = longer
    return line
