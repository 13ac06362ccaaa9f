"""What one line follows, and how fast its client may speak."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volunteer.live import Frame, Heard, Told

if TYPE_CHECKING:
    from volunteer.api.line import Line

# A board of the whole city leaves thirteen topics and takes thirteen others at one tap.
BURST = 100
FRAMES_PER_SECOND = 2.0


class Following:
    """One topic on one line. ``seq``: the last entry put into the backlog; not ``live`` while it catches up."""

    def __init__(self, line: "Line", topic: str, seq: int) -> None:
        self.line, self.topic, self.seq, self.live = line, topic, seq, False

    def hear(self, heard: Heard, frame: Frame) -> None:
        if self.live and heard.seq == self.seq + 1:
            self.seq = heard.seq
            self.line.tell(self, frame)

    def hear_all(self, told: Told) -> None:
        """All that is new at once, if none of it is known already."""
        if self.live and told.first == self.seq + 1:
            self.seq = told.last
            self.line.tell_all(self, told)
        else:
            for heard, frame in told.each:
                self.hear(heard, frame)

    def stir(self) -> None:
        self.line.stir(self.topic)

    def start_over(self) -> None:
        self.line.renew()


class Guard:
    """Follows the person's own topic for the server's sake: sessions that end, roles that change, and seats, which
    decide whose events one may follow."""

    def __init__(self, line: "Line") -> None:
        self.line = line

    def hear(self, heard: Heard, frame: Frame) -> None:
        noun = heard.kind.partition(".")[0]
        if noun in ("session", "role", "volunteer") or (noun == "assignment" and self.line.follows("event")):
            self.line.asks(self.line)

    def stir(self) -> None:
        """Nothing that rights depend on."""

    def start_over(self) -> None:
        self.line.asks(self.line)


@dataclass(slots=True)
class Bucket:
    """How many frames a client may still send."""

    left: float = BURST
    at: float = 0.0

    def spend(self, clock: float) -> bool:
        self.left = min(BURST, self.left + (clock - self.at) * FRAMES_PER_SECOND)
        self.at = clock
        self.left -= 1
        return self.left >= 0
