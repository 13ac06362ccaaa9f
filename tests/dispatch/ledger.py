"""What ought to be, in plain dicts: an oracle of the assignment's life that knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

SEATED: Final = ("accepted", "checked_in", "completed")
CLAIMS: Final = ("offered", "standby", *SEATED, "no_show")
GONE: Final = ("expired", "filled", "withdrawn")
# What an offer to a team becomes with the last of its open lines.
ENDS: Final = {"declined": "declined", "expired": "expired", "withdrawn": "withdrawn", "filled": "withdrawn"}
# Hours since the first shift was to begin: three days before, and on the day.
CLOCK: Final = {False: -72.0, True: 35 / 60}
LASTS: Final = 2.0
LOCKS: Final = 24.0  # hours before the start: then its roster locks
OPEN: Final = ("published", "locked", "running")
PENDING: Final = ("proposed", "agreed")


@dataclass
class Cast:
    """An offer to the team as a whole."""

    id: UUID
    need: int
    state: str = "offered"
    due: bool = False


@dataclass
class Line:
    id: UUID
    need: int
    person: int
    status: str
    turn: int
    own: bool = False  # came unasked
    asked: int = 0  # when the offer was made, among all
    yes: int = 0  # when it was accepted, among all
    moved: bool = False  # its shift was moved after the yes
    due: bool = False
    late: bool = False
    excused: bool = False
    extra: bool = False
    out: bool = False
    there: float | None = None  # served from this hour on, said a correction
    marker: int | None = None
    moves: int = 1
    cast: Cast | None = None  # asked with the team


@dataclass
class Place:
    """A need. ``hour``: when its shift begins, from the first one's usual hour; ``state``: of its event; ``locks``:
    when that locks, if not with its start."""

    cap: int
    race: bool
    hour: float
    state: str = "published"
    locks: float | None = None


@dataclass
class Deal:
    """A swap. ``gives``: the line of each of ``people``, the proposer first; ``gets``: the need of each; ``approval``:
    the last word is a coordinator's."""

    id: UUID
    people: list[int]
    gives: list[Line | None]
    gets: list[int | None]
    agreed: set[int]
    approval: bool
    state: str = "proposed"
    by: int | None = None  # who said no
    due: bool = False
    moves: int = 1


