"""The machine's part where seats change hands, and where needs are resized and shifts moved under everybody's feet."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.agenda import changes
from dispatch.agenda.changes import Hours
from dispatch.models import Assignment, Need, Shift, Swap
from dispatch.swaps import deals
from tests.dispatch.ground import PEOPLE
from tests.dispatch.ledger import LASTS, PENDING, Deal, Line
from tests.dispatch.player import Number, Person, Player, Stray
from tests.dispatch.world import by, itself
from volunteer.act import Act


class Trading(Player):
    # ---- seats that change hands ----

    @precondition(lambda self: sum(line.status == "accepted" for line in self.ledger.lines) > 1)
    @rule(pick=Number, stray=Stray, partner=Number, ring=st.integers(0, 2))
    def propose_a_swap(self, pick: int, stray: int, partner: int, ring: int) -> None:
        mine = self.choose(pick, stray, lambda line: line.status == "accepted")
        others = [line for line in self.ledger.lines if line is not mine]
        chosen: list[Line] = []
        for _ in range(1 if ring else 2):
            fits = [one for one in others if stray and self.ledger.propose(mine, [*chosen, one]) == "ok"]
            seats = [one for one in others if one.status == "accepted" and one.person != mine.person]
            line = (fits or seats or others)[partner % len(fits or seats or others)]
            chosen.append(line)
        self.propose(mine, chosen)

    def propose(self, mine: Line, others: list[Line]) -> Deal | None:
        expected = self.ledger.propose(mine, others)
        ids = [line.id for line in others]
        made = self.run(by(self.person(mine.person)), lambda act: deals.propose(act, mine.id, ids), expected)
        lines = [mine, *others]
        gets = [lines[-1].need, *[line.need for line in lines[:-1]]]
        return self._struck(made, [line.person for line in lines], lines, gets)

    @precondition(lambda self: any(line.status == "accepted" for line in self.ledger.lines))
    @rule(pick=Number, stray=Stray, person=Person)
    def propose_a_handover(self, pick: int, stray: int, person: int) -> None:
        mine = self.choose(pick, stray, lambda line: self.ledger.hand_over(line, person) == "ok")
        self.hand_over(mine, person)

    def hand_over(self, mine: Line, person: int) -> Deal | None:
        expected, row = self.ledger.hand_over(mine, person), self.person(person).id
        made = self.run(by(self.person(mine.person)), lambda act: deals.hand_over(act, mine.id, row), expected)
        return self._struck(made, [mine.person, person], [mine, None], [None, mine.need])

    def _struck(self, made: Swap | None, people: list[int], gives: list[Any], gets: list[Any]) -> Deal | None:
        deal = None
        if made is not None:
            deal = Deal(made.id, people, gives, gets, {people[0]}, self.ledger.locked(gives))
            self.ledger.deals.append(deal)
        self.check()
        return deal

    @precondition(lambda self: self.ledger.deals)
    @rule(pick=Number, stray=Stray, who=Number)
    def agree_to_it(self, pick: int, stray: int, who: int) -> None:
        deal = self.deal(pick, stray, lambda deal: deal.state == "proposed")
        waits = [person for person in deal.people if stray and person not in deal.agreed] or list(range(PEOPLE))
        self.agree(deal, waits[who % len(waits)])

    @precondition(lambda self: self.ledger.deals)
    @rule(pick=Number, stray=Stray, who=Number)
    def agree_to_it_too(self, pick: int, stray: int, who: int) -> None:
        self.agree_to_it(pick, stray, who)

    def agree(self, deal: Deal, person: int) -> None:
        expected = self.ledger.agree(deal, person)
        if self.run(by(self.person(person)), lambda act: deals.agree(act, deal.id), expected):
            deal.agreed.add(person)
            deal.moves += 1
            if deal.agreed == set(deal.people):
                deal.approval = self.ledger.locked(deal.gives)
                if deal.approval:
                    deal.state = "agreed"
                else:
                    self._done(deal)
        self.check()

    @precondition(lambda self: any(deal.approval for deal in self.ledger.deals))
    @rule(pick=Number, stray=Stray, boss=Number)
    def a_coordinator_agrees(self, pick: int, stray: int, boss: int) -> None:
        self.approve(self.deal(pick, stray, lambda deal: deal.state == "agreed"), boss)

    def approve(self, deal: Deal, boss: int = 0) -> None:
        if self.run(self.boss(boss), lambda act: deals.approve(act, deal.id), self.ledger.approve(deal)):
            deal.moves += 1
            self._done(deal)
        self.check()

    def _done(self, deal: Deal) -> None:
        deal.state = "done"
        for line in deal.gives:
            if line is not None:
                self.ledger.moved(line, "released")
        for person, need in zip(deal.people, deal.gets, strict=True):
            if need is not None:
                where = {"need_id": self.ground.needs[need].id, "volunteer_id": self.person(person).id}
                row = self.ground.do(Assignment.get_or_none(status="accepted", **where))
                assert row is not None, "nobody has the seat that was passed on"
                self.ledger.seated(self.ledger.born(row.id, need, person, "accepted", own=True))

    @precondition(lambda self: self.ledger.deals)
    @rule(pick=Number, stray=Stray, person=Person, back=st.booleans(), often=st.integers(0, 1))
    def say_no_to_it(self, pick: int, stray: int, person: int, back: bool, often: int) -> None:
        if often:
            return
        deal = self.deal(pick, stray, lambda deal: deal.state in PENDING)
        who = deal.people[0 if back else person % len(deal.people)] if stray else person
        verb, state = (deals.withdraw, "lapsed") if back else (deals.refuse, "refused")
        if self.run(by(self.person(who)), lambda act: verb(act, deal.id), self.ledger.end(deal, who, state)):
            self.ledger.ended(deal, state)
            deal.by = who if state == "refused" else None
        self.check()

    @precondition(lambda self: any(deal.state in PENDING for deal in self.ledger.deals))
    @rule(pick=Number, swept=st.booleans())
    def a_proposal_ends(self, pick: int, swept: bool) -> None:
        deal = self.deal(pick, 1, lambda deal: deal.state in PENDING)
        ended = itself().at - timedelta(seconds=1)
        self.ground.do(Swap.filter(id=deal.id).update(expires_at=ended))
        deal.due = True
        if swept:
            self.sweep_deals()

    def sweep_deals(self) -> None:
        self.ground.do(deals.lapse_due(itself()))
        for deal in self.ledger.deals:
            if deal.due and deal.state in PENDING:
                self.ledger.ended(deal, "lapsed")
        self.check()

    # ---- what the coordinators change ----

    @rule(pick=Number, stray=Stray, most=st.integers(1, 3), release=st.booleans(), boss=Number)
    def want_more_or_fewer(self, pick: int, stray: int, most: int, release: bool, boss: int) -> None:
        need = self.place(pick, stray, lambda need: self.ledger.resize(need, most, release=release) == "ok")
        self.resize(need, most, release=release, boss=boss)

    def resize(self, need: int, most: int, *, release: bool, boss: int = 0) -> None:
        row, expected = self.ground.needs[need].id, self.ledger.resize(need, most, release=release)

        async def verb(act: Act) -> Need:
            return await changes.resize(act, row, most, release=release)

        if self.run(self.boss(boss), verb, expected):
            self.ledger.resized(need, most)
        self.check()

    @rule(pick=Number, hour=st.sampled_from([1, 4, 6, 30]), boss=Number, often=st.integers(0, 1))
    def move_a_shift(self, pick: int, hour: int, boss: int, often: int) -> None:
        if not often:
            self.move((1, 2, 2)[pick % 3], hour, boss)

    def move(self, need: int, hour: int, boss: int = 0) -> None:
        shift: UUID = self.ground.needs[need].shift_id
        begins = self.ground.begins + timedelta(hours=hour)
        venue = self.ground.do(Shift.get(id=shift)).venue_id
        hours = Hours(begins, begins + timedelta(hours=LASTS), venue)

        async def verb(act: Act) -> Shift:
            return await changes.move(act, shift, hours, "让路")

        if self.run(self.boss(boss), verb, self.ledger.move(need, hour)):
            for old in self.ledger.shifted(need, hour):
                where = {"need_id": self.ground.needs[need].id, "volunteer_id": self.person(old.person).id}
                row = self.ground.do(Assignment.get(status="offered", **where))
                self.ledger.born(row.id, need, old.person, "offered", own=False)
        self.check()
