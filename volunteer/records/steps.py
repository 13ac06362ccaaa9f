"""The states of a service record, and whose hands each step may not come from. Pure tables.

``proposed → confirmed → under_notice → locked``; aside ``disputed``, which a record leaves only as ``corrected``: by
another record in its place. A locked one is corrected in the same way, never edited.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from volunteer.errors import Reason, Refused

RecordState = Literal["proposed", "confirmed", "under_notice", "locked", "disputed", "corrected"]
Hand = Literal["served", "organised", "led", "asked", "extended", "confirmed", "signed", "objected"]

RECORD: Mapping[str, Mapping[str, str]] = {
    "confirm": {"proposed": "confirmed"},
    "sign": {"confirmed": "under_notice"},
    "lock": {"under_notice": "locked"},
    "dispute": {"proposed": "disputed", "confirmed": "disputed", "under_notice": "disputed"},
    "correct": {"disputed": "corrected", "locked": "corrected"},
}

# Still on the way to the public notice: what deadlines are counted for.
OPEN: tuple[str, ...] = ("proposed", "confirmed", "disputed")

# Whose hand may not take this step, though their role allows it: nobody signs for themselves, nobody signs twice. The
# recorder is neither the organiser nor who led on the spot (谁组织谁记录, under four eyes); made-up hours have two
# reviewers besides whoever asked for them.
APART: Mapping[str, frozenset[Hand]] = {
    "extend": frozenset({"served", "asked", "confirmed"}),
    "confirm": frozenset({"served", "asked", "extended"}),
    "sign": frozenset({"served", "organised", "led", "asked", "extended", "confirmed"}),
    "dispute": frozenset({"served"}),
    "settle": frozenset({"served", "objected", "confirmed"}),
    "correct": frozenset({"served", "asked", "extended", "objected"}),
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who has had a hand in a record. ``confirmed``, ``signed``: whose signatures it bears."""

    served: UUID
    organised: UUID | None = None
    led: frozenset[UUID] = frozenset()
    asked: UUID | None = None
    extended: UUID | None = None
    confirmed: UUID | None = None
    signed: UUID | None = None
    objected: UUID | None = None

    def of(self, who: UUID) -> frozenset[Hand]:
        """What this person has done with it so far."""
        held: Iterable[tuple[Hand, UUID | None]] = (
            ("served", self.served), ("organised", self.organised), ("asked", self.asked),
            ("extended", self.extended), ("confirmed", self.confirmed), ("signed", self.signed),
            ("objected", self.objected),
        )  # fmt: skip
        found: set[Hand] = {hand for hand, person in held if person == who}
        return frozenset(found | {"led"} if who in self.led else found)


def step(state: str, verb: str) -> str:
    """The state after ``verb``. Raises :class:`Refused` (``record_step``) when the table has no such step."""
    after = RECORD[verb].get(state)
    if after is None:
        raise Refused([Reason("record_step", {"state": state})])
    return after


def apart(verb: str, who: UUID | None, hands: Hands) -> list[Reason]:
    """Why this person's hand may not take this step: one reason for each thing that they have done with the record."""
    if who is None:  # the program itself signs nothing
        return [Reason("hand_nobody")]
    return [Reason(f"hand_{hand}") for hand in sorted(hands.of(who) & APART[verb])]


def require_apart(verb: str, who: UUID | None, hands: Hands) -> None:
    if reasons := apart(verb, who, hands):
        raise Refused(reasons)
