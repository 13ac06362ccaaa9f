"""Sentences in two languages, whole even when their data is not."""

import pytest

from volunteer import words
from volunteer.api.problem import STATUS


def test_every_problem_has_words_in_both_languages() -> None:
    for code in STATUS:
        for language in ("zh", "en"):
            assert all(words.problem(code, language)), (code, language)
        assert words.problem(code, "zh") != words.problem(code, "en")


def test_registered_rules_are_filled_and_a_missing_name_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_SAYINGS", {})
    words.register({"far": words.Saying("距离 {km} 公里", "{km} km away", "找近一点的", "look nearer")})
    assert words.reason("far", {"km": 3}, "zh") == ("距离 3 公里", "找近一点的")
    assert words.reason("far", {}, "en") == ("? km away", "look nearer")
    assert words.reason("unheard", {}, "en") == ("unheard", "")


def test_faults_name_bounds_and_never_values() -> None:
    said = words.fault("less_than_equal", {"le": 14})
    assert (said.zh, said.en) == ("不得大于 14", "must be 14 or less")
    assert words.fault("never_heard_of", {}).en == "has the wrong form"
    assert words.noun("region", "zh") == "区划"
    assert words.noun("unheard", "en") == "thing"
