"""Every change is said in both languages, with everything it needs."""

import string
from typing import get_args

import pytest

from dispatch import advice
from dispatch.planner.reasons.changes import Change, Kind
from dispatch.planner.reasons.relaxations import EFFORT, Relaxation


def made(kind: Kind, amount: int = 30, people: tuple[str, ...] = ("p", "q"), touched: int = 0) -> Relaxation:
    return Relaxation("n", Change(kind, amount, "nanyin", people), 2, ("p", "q"), 10, touched)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_its_words_and_its_price(kind: Kind):
    assert kind in EFFORT
    for pair in advice.SAID[kind]:
        assert {name for _, name, _, _ in string.Formatter().parse(pair) if name} <= {"n", "who", "name"}
    zh, en = (advice.text(made(kind), {"nanyin": "南音"}, language) for language in ("zh", "en"))
    assert zh
    assert en
    assert "{" not in zh + en


def test_one_person_is_one_person():
    assert advice.text(made("radius", 5, ("p",)), {}, "en") == "ask one person to go 5 km further"
    assert advice.text(made("radius", 5), {}, "en") == "ask 2 people to go 5 km further"
    assert advice.text(made("radius", 5), {}, "zh") == "请 2 人多走 5 公里"


def test_a_skill_is_called_by_its_name():
    assert advice.text(made("training"), {"nanyin": "南音"}, "zh") == "为 2 人安排一次南音培训"


def test_what_it_yields_and_who_must_agree():
    assert advice.outcome(made("later", touched=3), "zh") == "可补 2 人，需在场的 3 人同意"
    assert advice.outcome(made("later"), "en") == "fills 2"


def test_who_would_be_next_is_said_in_kilometres():
    assert advice.following("李**", 8_200, 1_000, "zh") == "比下一位 李** 更合适，相当于近 8 公里"
    assert advice.following("李**", 900, 1_000, "en") == "about as fitting as 李**, who would be next"
    assert advice.following("李**", -4_000, 1_000, "zh") == "与下一位 李** 差不多"
    assert advice.following("李**", 900_000, 1_000, "zh") == "比下一位 李** 合适得多"
    assert advice.following(None, None, 1_000, "en") == "nobody else could"
    assert advice.following("李**", 5, 0, "zh") == "比下一位 李** 更合适，相当于近 5 公里"
