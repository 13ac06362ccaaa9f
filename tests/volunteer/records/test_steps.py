"""The table of steps, and that no two signatures are one person's."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.errors import Refused
from volunteer.records import steps
from volunteer.records.steps import APART, RECORD, Hands, apart

PEOPLE = [uuid4() for _ in range(5)]
somebody = st.sampled_from([*PEOPLE, None])
hands = st.builds(
    Hands, st.sampled_from(PEOPLE), somebody, st.frozensets(st.sampled_from(PEOPLE), max_size=2), somebody, somebody,
    somebody, somebody, somebody,
)  # fmt: skip


def test_every_state_but_the_first_is_reached_and_only_correction_leaves_the_last() -> None:
    after = {state for moves in RECORD.values() for state in moves.values()}
    before = {state for moves in RECORD.values() for state in moves}
    assert after | before == {"proposed", "confirmed", "under_notice", "locked", "disputed", "corrected"}
    assert before - after == {"proposed"}
    assert after - before == {"corrected"}
    assert [verb for verb, moves in RECORD.items() if "locked" in moves] == ["correct"]


def test_no_way_round_a_signature() -> None:
    """What is locked was confirmed, signed and noticed, whatever way it took."""
    ways = {("proposed",)}
    while grown := {(*way, after) for way in ways for moves in RECORD.values() if (after := moves.get(way[-1]))} - ways:
        ways |= grown
    assert {way[:4] for way in ways if "locked" in way} == {("proposed", "confirmed", "under_notice", "locked")}


@pytest.mark.parametrize("verb", list(RECORD))
def test_a_step_that_is_not_in_the_table_is_refused(verb: str) -> None:
    for state in ("proposed", "confirmed", "under_notice", "locked", "disputed", "corrected", "nonsense"):
        if state in RECORD[verb]:
            assert steps.step(state, verb) == RECORD[verb][state]
        else:
            with pytest.raises(Refused):
                steps.step(state, verb)


@given(hands, st.sampled_from(PEOPLE), st.sampled_from(list(APART)))
def test_a_hand_that_must_stay_away_does(held: Hands, who: UUID, verb: str) -> None:
    said = {reason.rule for reason in apart(verb, who, held)}
    assert said == {f"hand_{hand}" for hand in held.of(who) if hand in APART[verb]}
    if who == held.served:
        assert "hand_served" in said


@given(hands, st.permutations(PEOPLE))
def test_whoever_may_both_confirm_and_sign_is_nobody(held: Hands, order: list[UUID]) -> None:
    """Whoever confirms has that hand in it from then on: of any two signatures the second is another's."""
    for who in order:
        if not apart("confirm", who, held):
            after = Hands(held.served, held.organised, held.led, held.asked, held.extended, who, None, held.objected)
            assert apart("sign", who, after)
            assert apart("settle", who, after)


@pytest.mark.parametrize("verb", list(APART))
def test_the_program_itself_signs_nothing(verb: str) -> None:
    assert [reason.rule for reason in apart(verb, None, Hands(PEOPLE[0]))] == ["hand_nobody"]
