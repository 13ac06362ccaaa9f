"""Statuses and legal steps, as pure tables. Every move in the product is one of these, and each move is one entry."""

from collections.abc import Mapping
from typing import Literal

from volunteer.errors import Reason, Refused

AssignmentStatus = Literal[
    "offered", "accepted", "declined", "expired", "withdrawn", "filled", "standby",
    "checked_in", "cancelled", "released", "no_show", "completed",
]  # fmt: skip
EventState = Literal["draft", "published", "locked", "running", "finished", "closed", "postponed", "cancelled"]
OrderState = Literal[
    "draft", "submitted", "verifying", "accepted", "refused", "planned", "staffed", "delivered", "rated", "closed",
    "withdrawn", "expired", "merged", "escalated",
]  # fmt: skip
CallState = Literal["running", "suggested", "resting"]
SwapState = Literal["proposed", "agreed", "done", "refused", "lapsed"]
DraftState = Literal["running", "ready", "failed", "cancelled", "published", "discarded"]

Table = Mapping[str, Mapping[str, str]]

ASSIGNMENT: Table = {
    "accept": {"offered": "accepted"},
    "decline": {"offered": "declined"},
    "expire": {"offered": "expired", "standby": "expired"},
    "withdraw": {"offered": "withdrawn", "standby": "withdrawn"},
    "fill": {"offered": "filled"},
    "promote": {"standby": "offered"},
    "check_in": {"accepted": "checked_in"},
    "cancel": {"accepted": "cancelled", "standby": "cancelled"},
    "release": {"accepted": "released"},
    "no_show": {"accepted": "no_show"},
    "undo": {"checked_in": "released"},
    "complete": {"checked_in": "completed"},
    "correct": {"no_show": "completed"},
}

EVENT: Table = {
    "publish": {"draft": "published", "postponed": "published"},
    "lock": {"published": "locked"},
    "reopen": {"locked": "published"},
    "start": {"locked": "running"},
    "finish": {"running": "finished"},
    "close": {"finished": "closed"},
    "postpone": {"published": "postponed", "locked": "postponed"},
    "cancel": {
        "draft": "cancelled", "published": "cancelled", "locked": "cancelled", "running": "cancelled",
        "postponed": "cancelled",
    },
}  # fmt: skip

ORDER: Table = {
    "submit": {"draft": "submitted"},
    "verify": {"submitted": "verifying", "escalated": "verifying"},
    "accept": {"verifying": "accepted"},
    "refuse": {"verifying": "refused"},
    "escalate": {"verifying": "escalated"},
    "merge": {"verifying": "merged"},
    "plan": {"accepted": "planned"},
    "staff": {"planned": "staffed"},
    "deliver": {"staffed": "delivered"},
    "rate": {"delivered": "rated"},
    "close": {"rated": "closed"},
    "withdraw": {"draft": "withdrawn", "submitted": "withdrawn", "verifying": "withdrawn", "accepted": "withdrawn"},
    "expire": {"submitted": "expired", "accepted": "expired"},
}

DRAFT: Table = {
    "finish": {"running": "ready"},
    "fail": {"running": "failed"},
    "cancel": {"running": "cancelled"},
    "publish": {"ready": "published"},
    "discard": {"ready": "discarded", "failed": "discarded", "cancelled": "discarded"},
}

# A need's call: people are asked in waves, a person decides about the next one, or nobody is asked for now.
CALL: Table = {
    "open": {"running": "running", "suggested": "running", "resting": "running"},
    "suggest": {"running": "suggested"},
    "rest": {"running": "resting", "suggested": "resting"},
}

# Seats that people give each other: all agree, where it must be so a coordinator too; then it is done, or never.
SWAP: Table = {
    "agree": {"proposed": "agreed"},
    "complete": {"proposed": "done", "agreed": "done"},
    "refuse": {"proposed": "refused", "agreed": "refused"},
    "lapse": {"proposed": "lapsed", "agreed": "lapsed"},
}

# A team asked as a whole: one answer for all.
TEAM_OFFER: Table = {
    "accept": {"offered": "accepted"},
    "decline": {"offered": "declined"},
    "expire": {"offered": "expired"},
    "withdraw": {"offered": "withdrawn"},
}

# Statuses that hold a seat, and those that bind the person at all (one such row per person and need).
SEATED: tuple[str, ...] = ("accepted", "checked_in", "completed")
LIVE: tuple[str, ...] = ("offered", "accepted", "checked_in")
CLAIMS: tuple[str, ...] = ("offered", "standby", "accepted", "checked_in", "completed", "no_show")
# A line is born in one of these: asked, waiting for a seat, or a seat taken by oneself.
BORN: tuple[str, ...] = ("offered", "standby", "accepted")
# A swap waits for somebody's word.
PENDING: tuple[str, ...] = ("proposed", "agreed")
# An event takes people while it is in one of these; in the latter two only by a responsible hand.
OPEN: tuple[str, ...] = ("published", "locked", "running")
LOCKED: tuple[str, ...] = ("locked", "running")
# Attendance is noted while, and shortly after, an event takes place.
HELD: tuple[str, ...] = (*OPEN, "finished")

# An offer that ended is an answer that comes too late: the caller is told "gone", not "conflict".
GONE = ("expired", "filled", "withdrawn", "lapsed")


def step(table: Table, status: str, verb: str) -> str:
    """The status after ``verb``. Raises :class:`Refused` (``step``) when the table has no such move."""
    after = table[verb].get(status)
    if after is None:
        raise Refused([Reason("step", {"verb": verb, "status": status})], gone=status in GONE)
    return after
