"""The one door to addresses that are not ours: a request is sent to where its name pointed when it was judged.

A name is resolved once and the connection goes to that very address, so that a name which points elsewhere a moment
later leads nowhere. Only addresses of the public internet are spoken to; the operator may allow named hosts besides.
Redirects are not followed, and no more is read than a short answer.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 5.0
ANSWER_BYTES = 65_536
_V4_IN_V6 = ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
_CARRIERS = [ipaddress.ip_network(block) for block in _V4_IN_V6]


class Barred(Exception):
    """This address is not spoken to. The text never repeats it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart and judged; ``address`` is where the connection goes."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def public(address: str) -> bool:
    """An address that anybody on the internet may have: no loopback, private, link-local, shared, reserved or multicast
    one, nor one of those dressed up as IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if inner:
            return public(str(inner))
        if any(found in block for block in _CARRIERS) or found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


async def judged(url: str, allow: Collection[str] = ()) -> Target:
    """Where this URL leads. ``allow``: ``host`` or ``host:port`` that need not be public. :class:`Barred` for another
    scheme, a name and password in it, a host that leads to any address that is not public; :class:`OSError` when
    there is no such host."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise Barred("not a URL") from error
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Barred("not a web address")
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise Barred("a name or password in the address")
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Barred("not a host") from error
    addresses = [str(info[4][0]) for info in found]
    if not {host, f"{host}:{port}"} & set(allow) and not (addresses and all(map(public, addresses))):
        raise Barred("the host is not on the public internet")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


async def post(url: str, body: bytes, headers: Mapping[str, str], *, allow: Collection[str] = ()) -> Answer:
    """Send this and read a short answer, all within five seconds. :class:`Barred`, :class:`OSError`,
    :class:`TimeoutError`; :class:`ConnectionError` for what is not an answer."""
    async with asyncio.timeout(SECONDS):
        target = await judged(url, allow)
        secure = ssl.create_default_context() if target.scheme == "https" else None
        reader, writer = await asyncio.open_connection(
            target.address, target.port, ssl=secure, server_hostname=target.host if secure else None, limit=ANSWER_BYTES
        )
        try:
            writer.write(_head(target, body, headers) + body)
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.close()


def _head(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    name = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.scheme == "https" else 80)
    lines = {"Host": name if usual else f"{name}:{target.port}", "Content-Length": str(len(body))}
    lines |= {"Connection": "close", "User-Agent": "citong", **headers}
    if any(sign in text for pair in lines.items() for text in pair for sign in "\r\n"):
        raise Barred("a line break in a header")
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    try:
        line = await reader.readline()
    except ValueError as error:  # a line beyond the limit
        raise ConnectionError("not an answer") from error
    words = line.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("not an answer")
    rest = bytearray()
    while len(rest) < ANSWER_BYTES and (chunk := await reader.read(ANSWER_BYTES - len(rest))):
        rest += chunk
        if _whole(rest):
            break
    return Answer(int(words[1]), bytes(rest).partition(b"\r\n\r\n")[2])


def _whole(rest: bytearray) -> bool:
    """As much as the answer's own length promised has come."""
    head, end, body = bytes(rest).partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value)
    return False
