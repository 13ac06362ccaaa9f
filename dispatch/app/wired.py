"""The sockets of the live line, with a way to write to many of them that costs each little.

What an ASGI server does to send a frame (a message, its framing, two buffers) is done once for all who get the same
bytes; what is left for each is to hand them to the kernel.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from volunteer.api.line import EAR, WIRE


class Wired(WebSocketsSansIOProtocol):
    """Offers :meth:`put` and :meth:`lend` to the application, in the scope."""

    transport: asyncio.Transport
    _ear: Callable[[bytes], bool] | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # else there is no upgrade, and nobody is asked
            offered = cast("dict[str, object]", self.scope["extensions"])
            offered[WIRE], offered[EAR] = self.put, self.lend

    def lend(self, ear: Callable[[bytes], bool]) -> None:
        """From now on each text is shown to ``ear`` first; what it says yes to costs no turn of the application."""
        self._ear = ear

    def handle_text(self, event: Frame) -> None:
        if self._ear is None or not event.fin or not self._ear(bytes(event.data)):
            super().handle_text(event)

    async def send(self, message: ASGISendEvent) -> None:
        """As the server's own, which logs a refusal before the upgrade as an error of ours."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def put(self, framed: bytes) -> bool:
        """Write whole frames, now; ``False`` when the peer has not taken what was written before, and when the line is
        closing or not open yet. Nothing is kept then."""
        if not self.writable.is_set() or self.close_sent or not self.handshake_complete:
            return False
        if self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        self.transport.write(framed)
        return True
