"""Codes that change: taken while shown and for their grace, by type or scanner, and never elsewhere."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dispatch.roster import turnstile

AT = st.integers(1_704_000_000, 2_200_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
SECONDS, GRACE = 30, 10


def test_what_is_shown_never_changes_between_versions() -> None:
    """A phone may show a code that a newer server checks."""
    secret = UUID("0192d0c0-0000-7000-8000-000000000001")
    assert (turnstile.typed(secret, 1), turnstile.scanned(secret, 1)) == ("221221", "sAhBSrWZSVQ_Q6XhWjumIg")


@given(st.uuids(), AT, st.floats(0, 100))
def test_a_code_is_good_while_shown_and_for_its_grace(secret: UUID, at: datetime, later: float) -> None:
    number = turnstile.turn(at, SECONDS)
    ends = turnstile.ends(at, SECONDS)
    assert at < ends <= at + timedelta(seconds=SECONDS)
    then = at + timedelta(seconds=later)
    good = then < ends + timedelta(seconds=GRACE)
    for said, how in ((turnstile.typed(secret, number), "code"), (turnstile.scanned(secret, number), "qr")):
        found = turnstile.read(secret, f" {said} ", then, seconds=SECONDS, grace=GRACE)
        assert (found == how) == good or found == how  # six figures may come again by chance, never be lost


@given(st.uuids(), st.uuids(), AT)
def test_another_shifts_code_opens_nothing(secret: UUID, other: UUID, at: datetime) -> None:
    number = turnstile.turn(at, SECONDS)
    said = turnstile.scanned(secret, number)
    assert (turnstile.read(other, said, at, seconds=SECONDS, grace=GRACE) is None) == (secret != other)


@given(st.uuids(), AT, st.text(max_size=30))
def test_anything_else_is_no_code(secret: UUID, at: datetime, said: str) -> None:
    shown = turnstile.typed(secret, turnstile.turn(at, SECONDS))
    before = turnstile.typed(secret, turnstile.turn(at, SECONDS) - 1)
    if said.strip() not in (shown, before):
        assert turnstile.read(secret, said, at, seconds=SECONDS, grace=GRACE) is None
