import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.imports.cells import Wrong
from dispatch.imports.weekly import patterns


def days(which, start, end, kind="available"):
    return {(day, start, end, kind) for day in which}


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("周一 19:00-21:00; 周末 09:00-17:00", days([0], 1140, 1260) | days([5, 6], 540, 1020)),
        ("周一至周五晚上", days(range(5), 1080, 1320)),
        ("工作日 上午;每天 20:00-21:00 优先", days(range(5), 480, 720) | days(range(7), 1200, 1260, "preferred")),
        ("星期六、星期日 8：30－11：30，14:00~16:00", days([5, 6], 510, 690) | days([5, 6], 840, 960)),
        ("礼拜三", days([2], 0, 1440)),
        ("周天 全天", days([6], 0, 1440)),
        ("Mon-Wed 9:00-12:00; Sat evening preferred", days([0, 1, 2], 540, 720) | days([5], 1080, 1320, "preferred")),
        ("weekends all day", days([5, 6], 0, 1440)),
        ("周五-周一 22:00-24:00", days([4, 5, 6, 0], 1320, 1440)),
        ("周一 09:00-11:00,10:00-12:00", days([0], 540, 720)),
        ("Tuesday, Thu 09:00-10:00\nSunday 10:00-11:00", days([1, 3], 540, 600) | days([6], 600, 660)),
        ("", set()),
    ],
)
def test_words_of_the_week(cell, means):
    assert patterns(cell) == means


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("周八 09:00-10:00", "周八"),
        ("周一 21:00-19:00", "22:00-24:00"),
        ("周一 25:00-26:00", "19:00"),
        ("周一 9点到10点", "19:00-21:00"),
        ("随时", "周一"),
        ("周一 09:00-10:00, 周二 09:00-10:00", "分号"),
    ],
)
def test_what_is_not_understood_is_shown_with_a_remedy(cell, says):
    with pytest.raises(Wrong) as caught:
        patterns(cell)
    assert says in caught.value.zh
    assert caught.value.en


@given(st.text("周一二三六日末工作每天上午晚0123456789:-;, 至MonSatevig", max_size=30))
def test_anything_gives_patterns_or_a_fault(cell):
    try:
        found = patterns(cell)
    except Wrong:
        return
    assert all(0 <= day <= 6 and 0 <= start < end <= 1440 for day, start, end, _ in found)
