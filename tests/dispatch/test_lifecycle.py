"""The tables are closed: every step leads to a known status, nothing returns to where it was, the rest is refused."""

import pytest

from dispatch import lifecycle
from dispatch.lifecycle import ASSIGNMENT, DRAFT, EVENT, ORDER, SWAP, TEAM_OFFER, step
from volunteer.errors import Refused

TABLES = {"assignment": ASSIGNMENT, "event": EVENT, "order": ORDER, "draft": DRAFT, "swap": SWAP, "team": TEAM_OFFER}


def reachable(table: lifecycle.Table, status: str) -> set[str]:
    found: set[str] = set()
    todo = [status]
    while todo:
        here = todo.pop()
        after = {moves[here] for moves in table.values() if here in moves}
        todo.extend(after - found)
        found |= after
    return found


@pytest.mark.parametrize("name", ["assignment", "draft", "swap", "team"])
def test_no_row_enters_a_status_twice(name: str) -> None:
    table = TABLES[name]
    for status in {s for moves in table.values() for s in moves}:
        assert status not in reachable(table, status)


@pytest.mark.parametrize("name", list(TABLES))
def test_what_the_table_does_not_say_is_refused(name: str) -> None:
    table = TABLES[name]
    statuses = {s for moves in table.values() for s in (*moves, *moves.values())}
    for verb, moves in table.items():
        for status in statuses - set(moves):
            with pytest.raises(Refused) as error:
                step(table, status, verb)
            assert error.value.reasons[0].data == {"verb": verb, "status": status}


def test_an_offer_that_ended_without_the_person_is_gone() -> None:
    for status, gone in {"expired": True, "filled": True, "withdrawn": True, "declined": False}.items():
        with pytest.raises(Refused) as error:
            step(ASSIGNMENT, status, "accept")
        assert error.value.gone is gone


def test_an_offer_that_is_gone_was_never_accepted() -> None:
    """Whoever is refused for one of these without a transaction has no kept answer that said yes."""
    assert not reachable(ASSIGNMENT, "accepted") & set(lifecycle.GONE)
    assert all(not any(status in moves for moves in ASSIGNMENT.values()) for status in lifecycle.GONE), "nor will be"
