"""One socket of the live line: who it is, what it follows, what waits to be written. Commands never come this way.

The task of the endpoint reads and catches up. Whatever the socket takes is written at once; what it does not take waits
in the backlog, and one more task writes while something waits there. Nothing else ever waits for the network: the hub
goes on, and a line that cannot keep up is ended or told to start a topic over.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect

from volunteer import live
from volunteer.act import Actor, now
from volunteer.api import frames
from volunteer.api.following import Bucket, Following, Guard
from volunteer.api.frames import Bad, Code, Hello, Inbound, Pong, Sub, Unsub
from volunteer.errors import Missing
from volunteer.live import Backlog, Frame, Heard, Hub, Told, Why

log = logging.getLogger(__name__)

HELLO_SECONDS = 5.0
SEND_SECONDS = 10.0
PING_SECONDS = 25
PING_SPREAD = 5.0
PONG_SECONDS = 20.0
PONG_GRACE = 2.0
# In the scope's extensions, where the server has them. The first takes a frame's bytes now, or says no; to the second
# is given who sees each text first, and keeps it from the application by saying yes.
WIRE, EAR = "citong.wire", "citong.ear"
_PONG = b'{"k":"pong"}'

_numbers = count()


class Line:
    """``secret`` is what the session is asked for again; it is kept in memory only."""

    def __init__(self, socket: WebSocket, hub: Hub, actor: Actor, secret: str) -> None:
        self.socket, self.hub, self.actor, self.secret = socket, hub, actor, secret
        self.name, self.number = uuid4().hex[:12], next(_numbers)
        self.backlog = Backlog()
        offered = socket.scope.get("extensions", {})
        self._wire: Callable[[bytes], bool] = offered.get(WIRE, _no_wire)
        offered.get(EAR, _nothing)(self._ponged)
        self._writing: asyncio.Task[None] | None = None
        self._over = False
        self.following: dict[str, Following] = {}
        self.guard = Guard(self)
        self.ill: tuple[str, ...] = ()
        self._greeted = False
        self.clock = asyncio.get_running_loop().time
        self.recheck_at = 0.0
        self.asks: Callable[[Line], object] = _nothing  # for its rights to be read again, soon
        self._ping_at = self._later()
        self._pong_by: float | None = None
        self._busy = True  # until the first catch-up is done, and during each later one
        self._bucket = Bucket(at=self.clock())
        self._ending: asyncio.Future[Code] = asyncio.get_running_loop().create_future()

    @property
    def own_topic(self) -> str:
        return f"volunteer:{self.actor.id}"

    def follows(self, noun: str) -> bool:
        """Whether a topic of this kind is among those followed."""
        return any(topic.startswith(f"{noun}:") for topic in self.following)

    # ---- the life of a line ----

    async def run(self) -> None:
        """From the client's hello to the end, whoever ends it."""
        reading = asyncio.create_task(self._read())
        try:
            parts: set[asyncio.Future[Any]] = {reading, self._ending}
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._over = True
            self._leave_all()
            tasks = [task for task in (reading, self._writing) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._close(reading)

    def end(self, code: Code) -> None:
        """Close with ``code``, soon; the first cause wins."""
        if not self._ending.done():
            self._ending.set_result(code)

    async def _close(self, reading: "asyncio.Task[None]") -> None:
        self.end(_cause(reading) or Code.SLOW)
        try:
            async with asyncio.timeout(1):
                await self.socket.close(self._ending.result())
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return  # the peer is gone or reads nothing: the kernel's TCP_USER_TIMEOUT ends the connection

    # ---- reading ----

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await self._next()
        except TimeoutError:
            raise Bad(Code.LATE_HELLO, "no hello in time") from None
        if not isinstance(first, Hello):
            raise Bad(Code.PROTOCOL, "the first frame is a hello")
        await self._greet(first)
        while True:
            self._busy = False
            if self._pong_by is not None:  # it may lie unread behind what kept us busy
                self._pong_by = max(self._pong_by, self.clock() + PONG_GRACE)
            said = await self._next()
            self._busy = True
            await self._obey(said)

    async def _next(self) -> Inbound | None:
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        if not self._bucket.spend(self.clock()):
            raise Bad(Code.TOO_MANY, "too many frames")
        text = message.get("text")
        if text is None:
            raise Bad(Code.PROTOCOL, "frames are text")
        return frames.read(text)

    def _ponged(self, said: bytes) -> bool:
        """An answer to a ping, heard where it arrives: thousands of silent lines say nothing else."""
        if said != _PONG or not self._greeted or not self._bucket.spend(self.clock()):
            return False
        self._pong_by = None
        return True

    async def _obey(self, said: Inbound | None) -> None:
        match said:
            case Pong():
                self._pong_by = None
            case Sub():
                await self._subscribe(said)
            case Unsub():
                self._drop(said.topic)
                self._say(frames.ok(said.request))
            case Hello():
                raise Bad(Code.PROTOCOL, "one hello a line")
            case None:
                return

    async def _greet(self, said: Hello) -> None:
        """Every topic is registered before its head is read, in one query; then each is caught up. Rights are read
        again once somebody guards them: they may have ended before."""
        async with self.hub.admission:
            await self.hub.join({self.own_topic: self.guard})
            self.asks(self)
            allowed = await self._allowed(list(said.since))
            epoch = await self._epoch(said.epoch if said.since else None)
            wanted = {topic: Following(self, topic, said.since[topic]) for topic in allowed}
            self.following.update(wanted)
            heads = await self.hub.join(wanted, said.since if epoch == said.epoch else None)
        self._say(frames.hello(self.hub.epoch, self.name, PING_SECONDS, live.instant(now())))
        self._greeted = True
        if self.ill:
            self.health(self.ill)
        for topic in said.since:
            if topic not in wanted:
                self._say(frames.reset(topic, "rights"))
        for topic, following in wanted.items():
            await self._continue(following, heads[topic], None if epoch == said.epoch else "epoch")

    async def _subscribe(self, said: Sub) -> None:
        if said.topic not in self.following and len(self.following) >= frames.MOST_TOPICS:
            raise Bad(Code.TOO_MANY, f"at most {frames.MOST_TOPICS} topics on one line")
        if not await self._allowed([said.topic]):
            self._drop(said.topic)
            self._say(frames.err(said.request, 404))
            return
        same = said.epoch is None or await self._epoch(said.epoch) == said.epoch
        self._drop(said.topic)
        self.backlog.drop(said.topic)  # all of it comes again
        following = Following(self, said.topic, said.seq)
        self.following[said.topic] = following
        heads = await self.hub.join({said.topic: following}, {said.topic: said.seq} if same else None)
        self._say(frames.ok(said.request))
        await self._continue(following, heads[said.topic], None if same else "epoch")

    async def _allowed(self, topics: list[str], *, known: bool = False) -> list[str]:
        found = []
        for topic in topics:
            try:
                await live.require(self.actor, topic, known=known or self.hub.follows(topic))
            except Missing:
                continue
            found.append(topic)
        return found

    async def _epoch(self, theirs: str | None) -> str:
        """Ours; asked of the database again when the client knows another one, since ours may be a second old."""
        return self.hub.epoch if theirs in (None, self.hub.epoch) else await self.hub.current()

    # ---- catching up ----

    async def _continue(self, following: Following, head: int, why: Why | None) -> None:
        topic = following.topic
        if why is None and following.seq != head:
            async with self.hub.admission:
                why = await live.reset(topic, following.seq, head)
        while why is None and self._follows(following) and following.seq < max(head, self.hub.position(topic)):
            entries = await self.hub.past(topic, following.seq)
            await self._queue(following, entries)
            why = None if entries else "old"
        if not self._follows(following):
            return
        if why is not None:
            self._start_over(following, why, head)
        else:
            following.live = True
            self._say(frames.live(topic, following.seq))

    async def _queue(self, following: Following, entries: list[Heard]) -> None:
        for text in frames.batches(following.topic, [heard.item for heard in entries]):
            await self.backlog.room()
            if not self._follows(following):
                return
            self._keep(Frame.of(text, following.topic), force=True)
        if entries:
            following.seq = entries[-1].seq

    def _follows(self, following: Following) -> bool:
        return self.following.get(following.topic) is following

    # ---- what the hub and the keeper do to it; none of it waits ----

    def tell(self, following: Following, frame: Frame) -> None:
        """Queue an entry. A line that has fallen too far behind ends when the entry is personal; a board, whose view is
        one read away, only starts over."""
        if self._put(frame):
            return
        if following.topic.startswith("region:"):
            self._start_over(following, "slow", self.hub.position(following.topic))
        else:
            self.end(Code.SLOW)

    def tell_all(self, following: Following, told: Told) -> None:
        """As :meth:`tell` for each, at once where the socket takes it."""
        if self._writing is None and self._wire(told.wire):
            return
        for _, frame in told.each:
            if following.live:
                self.tell(following, frame)

    def stir(self, topic: str) -> None:
        """Say that it is time to look; a line that is behind has better things to read."""
        self._put(Frame.of(frames.here(topic), topic))

    def renew(self) -> None:
        """A new epoch: say so once, and start every topic over."""
        if not self.following:
            return
        self._say(frames.hello(self.hub.epoch, self.name, PING_SECONDS, live.instant(now())))
        for following in tuple(self.following.values()):
            self._start_over(following, "epoch")

    async def recheck(self, actor: Actor | None) -> None:
        """What the session and its roles are now: end, or stop what is no longer theirs."""
        if actor is None or actor.id != self.actor.id:
            self.end(Code.SESSION_ENDED)
            return
        self.actor = actor
        allowed = await self._allowed(list(self.following), known=True)
        for following in tuple(self.following.values()):
            if following.topic not in allowed:
                self._start_over(following, "rights")

    def beat(self, clock: float) -> float:
        """Ping when it is time; end when the answer to the last one is overdue. When to look again."""
        if self._busy:
            return clock
        if self._pong_by is not None:
            if clock > self._pong_by:
                self.end(Code.NO_PONG)
            return self._pong_by
        if clock <= self._ping_at:
            return self._ping_at
        self._ping_at, self._pong_by = self._later(), clock + PONG_SECONDS
        self._say(frames.ping({f.topic: self.hub.told(f.topic) for f in self.following.values() if f.live}))
        return min(self._ping_at, self._pong_by)

    def health(self, ill: tuple[str, ...]) -> None:
        """What does not work: for those who look after others. Before the hello it only waits for it."""
        self.ill = ill
        if self._greeted and self.actor.grants:
            self._say(frames.health(ill))

    def farewell(self, spread: int) -> None:
        self._say(frames.bye(spread))

    def _start_over(self, following: Following, why: Why, head: int | None = None) -> None:
        self._drop(following.topic)
        self.backlog.drop(following.topic)
        self._say(frames.reset(following.topic, why, head))

    def _drop(self, topic: str) -> None:
        following = self.following.pop(topic, None)
        if following is not None:
            following.live = False  # the hub may be telling others just now
            self.hub.leave(topic, following)

    def _leave_all(self) -> None:
        for topic in tuple(self.following):
            self._drop(topic)
        self.hub.leave(self.own_topic, self.guard)

    def _say(self, text: str) -> None:
        self._put(Frame.of(text), force=True)

    def _later(self) -> float:
        return self.clock() + random.uniform(PING_SECONDS - PING_SPREAD, PING_SECONDS + PING_SPREAD)

    # ---- writing ----

    def _put(self, frame: Frame, *, force: bool = False) -> bool:
        """Write it now, or behind what waits already; ``False`` when the backlog has no room for it."""
        return self._over or (self._writing is None and self._wire(frame.wire)) or self._keep(frame, force=force)

    def _keep(self, frame: Frame, *, force: bool = False) -> bool:
        """Write it when the socket takes it, as :meth:`_put` does what it did not take."""
        kept = self.backlog.put(frame, force=force)
        if kept and self._writing is None:
            self._writing = asyncio.create_task(self._write())
            self._writing.add_done_callback(self._written)
        return kept

    async def _write(self) -> None:
        """Until nothing waits."""
        while len(self.backlog):
            frame = await self.backlog.take()
            async with asyncio.timeout(SEND_SECONDS):
                await self.socket.send_text(frame.text)
        self._writing = None

    def _written(self, writing: "asyncio.Task[None]") -> None:
        if not writing.cancelled() and writing.exception() is not None:
            self.end(_cause(writing) or Code.SLOW)


def _nothing(_: Line) -> None:
    return None


def _no_wire(_: bytes) -> bool:
    return False


def _cause(task: "asyncio.Task[None]") -> Code | None:
    """Why a half of the line ended by itself; ``None`` when it was only stopped or the peer left."""
    if task.cancelled():
        return None
    match task.exception():
        case None | WebSocketDisconnect():
            return None
        case Bad() as bad:
            return bad.code
        case TimeoutError():
            return Code.SLOW
        case error:
            log.warning("a live line broke", extra={"error": type(error).__name__})
            return Code.RESTART
