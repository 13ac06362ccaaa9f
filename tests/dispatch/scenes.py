"""How random lives begin: each scene holds moves that some guard must meet, so that no planted bug lives by chance."""

from typing import Any

from tests.dispatch.ground import LEADER
from tests.dispatch.teaming import Teaming
from tests.dispatch.trading import Trading

SCENES = (
    "nobody",
    "late",
    "torn",
    "line",
    "freed",
    "day",
    "missed",
    "asked",
    "twice",
    "traded",
    "ring",
    "stale",
    "handed",
    "shrunk",
    "moved",
    "locked",
    "together",
    "apart",
)


class Scenes(Teaming, Trading):
    """The commands are the whole machine's."""

    take: Any
    ask: Any
    stand_by: Any
    _accept: Any
    decline: Any
    again: Any
    cancel: Any
    an_offer_ends: Any
    a_stranger: Any
    the_same_again: Any
    their_turn: Any
    the_phases_turn: Any
    the_day_comes: Any
    check_in: Any
    miss: Any
    correct: Any
    call_off: Any

    def open(self, scene: str, first: list[int]) -> None:
        """The first moves, each with what it must meet."""
        one, other = first[:2]
        if scene == "late":
            self.ask(0, one, 0)
            self.ask(0, one, 0)
            self.an_offer_ends(0)
            self._accept(0, 1)
            self.ask(2, other, 0)
            self.decline(1, 1)
            self._accept(1, 0)
        if scene == "torn":
            for need, person in ((0, one), (1, one), (1, other), (2, other), (2, other)):
                self.ask(need, person, 0)
            self.a_stranger(0, other, "accept")
            self._accept(1, 1)
            self.the_same_again(1)
        if scene in ("line", "freed"):
            self.take(0, one)
            for person in first[1:]:
                self.stand_by(0, person)
        if scene == "freed":
            self.cancel(0, 1)
            self.take(0, one)
            self.their_turn()
        if scene in ("day", "missed", "asked"):
            self.open_the_day(scene, first)
        if scene == "twice":
            self.the_phases_turn()
            self.take(0, one)
            self.take(1, one)
            self.ask(1, other, 0)
            self.ask(2, other, 0)
            self.ask(2, first[2], 0)
            self.ask(2, first[3], 0)
        if scene in ("traded", "ring", "stale", "handed", "shrunk", "moved", "locked"):
            self.trade(scene, first)
        if scene in ("together", "apart"):
            self.team(scene)

    def open_the_day(self, scene: str, first: list[int]) -> None:
        for need, person in enumerate(first[:3]):
            self.take(need, person)
        self.take(1, first[0])
        self.the_day_comes(0)
        if scene == "asked":
            self.miss(0, 1, 0, False)
            self.ask(0, first[3], 0)
            self.correct(0, 1, 1)
        if scene == "missed":
            self.check_in(1, 1, 0)
            self.call_off(0, 1, 0, 0)
            self.miss(0, 1, 0, False)
            self.correct(0, 1, 0)
            self.correct(0, 1, 1)

    def trade(self, scene: str, first: list[int]) -> None:
        """Seats that change hands, and changes beneath them."""
        one, other, third = first[:3]
        if scene == "locked":
            self.on_a_locked_roster(one, other, third)
            return
        if scene == "shrunk":
            for person in (one, other):
                self.take(2, person)
            self.ask(1, third, 0)
            self.resize(2, 1, release=False)
            self.resize(2, 1, release=True)
            self.resize(2, 3, release=False)
            return
        if scene == "ring":
            for need, person in enumerate((one, other, third)):
                self.take(need, person)
            mine, *others = self.ledger.lines
            if (deal := self.propose(mine, others)) is not None:
                self.agree(deal, other)
                self.agree(deal, third)
            return
        self.take(0, one)
        self.take(2, other)
        mine, theirs = self.ledger.lines[:2]
        if scene == "handed":
            deal = self.hand_over(mine, third)
            self.move(2, 1)
        elif scene == "moved":
            deal = self.hand_over(theirs, third)
            self.take(2, one)
            self.move(2, 1)
            self.the_day_comes(0)
            self.cancel(1, 1)
        else:
            deal = self.propose(mine, [theirs])
        if scene == "stale":
            self.take(1, other)
        if deal is not None:
            self.agree(deal, deal.people[1])

    def on_a_locked_roster(self, one: int, other: int, third: int) -> None:
        """Nobody comes by themselves any more, and a coordinator has the last word, until it is moved far ahead."""
        self.take(2, one)
        self.move(2, 6)
        self.the_phases_turn()
        self.the_day_comes(0)
        self.the_phases_turn()
        self.take(2, third)
        deal = self.hand_over(self.ledger.lines[0], other)
        if deal is not None:
            self.approve(deal)
            self.agree(deal, other)
            self.approve(deal)
        self.move(2, 30)
        self.take(2, third)
        self.cancel(1, 1)

    def team(self, scene: str) -> None:
        """The team is asked for both seats of the last need: its leader and one more."""
        cast = self.ask_all(2)
        if cast is None:
            return
        member = self.ledger.lines[1]
        if scene == "together":
            self._accept(1, 0)
            self.all_in(cast, member.person)
            self.decline(1, 0)
            self.all_in(cast, LEADER)
            self.again(1, 0)
            self.all_in(cast, LEADER)
            self.the_same_again(1)
            self.resize(2, 1, release=True)
        else:
            self.move(2, 1)
            self.take(0, LEADER)
            self.all_in(cast, LEADER)
            self.take_back(cast)
            self.ask_all(2)
            self.all_out(self.ledger.casts[-1], LEADER)
            self.again(1, 1)
            self.ask_all(2)
            for _ in range(2):
                self.decline(0, 1)
