"""A tiny world driven by random commands: three needs, two of them at the same time, four people, two coordinators.

After every command the rows are compared with the oracle (``ledger``), every invariant is asked, and a command that was
carried out is sent again with the same key: it must give the same answer and change nothing.
"""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from dispatch.agenda import events, phases
from dispatch.models import Assignment, Event, Shift, TeamOffer
from dispatch.roster import assigning, assignments, attendance, seeking
from tests.dispatch.ground import AHEAD, HOURS, PEOPLE, SEATS
from tests.dispatch.ledger import Ledger, Line, Place
from tests.dispatch.player import Number, Person, Stray
from tests.dispatch.scenes import SCENES, Scenes
from tests.dispatch.world import by, itself
from volunteer.act import Act
from volunteer.api import idempotency
from volunteer.api.problem import ProtocolError
from volunteer.errors import Refused


class Life(Scenes):
    """Subclassed with the ``ground`` to run on."""

    @initialize(scene=st.sampled_from(SCENES), first=st.permutations(range(PEOPLE)))
    def begin(self, scene: str, first: list[int]) -> None:
        """Three days ahead with nobody asked, or with a story begun; or the day itself, perhaps with one missing."""
        self.ground.do(self.ground.clean())
        places = zip(SEATS, (False, True, False), HOURS, strict=True)
        self.ledger = Ledger([Place(seats, race, hour) for seats, race, hour in places])
        self.open(scene, first)

    # ---- the same again ----

    @precondition(lambda self: self.last)
    @rule(stray=Stray)
    def the_same_again(self, stray: int) -> None:
        if self.last is None:
            return
        act, asked, work, first, body = self.last
        before = self.ground.do(self.ground.size())
        if stray:
            try:
                again = self.ground.do(idempotency.once(act, asked, work, first=first))
            except Refused as refused:
                raise AssertionError("what was done is refused when it comes again") from refused
            assert (again.replayed, again.body) == (True, body)
        else:
            other = idempotency.Claim(asked.scope, asked.key, "0" * 64)
            with suppress(ProtocolError):
                self.ground.do(idempotency.once(act, other, work))
                raise AssertionError("one key did two things")
        assert self.ground.do(self.ground.size()) == before
        self.check()

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, who=Person, verb=st.sampled_from(["accept", "decline", "cancel", "complete"]))
    def a_stranger(self, pick: int, who: int, verb: str) -> None:
        line = self.choose(pick, 0, bool)
        if line.person == who:
            return
        command: Any = attendance.complete if verb == "complete" else getattr(assignments, verb)
        self.run(by(self.person(who)), lambda act: command(act, line.id), "missing")
        self.check()

    # ---- being asked ----

    @rule(pick=Number, stray=Stray, person=Person, boss=Number)
    def offer(self, pick: int, stray: int, person: int, boss: int) -> None:
        self._offer(pick, stray, person, boss)

    @rule(pick=Number, stray=Stray, person=Person, boss=Number)
    def offer_too(self, pick: int, stray: int, person: int, boss: int) -> None:
        self._offer(pick, stray, person, boss)

    @rule(pick=Number, stray=Stray, person=Person, boss=Number)
    def offer_once_more(self, pick: int, stray: int, person: int, boss: int) -> None:
        self._offer(pick, stray, person, boss)

    def _offer(self, pick: int, stray: int, person: int, boss: int) -> None:
        self.ask(self.place(pick, stray, lambda need: self.ledger.offer(need, person) == "ok"), person, boss)

    def ask(self, need: int, person: int, boss: int) -> None:
        rows = self.ground.needs[need].id, self.person(person).id
        made = self.run(self.boss(boss), lambda act: assignments.offer(act, *rows), self.ledger.offer(need, person))
        if made is not None:
            self.ledger.born(made.id, need, person, "offered", own=False)
        self.check()

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def accept(self, pick: int, stray: int) -> None:
        self._accept(pick, stray)

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def accept_too(self, pick: int, stray: int) -> None:
        self._accept(pick, stray)

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def accept_once_more(self, pick: int, stray: int) -> None:
        self._accept(pick, stray)

    def _accept(self, pick: int, stray: int) -> None:
        line = self.choose(pick, stray, lambda line: line.status == "offered")
        expected = self.ledger.accept(line)
        me = by(self.person(line.person))
        too_late = partial(assignments.over, me, line.id) if stray else None
        if self.run(me, lambda act: assignments.accept(act, line.id), expected, first=too_late):
            self.ledger.moved(line, "accepted")
            self.ledger.seated(line)
        self.check()

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def decline(self, pick: int, stray: int) -> None:
        self.simple(pick, stray, "declined", "offered", verb=assignments.decline)

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def again(self, pick: int, stray: int) -> None:
        line = self.choose(pick, stray, lambda line: line.status == "declined")
        expected = self.ledger.again(line)
        made = self.run(by(self.person(line.person)), lambda act: assignments.again(act, line.id), expected)
        if made is not None:
            self.ledger.born(made.id, line.need, line.person, "offered", own=line.own, cast=line.cast)
        self.check()

    def simple(
        self, pick: int, stray: int, status: str, *before: str, verb: Any, boss: int | None = None
    ) -> Line | None:
        """A command that moves one line and nothing else but perhaps its seat. The line, if it moved."""
        line = self.choose(pick, stray, lambda line: line.status in before)
        act = by(self.person(line.person)) if boss is None else self.boss(boss)
        done = self.run(act, lambda joined: verb(joined, line.id), self.ledger.step(line, status, *before))
        if done is not None:
            line.late = status == "cancelled" and self.ledger.late(line)
            self.ledger.moved(line, status)
        self.check()
        return line if done is not None else None

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def cancel(self, pick: int, stray: int) -> None:
        self.simple(pick, stray, "cancelled", "accepted", "standby", verb=assignments.cancel)

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number)
    def withdraw(self, pick: int, stray: int, boss: int) -> None:
        self.simple(pick, stray, "withdrawn", "offered", "standby", verb=assignments.withdraw, boss=boss)

    @precondition(lambda self: self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number)
    def release(self, pick: int, stray: int, boss: int) -> None:
        self.simple(pick, stray, "released", "accepted", verb=assignments.release, boss=boss)

    @rule(pick=Number, stray=Stray, person=Person, boss=Number)
    def assign(self, pick: int, stray: int, person: int, boss: int) -> None:
        need = self.place(pick, stray, lambda need: self.noted(need, person) == "ok")
        rows, expected = (self.ground.needs[need].id, self.person(person).id), self.noted(need, person)
        made = self.run(self.boss(boss), lambda act: assigning.assign(act, *rows, "电话里说好"), expected)
        self.seat(need, person, made)

    def noted(self, need: int, person: int) -> str:
        """What becomes of a yes that somebody responsible notes."""
        mine = [line for line in self.ledger.of(need, "offered", "accepted") if line.person == person]
        return self.ledger.accept(mine[0]) if mine else self.ledger.offer(need, person)

    # ---- coming unasked ----

    @rule(pick=Number, stray=Stray, person=Person)
    def take_a_seat(self, pick: int, stray: int, person: int) -> None:
        self.take(self.place(pick, stray, lambda need: self.ledger.take(need, person) == "ok"), person)

    def take(self, need: int, person: int) -> None:
        row = self.ground.needs[need].id
        expected = self.ledger.take(need, person)
        self.seat(
            need, person, self.run(by(self.person(person)), lambda act: seeking.take(act, row), expected), own=True
        )

    def seat(self, need: int, person: int, made: Assignment | None, *, own: bool = False) -> None:
        """Somebody has a seat now, by the offer that they had or by a line of its own."""
        mine = [line for line in self.ledger.of(need, "offered") if line.person == person]
        if made is not None:
            line = mine[0] if mine else self.ledger.born(made.id, need, person, "accepted", own=own)
            if mine:
                self.ledger.moved(line, "accepted")
            self.ledger.seated(line)
        self.check()

    @rule(pick=Number, stray=Stray, person=Person)
    def wait_in_line(self, pick: int, stray: int, person: int) -> None:
        self.stand_by(self.place(pick, stray, lambda need: self.ledger.stand_by(need, person) == "ok"), person)

    def stand_by(self, need: int, person: int) -> None:
        row = self.ground.needs[need].id
        expected = self.ledger.stand_by(need, person)
        made = self.run(by(self.person(person)), lambda act: seeking.stand_by(act, row), expected)
        if made is not None:
            self.ledger.born(made.id, need, person, "standby", own=True)
        self.check()

    @rule()
    def their_turn(self) -> None:
        while self.ground.do(seeking.promote_due(itself())):
            pass
        self.ledger.promoted()
        self.check()

    # ---- time ----

    @precondition(lambda self: any(line.status == "offered" for line in self.ledger.lines))
    @rule(pick=Number)
    def an_offer_ends(self, pick: int) -> None:
        line = self.choose(pick, 1, lambda line: line.status == "offered")
        if line.status == "offered":
            self.ground.do(Assignment.filter(id=line.id).update(expires_at=itself().at - timedelta(seconds=1)))
            line.due = True

    @rule()
    def sweep(self) -> None:
        self.ground.do(assignments.expire_due(itself()))
        for line in self.ledger.lines:
            if line.due and line.status in ("offered", "standby"):
                self.ledger.moved(line, "expired")
        self.check()

    @precondition(lambda self: not self.ledger.day)
    @rule(often=st.integers(0, 3))
    def the_day_comes(self, often: int) -> None:
        """The first shift has begun 35 minutes ago, the second begins in 25; open offers have ended."""
        if self.ledger.day or often:
            return
        self.ground.do(self.ground.move(-AHEAD - timedelta(minutes=35)))
        ended = itself().at - timedelta(seconds=1)
        self.ground.do(Assignment.filter(status__in=("offered", "standby", "declined")).update(expires_at=ended))
        self.ground.do(TeamOffer.filter(state="offered").update(expires_at=ended))
        for line in self.ledger.lines:
            line.due = line.due or line.status in ("offered", "standby", "declined")
        self.ledger.day = True
        self.sweep()

    @rule()
    def the_phases_turn(self) -> None:
        self.ground.do(phases.turn_due(itself()))
        self.ledger.turned()
        self.check()

    # ---- the day itself ----

    @precondition(lambda self: self.ledger.day and self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number)
    def check_in(self, pick: int, stray: int, boss: int) -> None:
        self._call(pick, stray, boss, "checked_in", "accepted", attendance.check_in)

    @precondition(lambda self: self.ledger.day and self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number, excused=st.booleans())
    def miss(self, pick: int, stray: int, boss: int, excused: bool) -> None:
        async def verb(act: Act, id_: UUID) -> Assignment:
            return await attendance.miss(act, id_, excused=excused)

        line = self._call(pick, stray, boss, "no_show", "accepted", verb, begun=True)
        if line is not None:
            line.excused = excused
            self.ledger.missed[line.person] = self.ledger.missed.get(line.person, 0) + (not excused)
            self.check()

    @precondition(lambda self: self.ledger.day and self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number)
    def complete(self, pick: int, stray: int, boss: int) -> None:
        self._call(pick, stray, boss, "completed", "checked_in", attendance.complete)

    def _call(
        self, pick: int, stray: int, boss: int, status: str, before: str, verb: Any, *, begun: bool = False
    ) -> Line | None:
        line = self.choose(pick, stray, lambda line: self.ledger.roll(line, status, before, -1, begun=begun) == "ok")
        expected = self.ledger.roll(line, status, before, -1, begun=begun)
        if self.run(self.boss(boss), lambda act: verb(act, line.id), expected) is None:
            self.check()
            return None
        self.ledger.moved(line, status)
        line.marker = boss % 2
        if status != "no_show":
            self.check()
        return line

    @precondition(lambda self: self.ledger.day and self.ledger.lines)
    @rule(pick=Number, stray=Stray)
    def check_out(self, pick: int, stray: int) -> None:
        line = self.choose(pick, stray, lambda line: line.status == "checked_in")
        expected = "same" if line.out else "ok" if line.status == "checked_in" else "refused"
        if line.status == "completed":
            expected = "same"
        if self.run(by(self.person(line.person)), lambda act: attendance.check_out(act, line.id), expected):
            line.out = True
            line.moves += 1
        self.check()

    @precondition(lambda self: self.ledger.day and self.ledger.lines)
    @rule(pick=Number, stray=Stray, boss=Number)
    def correct(self, pick: int, stray: int, boss: int) -> None:
        line = self.choose(pick, stray, lambda line: line.status == "no_show")
        if line.status == "completed":
            return
        expected = self.ledger.correct(line, boss % 2)
        shift = self.ground.do(Shift.get(id=self.ground.needs[line.need].shift_id))
        came, left = shift.starts_at, shift.starts_at + timedelta(minutes=5)

        async def verb(act: Act) -> Assignment:
            return await attendance.correct(act, line.id, "名册上有签名", came=came, left=left)

        if self.run(self.boss(boss), verb, expected):
            line.extra = self.ledger.free(line.need) <= 0
            self.ledger.moved(line, "completed")
            self.ledger.filled(line.need)
            self.ledger.missed[line.person] = self.ledger.missed.get(line.person, 0) - (not line.excused)
            line.out, line.marker, line.there = True, boss % 2, self.ledger.places[line.need].hour
        self.check()

    @rule(pick=Number, stray=Stray, boss=Number, often=st.integers(0, 2))
    def call_off(self, pick: int, stray: int, boss: int, often: int) -> None:
        need = self.place(pick, stray, lambda need: bool(self.ledger.of(need, "checked_in")))
        place = self.ledger.places[need]
        if often or place.state == "cancelled":
            return
        event = self.ground.do(Event.get(shifts__id=self.ground.needs[need].shift_id))
        try:
            self.ground.do(events.cancel(self.boss(boss), event.id, "台风"))
        except Refused as refused:
            self.said(refused.reasons[0].rule, "present" if self.ledger.of(need, "checked_in") else "nothing")
            return
        self.said("ok" if not self.ledger.of(need, "checked_in") else "present", "ok")
        place.state = "cancelled"
        for line in self.ledger.of(need, "offered", "standby", "accepted"):
            self.ledger.moved(line, "released" if line.status == "accepted" else "withdrawn")
        self.check()
