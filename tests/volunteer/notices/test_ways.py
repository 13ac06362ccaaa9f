"""The table: which notice goes to whom through which channels, and when."""

from datetime import UTC, datetime, time, timedelta

import pytest

from volunteer.notices.kinds import GROUPS, HOUSE, KINDS, OUTWARD
from volunteer.notices.ways import UNREAD, Reach, ladder, next_at, pressing, ways
from volunteer.quiet import ZONE, Quiet

NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE).astimezone(UTC)
NIGHT = datetime(2026, 3, 10, 23, tzinfo=ZONE).astimezone(UTC)
MORNING = datetime(2026, 3, 11, 8, tzinfo=ZONE).astimezone(UTC)
FULL = Reach(mail=True, phone=True, push=True)


def test_every_kind_has_both_languages_a_group_and_a_known_predecessor() -> None:
    for name, kind in KINDS.items():
        assert kind.subject.zh, name
        assert kind.subject.en, name
        assert kind.text.zh, name
        assert kind.text.en, name
        assert kind.group in HOUSE
        assert not kind.instead_of or kind.instead_of in KINDS
        assert not kind.alive or kind.noun, "a kind that may be moot is about something"
    assert set(GROUPS) == {kind.group for kind in KINDS.values()} - {"account"}


def test_the_house_writes_mail_and_pushes_and_never_pays_for_a_message_unasked() -> None:
    for name, kind in KINDS.items():
        expected = ["mail"] if kind.opens else ["push", "mail"]
        assert [channel for channel, _ in ways(kind, FULL, NOON, None)] == expected, name


def test_a_person_chooses_and_only_what_reaches_them_is_used() -> None:
    kind = KINDS["assignment.offered"]
    chosen = Reach(mail=True, phone=True, channels={"offer": ["sms", "mail"], "change": []})
    assert [c for c, _ in ways(kind, chosen, NOON, None)] == ["mail", "sms"]
    assert ways(KINDS["event.cancelled"], chosen, NOON, None) == []
    assert [c for c, _ in ways(kind, Reach(channels={"offer": ["sms", "mail"]}), NOON, None)] == []
    assert ways(KINDS["signin.code"], Reach(), NIGHT, None) == [("mail", NIGHT)], "who asks for a code gets it"


@pytest.mark.parametrize(
    ("at", "left", "due"),
    [
        (NOON, None, NOON),
        (NIGHT, None, MORNING),
        (NIGHT, timedelta(days=3), MORNING),
        (NIGHT, timedelta(hours=6), NIGHT),
    ],
)
def test_quiet_hours_hold_back_what_can_wait(at: datetime, left: timedelta | None, due: datetime) -> None:
    until = None if left is None else at + left
    assert ways(KINDS["assignment.offered"], Reach(mail=True), at, until) == [("mail", due)]


def test_calm_notices_wait_for_the_daily_letter_of_those_who_want_one() -> None:
    evening = datetime(2026, 3, 10, 18, tzinfo=ZONE).astimezone(UTC)
    wants = Reach(mail=True, digest=time(18))
    assert ways(KINDS["assignment.filled"], wants, NOON, None) == [("mail", evening)]
    assert ways(KINDS["assignment.filled"], wants, NOON, NOON + timedelta(hours=2)) == [("mail", NOON)]
    assert ways(KINDS["assignment.offered"], wants, NOON, None) == [("mail", NOON)]
    assert next_at(evening, time(18)) == evening + timedelta(days=1)


def test_what_presses() -> None:
    hours = Quiet()
    assert pressing(KINDS["event.cancelled"], NOON, NOON + timedelta(days=9), hours)
    assert pressing(KINDS["assignment.offered"], NOON, NOON + timedelta(hours=3), hours)
    assert not pressing(KINDS["assignment.offered"], NOON, NOON + timedelta(days=2), hours)
    assert timedelta(0) < UNREAD


def test_the_ladder_climbs_through_what_reaches_a_person_and_ends() -> None:
    chosen = Reach(mail=True, phone=True, push=True, channels={"reminder": ["sms"]})
    climbed: list[str] = []
    while (channel := ladder(chosen, climbed)) is not None:
        climbed.append(channel)
    assert climbed == ["push", "mail", "sms"]
    assert ladder(Reach(phone=True), ["app"]) is None, "a paid channel is never chosen for a person"
    assert set(climbed) <= set(OUTWARD)
