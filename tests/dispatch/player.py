"""How the machine chooses and acts: with a bias to what can be done, each command under a key of its own."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.dispatch.ground import PEOPLE, Ground
from tests.dispatch.ledger import Deal, Ledger, Line
from tests.dispatch.world import coordinator
from volunteer.act import Act
from volunteer.api import idempotency
from volunteer.api.idempotency import Answered
from volunteer.errors import Forbidden, Missing, Refused
from volunteer.journal import First
from volunteer.models import Volunteer

# Below a hundred nothing is taken from the literals of the modules that happen to be loaded: the same lives are played
# whatever ran before.
Number = st.integers(0, 99)
Stray = st.integers(0, 4)
Person = st.integers(0, PEOPLE - 1)

Verb = Callable[[Act], Awaitable[Any]]


class Player(RuleBasedStateMachine):
    """``last``: the command that was carried out last, to be sent again."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger([])
        self.last: tuple[Act, idempotency.Claim, idempotency.Work, First | None, bytes] | None = None

    # ---- choosing ----

    def place(self, pick: int, stray: int, likely: Callable[[int], bool]) -> int:
        """A need of which this holds four times of five, if there is one; else any."""
        needs = [need for need in range(len(self.ledger.places)) if stray and likely(need)] or [0, 1, 2]
        return needs[pick % len(needs)]

    def choose(self, pick: int, stray: int, likely: Callable[[Line], bool]) -> Line:
        """A line of which this holds four times of five, if there is one; else any."""
        lines = [line for line in self.ledger.lines if stray and likely(line)] or self.ledger.lines
        return lines[pick % len(lines)]

    def deal(self, pick: int, stray: int, likely: Callable[[Deal], bool]) -> Deal:
        """A swap of which this holds four times of five, if there is one; else any."""
        deals = [deal for deal in self.ledger.deals if stray and likely(deal)] or self.ledger.deals
        return deals[pick % len(deals)]

    def person(self, number: int) -> Volunteer:
        return self.ground.people[number]

    def boss(self, number: int) -> Act:
        return coordinator(self.ground.bosses[number % 2])

    # ---- doing ----

    def run(self, act: Act, verb: Verb, expected: str, *, first: First | None = None) -> Any:
        """Carry the command out with a key of its own, then once more with the same key. ``first``: what its door asks
        before it opens a transaction."""
        asked = idempotency.claim(act, uuid4().hex, "POST", f"/{expected}", b"")
        made: list[Any] = []

        async def work(joined: Act) -> Answered:
            made.append(await verb(joined))
            return Answered(200, repr(dict(made[-1])).encode())

        try:
            done = self.ground.do(idempotency.once(act, asked, work, first=first))
        except Refused as refused:
            return self.said("gone" if refused.gone else "refused", expected, refused.reasons)
        except Missing:
            return self.said("missing", expected)
        except Forbidden:
            return self.said("forbidden", expected)
        self.said(expected if expected in ("ok", "same") else "ok", expected, done.body)
        self.last = act, asked, work, first, done.body
        return made[-1] if expected == "ok" else None

    @staticmethod
    def said(answer: str, expected: str, why: object = None) -> None:
        assert answer == expected, (answer, expected, why)

    def check(self) -> None:
        self.ground.do(self.ground.compare(self.ledger))
