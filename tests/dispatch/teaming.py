"""The machine's part where the team is asked as a whole and its leader answers for all."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.models import Assignment
from dispatch.roster import casts
from tests.dispatch.ground import LEADER, LEAST, PEOPLE
from tests.dispatch.ledger import GONE, Cast, Line
from tests.dispatch.player import Number, Person, Player, Stray
from tests.dispatch.world import by


class Teaming(Player):
    @rule(pick=Number, stray=Stray, boss=Number)
    def ask_the_team(self, pick: int, stray: int, boss: int) -> None:
        self.ask_all(self.place(pick, stray, lambda need: bool(self.going(need))), boss)

    def going(self, need: int) -> list[int]:
        """Who would be asked: whoever fits and has a seat, the leader first; nobody when they are too few."""
        ledger = self.ledger
        open_ = any(cast.need == need and cast.state == "offered" for cast in ledger.casts)
        if ledger.places[need].state == "cancelled" or ledger.begun(need) or open_:
            return []
        order = sorted(range(PEOPLE), key=lambda person: (person != LEADER, self.person(person).id))
        fit = [person for person in order if not ledger.claimed(need, person) and not ledger.busy(need, person)]
        cast = fit[: max(0, ledger.free(need))]
        return cast if len(cast) >= LEAST else []

    def ask_all(self, need: int, boss: int = 0) -> Cast | None:
        row, team, people, cast = self.ground.needs[need].id, self.ground.team.id, self.going(need), None
        expected = "ok" if people else "refused"
        made = self.run(self.boss(boss), lambda act: casts.offer(act, row, team), expected)
        if made is not None:
            cast = Cast(made.id, need)
            self.ledger.casts.append(cast)
            rows = {line.volunteer_id: line.id for line in self.ground.do(Assignment.filter(team_offer_id=made.id))}
            for person in people:
                line = self.ledger.born(rows[self.person(person).id], need, person, "offered", own=False, cast=cast)
                line.asked = self.ledger.turns - people.index(person)  # all at once
        self.check()
        return cast

    def cast(self, pick: int, stray: int) -> Cast:
        """An open offer four times of five, if there is one; else any."""
        found = [cast for cast in self.ledger.casts if stray and cast.state == "offered"] or self.ledger.casts
        return found[pick % len(found)]

    @precondition(lambda self: self.ledger.casts)
    @rule(pick=Number, stray=Stray, person=Person)
    def the_leader_says_yes(self, pick: int, stray: int, person: int) -> None:
        self.all_in(self.cast(pick, stray), LEADER if stray else person)

    def all_in(self, cast: Cast, person: int) -> None:
        lines = self.ledger.asked_with(cast)
        expected = self._answers(cast, person, "accepted")
        if expected == "ok":
            busy = any(self.ledger.busy(line.need, line.person) for line in lines)
            full = self.ledger.taken(cast.need) + len(lines) > self.ledger.places[cast.need].cap
            few = len(lines) < LEAST
            expected = "gone" if cast.due else "refused" if few or busy else "gone" if full else "ok"
        if self.run(by(self.person(person)), lambda act: casts.accept(act, cast.id), expected) is not None:
            cast.state = "accepted"
            self._moved(lines, "accepted")
            for line in lines:
                self.ledger.seated(line)
        self.check()

    @precondition(lambda self: self.ledger.casts)
    @rule(pick=Number, stray=Stray, person=Person, often=st.integers(0, 1))
    def the_leader_says_no(self, pick: int, stray: int, person: int, often: int) -> None:
        if not often:
            self.all_out(self.cast(pick, stray), LEADER if stray else person)

    def all_out(self, cast: Cast, person: int) -> None:
        expected = self._answers(cast, person, "declined")
        self._end(cast, "declined", by(self.person(person)), casts.decline, expected)

    @precondition(lambda self: self.ledger.casts)
    @rule(pick=Number, stray=Stray, boss=Number, often=st.integers(0, 1))
    def take_the_teams_offer_back(self, pick: int, stray: int, boss: int, often: int) -> None:
        if not often:
            self.take_back(self.cast(pick, stray), boss)

    def take_back(self, cast: Cast, boss: int = 0) -> None:
        expected = self._steps(cast, "withdrawn")
        self._end(cast, "withdrawn", self.boss(boss), casts.withdraw, expected)

    def _end(self, cast: Cast, state: str, act: Any, verb: Any, expected: str) -> None:
        if self.run(act, lambda joined: verb(joined, cast.id), expected) is not None:
            lines, cast.state = self.ledger.asked_with(cast), state
            self._moved(lines, state)
        self.check()

    def _moved(self, lines: list[Line], status: str) -> None:
        for line in lines:
            self.ledger.moved(line, status)
            line.yes = self.ledger.turns - lines.index(line)  # all at once

    def _answers(self, cast: Cast, person: int, state: str) -> str:
        """What the leader's word does; a member's does nothing, and for others there is no such offer."""
        if person != LEADER:
            member = any(line.cast is cast and line.person == person for line in self.ledger.lines)
            return "refused" if member else "missing"
        return self._steps(cast, state)

    def _steps(self, cast: Cast, state: str) -> str:
        if cast.state == state:
            return "same"
        return "ok" if cast.state == "offered" else "gone" if cast.state in GONE else "refused"
