"""The four errors that verbs raise. The HTTP layer turns each into one problem+json answer and catches nothing else.

``Reason`` is the one form of a *no*: a rule's name and the data that its sentence (zh-CN, English) is filled with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. ``rule`` is a stable word, ``data`` never holds names or numbers of people."""

    rule: str
    data: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: where it stands, what is wrong, what would mend it. Both languages."""

    field: str
    zh: str
    en: str
    row: int | None = None


class CitongError(Exception):
    """Ground of the four."""


class Invalid(CitongError):
    """The input is wrong (422). Carries every fault."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.field}: {f.en}" for f in self.faults[:5]))


class Missing(CitongError):
    """No such thing, or none that this actor may know of (404)."""

    def __init__(self, noun: str):
        self.noun = noun
        super().__init__(f"no such {noun}")


class Forbidden(CitongError):
    """Not signed in (401, ``anonymous``) or not within the actor's roles (403)."""

    def __init__(self, verb: str, *, anonymous: bool = False):
        self.verb = verb
        self.anonymous = anonymous
        super().__init__(f"may not {verb}")


class Refused(CitongError):
    """Understood, allowed, and still no: every reason (409; 410 when ``gone``: the offer's time or seat has passed).
    ``keeps``: what was written before it stays, such as the count of wrong guesses."""

    def __init__(self, reasons: Iterable[Reason], *, gone: bool = False, keeps: bool = False):
        self.reasons = tuple(reasons)
        self.gone = gone
        self.keeps = keeps
        super().__init__(", ".join(r.rule for r in self.reasons))
