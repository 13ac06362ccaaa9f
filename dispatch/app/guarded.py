"""HTTP/1.1 with limits on what comes before the body: how much it may be, and how long it may take.

A proxy has such limits; whoever runs without one is not to be brought down by a stranger with a slow or endless header.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 32_768  # cookies and tokens of ours take less than a thousand
HEAD_SECONDS = 15.0

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nconnection: close\r\n\r\nThe header is above the limit.\n"[:-1]
)


class Guarded(HttpToolsProtocol):
    """While a head is being read, its bytes are counted and its time runs."""

    _read = 0
    _heading = True
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._heading:
            self._read += len(data)
        super().data_received(data)
        if self._heading and self._read > HEAD_BYTES:
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._heading:  # the next request of a line that was kept
            self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refuse()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():  # a refused head has no request that its body could belong to
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.transport.is_closing():
            super().on_message_complete()

    def _begin(self) -> None:
        self._read, self._heading = 0, True
        self._patience = self.loop.call_later(HEAD_SECONDS, self._late)

    def _end(self) -> None:
        self._heading = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()