@dataclass
class Ledger:
    """``verdict``: why a command fails (``gone``, ``refused``), or ``ok``; the ``…ed`` functions note what it does."""

    places: list[Place]
    lines: list[Line] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    casts: list[Cast] = field(default_factory=list)
    missed: dict[int, int] = field(default_factory=dict)
    day: bool = False
    turns: int = 0

    # ---- time ----

    def meets(self, need: int, other: int) -> bool:
        """Two different needs at the same time."""
        return need != other and abs(self.places[need].hour - self.places[other].hour) < LASTS

    def begun(self, need: int) -> bool:
        return self.places[need].hour <= CLOCK[self.day]

    def near(self, need: int) -> bool:
        """Its roll may be called."""
        return self.places[need].hour - 0.5 <= CLOCK[self.day]

    def passable(self, need: int) -> bool:
        """Seats on it may change hands."""
        return self.places[need].state in OPEN and self.places[need].hour - 2 > CLOCK[self.day]

    def locked(self, lines: Sequence[Line | None]) -> bool:
        """Whether one of these seats is on a roster that has locked."""
        states = {self.places[line.need].state for line in lines if line is not None}
        return not states.isdisjoint(("locked", "running"))

    def late(self, line: Line) -> bool:
        """Whoever steps back now leaves a roster that has locked, and had said yes to these hours."""
        locked = self.places[line.need].hour - LOCKS <= CLOCK[self.day]
        return locked and line.status == "accepted" and not line.moved

    # ---- counts ----

    def of(self, need: int, *statuses: str) -> list[Line]:
        return [line for line in self.lines if line.need == need and line.status in statuses]

    def taken(self, need: int) -> int:
        return sum(not line.extra for line in self.of(need, *SEATED))

    def free(self, need: int) -> int:
        held = 0 if self.places[need].race else len(self.of(need, "offered"))
        return self.places[need].cap - self.taken(need) - held

    def claimed(self, need: int, person: int) -> bool:
        return any(line.person == person for line in self.of(need, *CLAIMS))

    def busy(self, need: int, person: int, *, besides: Sequence[Line | None] = ()) -> bool:
        """The person holds a seat somewhere at that time, but for these lines."""
        held = [line for line in self.lines if line.person == person and line.status in SEATED]
        return any(self.meets(need, line.need) for line in held if not any(line is one for one in besides))

    # ---- verdicts ----

    def offer(self, need: int, person: int) -> str:
        place = self.places[need]
        no = place.state == "cancelled" or self.free(need) <= 0 or self.claimed(need, person) or self.busy(need, person)
        return "refused" if no else "ok"

    def accept(self, line: Line) -> str:
        if line.status == "accepted":
            return "same"
        if line.status != "offered":
            return "gone" if line.status in GONE else "refused"
        if line.due and line.cast is None:
            return "gone"
        return "refused" if line.cast is not None or self.busy(line.need, line.person) else "ok"

    def take(self, need: int, person: int) -> str:
        place = self.places[need]
        mine = [line for line in self.of(need, "offered", "accepted") if line.person == person]
        if mine:
            return self.accept(mine[0])
        if place.state in ("cancelled", "locked") or self.begun(need):
            return "gone"
        if self.claimed(need, person):
            return "refused"
        if self.free(need) <= len(self.of(need, "standby")):
            return "gone"
        return "refused" if self.busy(need, person) else "ok"

    def stand_by(self, need: int, person: int) -> str:
        if any(line.person == person for line in self.of(need, "standby")):
            return "same"
        place = self.places[need]
        if place.state in ("cancelled", "locked") or self.begun(need):
            return "gone"
        no = self.claimed(need, person) or self.free(need) > len(self.of(need, "standby")) or self.busy(need, person)
        return "refused" if no else "ok"

    def again(self, line: Line) -> str:
        if line.status != "declined":
            return "refused"
        place = self.places[line.need]
        answered = line.cast is not None and line.cast.state != "offered"
        shut = place.state == "cancelled" or (self.begun(line.need) and line.own)
        if line.due or answered or shut or self.free(line.need) <= 0:
            return "gone"
        return "refused" if self.claimed(line.need, line.person) or self.busy(line.need, line.person) else "ok"

    def step(self, line: Line, status: str, *before: str) -> str:
        if line.status == status:
            return "same"
        if line.status not in before:
            return "gone" if line.status in GONE else "refused"
        return "ok"

    def roll(self, line: Line, status: str, before: str, marker: int, *, begun: bool = False) -> str:
        """A move that whoever calls the roll makes: never for oneself, not before it is near (or, ``begun``, long
        begun)."""
        if marker == line.person:
            return "refused"
        found = self.step(line, status, before)
        place = self.places[line.need]
        soon = self.near(line.need) and (self.begun(line.need) or not begun)
        if found == "ok" and (place.state == "cancelled" or not soon):
            return "refused"
        return found

    def correct(self, line: Line, marker: int) -> str:
        """By somebody else than who marked the absence; nobody was there and at another place within the same hour."""
        found = self.step(line, "", "no_show")
        hour = self.places[line.need].hour
        elsewhere = any(other.person == line.person and other.there == hour for other in self.lines)
        return "refused" if found == "ok" and (line.marker == marker or elsewhere) else found

    def propose(self, mine: Line, others: Sequence[Line]) -> str:
        """My seat to the first, each to the next, the last's to me."""
        lines = [mine, *others]
        if any(line.status != "accepted" or line.person == mine.person for line in others):
            return "missing"
        if len({line.person for line in lines}) < len(lines) or len({line.need for line in lines}) < len(lines):
            return "refused"
        if mine.status != "accepted":
            return "gone"
        gets = [lines[-1].need, *[line.need for line in lines[:-1]]]
        no = not all(self.passable(line.need) for line in lines) or self._stands(mine)
        no = no or any(self._heard(mine, line.person) for line in others)
        return "refused" if no or self.unfit([line.person for line in lines], lines, gets) else "ok"

    def hand_over(self, mine: Line, person: int) -> str:
        if person == mine.person:
            return "missing"
        if mine.status != "accepted":
            return "gone"
        no = not self.passable(mine.need) or self._stands(mine) or self._heard(mine, person)
        return "refused" if no or self.unfit([mine.person, person], [mine, None], [None, mine.need]) else "ok"

    def _stands(self, mine: Line) -> bool:
        return any(deal.state in PENDING and deal.gives[0] is mine for deal in self.deals)

    def _heard(self, mine: Line, person: int) -> bool:
        """The person said no for this seat, or has five proposals to answer."""
        no = any(deal.state == "refused" and deal.gives[0] is mine and deal.by == person for deal in self.deals)
        open_ = [deal for deal in self.deals if deal.state == "proposed" and person in deal.people]
        return no or sum(person not in deal.agreed for deal in open_) >= 5

    def unfit(self, people: Sequence[int], gives: Sequence[Line | None], gets: Sequence[int | None]) -> bool:
        """Somebody cannot take what they would get, all that is given left out."""
        for person, need in zip(people, gets, strict=True):
            if need is None:
                continue
            claims = [line for line in self.of(need, *CLAIMS) if line.person == person]
            if any(not any(line is one for one in gives) for line in claims) or self.busy(need, person, besides=gives):
                return True
        return False

    def agree(self, deal: Deal, person: int) -> str:
        if person not in deal.people:
            return "missing"
        if person in deal.agreed and deal.state in (*PENDING, "done"):
            return "same"
        if deal.state != "proposed":
            return "gone" if deal.state == "lapsed" else "refused"
        if not self._timely(deal):
            return "gone"
        last = set(deal.people) - deal.agreed == {person}
        return "refused" if last and self._unfit(deal) else "ok"

    def approve(self, deal: Deal) -> str:
        """The last word of a coordinator, who is asked for it where a roster has locked."""
        if not deal.approval:
            return "missing"
        if deal.state != "agreed":
            return {"done": "same", "lapsed": "gone"}.get(deal.state, "refused")
        return "gone" if not self._timely(deal) else "refused" if self._unfit(deal) else "ok"

    def _unfit(self, deal: Deal) -> bool:
        return self.unfit(deal.people, deal.gives, deal.gets)

    def _timely(self, deal: Deal) -> bool:
        return not deal.due and all(self.passable(line.need) for line in deal.gives if line is not None)

    def end(self, deal: Deal, person: int, state: str) -> str:
        """A no (``refused``) of somebody in it, or the proposer takes it back (``lapsed``)."""
        if person not in (deal.people if state == "refused" else deal.people[:1]):
            return "missing"
        if deal.state == state:
            return "same"
        return "ok" if deal.state in PENDING else "gone" if deal.state == "lapsed" else "refused"

    def resize(self, need: int, most: int, *, release: bool) -> str:
        place = self.places[need]
        there = sum(not line.extra for line in self.of(need, "checked_in", "completed"))
        if place.state not in OPEN or most < there:
            return "refused"
        if most < self.taken(need) and not release:
            return "refused"
        return "same" if most == place.cap else "ok"

    def move(self, need: int, hour: float) -> str:
        place = self.places[need]
        ahead = place.hour > CLOCK[self.day]
        if place.state not in OPEN or not ahead or self.of(need, "checked_in", "completed"):
            return "refused"
        return "same" if hour == place.hour else "ok" if hour > CLOCK[self.day] else "refused"

    # ---- what a command does ----

    def turned(self) -> None:
        """Each event goes as far as its time has come."""
        for need, place in enumerate(self.places):
            locks = place.hour if place.locks is None else place.locks
            if place.state == "published" and locks <= CLOCK[self.day]:
                place.state = "locked"
            if place.state == "locked" and self.begun(need):
                place.state = "running"

    def born(self, id_: UUID, need: int, person: int, status: str, *, own: bool, cast: Cast | None = None) -> Line:
        self.turns += 1
        line = Line(id_, need, person, status, self.turns, own, self.turns, self.turns, cast=cast)
        self.lines.append(line)
        return line

    def moved(self, line: Line, status: str) -> None:
        """A swap that the line stands in has lapsed when the seat was given up, or somebody came to it."""
        self.turns += 1
        if status == "accepted":
            line.yes, line.moved = self.turns, False
        if status == "offered":
            line.asked = self.turns
        line.status = status
        line.moves += 1
        self.unsettled(line)
        if line.cast is not None and line.cast.state == "offered" and not self.asked_with(line.cast):
            line.cast.state = ENDS[status]

    def asked_with(self, cast: Cast) -> list[Line]:
        """The team's lines that wait for its leader's word."""
        return [line for line in self.lines if line.cast is cast and line.status == "offered"]

    def unsettled(self, line: Line) -> None:
        for deal in self.deals:
            if deal.state in PENDING and any(line is given for given in deal.gives):
                self.ended(deal, "lapsed")

    def ended(self, deal: Deal, state: str) -> None:
        deal.state = state
        deal.moves += 1

    def filled(self, need: int) -> None:
        if self.taken(need) >= self.places[need].cap:
            for other in self.of(need, "offered"):
                self.moved(other, "filled")

    def seated(self, line: Line) -> None:
        """After somebody took a seat: a full need fills its offers, a busy person loses theirs."""
        self.filled(line.need)
        for other in self.lines:
            there = self.meets(line.need, other.need) or other.need == line.need
            if other.person == line.person and other.status == "offered" and there:
                self.moved(other, "withdrawn")

    def promoted(self) -> None:
        """Each waiting list's first is asked while a seat is neither taken nor offered; whoever is busy leaves."""
        for need, place in enumerate(self.places):
            if place.state == "cancelled" or self.begun(need):
                continue
            waiting = sorted(self.of(need, "standby"), key=lambda line: line.turn)
            while waiting and self.taken(need) + len(self.of(need, "offered")) < place.cap:
                line = waiting.pop(0)
                self.moved(line, "withdrawn" if self.busy(need, line.person) else "offered")

    def resized(self, need: int, most: int) -> None:
        """Who said yes last goes first; then the newest offers without a seat."""
        over = max(0, self.taken(need) - most)
        for line in sorted(self.of(need, "accepted"), key=lambda line: (line.yes, line.id), reverse=True)[:over]:
            self.moved(line, "released")
        left = most - self.taken(need)
        asked = sorted(self.of(need, "offered"), key=lambda line: (line.asked, line.id))
        for line in asked[left:] if left <= 0 or not self.places[need].race else []:
            self.moved(line, "withdrawn")
        self.places[need].cap = most

    def shifted(self, need: int, hour: float) -> list[Line]:
        """Whose yes does not hold for the new hours: they have lost the seat, and are to be asked again."""
        place = self.places[need]
        place.hour, place.locks = hour, hour - LOCKS
        if place.state == "locked" and place.locks > CLOCK[self.day]:
            place.state = "published"  # it had locked too soon
        again = [line for line in self.of(need, "accepted") if self.busy(need, line.person)]
        for line in self.of(need, "offered", "standby", "accepted"):
            if line in again:
                self.moved(line, "released")
                continue
            line.moves += 1
            line.moved = line.status == "accepted"
            line.due = line.due and line.status != "standby"
            self.unsettled(line)
        return again
