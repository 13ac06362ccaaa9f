"""What takes place, before it becomes rows: an occasion has sessions, a session has seats. Pure."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from dispatch.demo.places import Hall

Mode = Literal["tutoring", "training", "performance", "support"]


@dataclass(frozen=True, slots=True)
class Seats:
    """So many people in one role: (min, desired, max). ``asks``: codes with levels."""

    role: str
    count: tuple[int, int, int]
    asks: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    age_min: int = 16
    age_max: int = 150
    near_minors: bool = False
    leader: bool = False
    team: UUID | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """``day``: days after the week's first; ``begin``: local minute; ``call``/``out``: minutes before and after."""

    day: int
    begin: int
    minutes: int
    call: int
    out: int
    seats: tuple[Seats, ...]

    @property
    def occupies(self) -> tuple[int, int]:
        return self.begin - self.call, self.begin + self.minutes + self.out


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event to be. ``series``: name of the series it belongs to; ``quorum``: people on each shift, 0 = none.
    ``host``: the unit that holds it when that is not the hall's own."""

    title: str
    english: str
    mode: Mode
    hall: Hall
    priority: int
    sessions: tuple[Session, ...]
    about: str
    series: str | None = None
    quorum: int = 0
    audience: int = 40
    host: UUID | None = None

    @property
    def unit(self) -> UUID:
        return self.host or self.hall.unit

    @property
    def leader(self) -> bool:
        return any(seats.leader for session in self.sessions for seats in session.seats)

    @property
    def begins(self) -> tuple[int, int]:
        return min((session.day, session.begin) for session in self.sessions)

    def weeks_ago(self, weeks: int) -> "Occasion":
        """The same occasion in an earlier week."""
        return replace(self, sessions=tuple(replace(s, day=s.day - 7 * weeks) for s in self.sessions))


RISKS: dict[Mode, str] = {
    "tutoring": "晚间往返请注意交通安全；辅导对象含未成年人时须两名成年人同时在场。已为志愿者投保意外险。",
    "training": "教室人员较密集，请熟悉疏散通道；手工课程使用刀剪时请看护学员。已为志愿者投保意外险。",
    "performance": "搭台、装卸和夜间散场时请防磕碰、防触电；遇大风、雷雨按预案停演。已为志愿者投保意外险。",
    "support": "活动现场人流较大，请防拥挤、防中暑，身体不适立即告知领队。已为志愿者投保意外险。",
}
