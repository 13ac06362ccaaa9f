"""A topic as one process has it: how far it grew, how far it was told, and who is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from volunteer.live.backlog import Frame
from volunteer.live.window import Heard, Told


class Follower(Protocol):
    """Somebody who follows a topic. All are called from the hub and return at once. Who has ``hear_all`` is told all
    that is new at once by that; the others hear one entry after the other."""

    def hear(self, heard: Heard, frame: Frame) -> None:
        """The next entry of the topic, and the frame that all sockets send for it."""

    def stir(self) -> None:
        """Something about the topic changed that is no entry: a reason to look, if anybody cares."""

    def start_over(self) -> None:
        """The numbers so far mean nothing any more (a new epoch)."""


Hear = Callable[[Told], None]


@dataclass(slots=True)
class Channel:
    """``position``: the last entry handed out (``None``: nobody was handed any), ``told`` the last that all followers
    were; ``known``: how far the topic grew; ``rests``: until when."""

    position: int | None = None
    told: int = 0
    known: int = 0
    rests: float = 0.0
    followers: dict[Follower, Hear] = field(default_factory=dict)
    waiters: set["asyncio.Future[None]"] = field(default_factory=set)

    def behind(self) -> bool:
        return self.position is not None and self.known > self.position


def hearing(follower: Follower) -> Hear:
    """How it is told."""
    whole: Hear | None = getattr(follower, "hear_all", None)
    if whole is not None:
        return whole

    def one_by_one(told: Told) -> None:
        for heard, frame in told.each:
            follower.hear(heard, frame)

    return one_by_one


def wake(channel: Channel) -> None:
    for waiter in channel.waiters:
        if not waiter.done():
            waiter.set_result(None)
