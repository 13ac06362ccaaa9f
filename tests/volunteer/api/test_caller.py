"""Which language a header asks for."""

import pytest

from volunteer.api.caller import spoken


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None), ("zh-CN", "zh"), ("en-GB,en;q=0.9", "en"), ("fr,de;q=0.5", None), ("*", None), ("en;q=0", None),
        ("fr;q=1,en;q=0.3,zh;q=0.4", "zh"), ("ZH-hant", "zh"), ("en;q=x", None), (";;;,,,", None), ("en,zh", "en"),
    ],
)  # fmt: skip
def test_the_better_liked_of_two_languages(header: str, language: str | None) -> None:
    assert spoken(header) == language
