"""The live line: the journal, read as it grows. One log, two ways to read it: the socket and the long poll.

Nothing is remembered per connection. A follower names a topic and the last number it has; everything after that number
comes once, in order, or it is told to start over from a fresh view.
"""

from volunteer.live.backlog import Backlog, Frame
from volunteer.live.bell import ringing
from volunteer.live.channels import Follower
from volunteer.live.gathered import Gathered
from volunteer.live.hub import Hub
from volunteer.live.topics import require, resolvers
from volunteer.live.window import BATCH, Heard, Told, Why, instant, past, reset

__all__ = [
    "BATCH", "Backlog", "Follower", "Frame", "Gathered", "Heard", "Hub", "Told", "Why", "instant", "past", "require",
    "reset", "resolvers", "ringing",
]  # fmt: skip
