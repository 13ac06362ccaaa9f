"""The built faces: four pages and their assets, read once, packed once, served from memory."""

import gzip
import hashlib
import logging
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

log = logging.getLogger(__name__)

NAMES = ("phone", "desk", "board")
FRONT = ("", "notice")  # the front page, and the public notice of hours, which it draws too
# An editable install serves what the checkout built, a wheel what it carries.
PLACES = (Path(__file__).parents[2] / "frontend" / "dist", Path(__file__).parents[1] / "web")

_HASHED = re.compile(r"^assets/.+-[\w-]{8}\.\w+$")
_PACKED = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_DAY = "public, max-age=86400"
_ASK = "no-cache"
_MISSING = "The front end is not built. Run: make frontend (or install the wheel, which carries it).\n"

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")


class _NoDoor(StringConvertor):
    """Any path but the interface's: what is wrong there is for the doors to say."""

    regex = r"(?!api(/|$)).*"


register_url_convertor("page", _NoDoor())


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    packed: bytes | None
    headers: Mapping[str, str]

    def answer(self, request: Request) -> Response:
        if request.headers.get("if-none-match") == self.headers["ETag"]:
            return Response(status_code=304, headers=self.headers)
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(self.body, headers=self.headers)


class Faces:
    """``/`` and, for each face, every path below it that names no file: its page. Only files that were there when the
    program began are ever served, so no path leads out of the folder."""

    def __init__(self, folder: Path | None = None) -> None:
        found = folder or next((place for place in PLACES if (place / "index.html").is_file()), None)
        self.files = {} if found is None else dict(_read(found))
        if not self.files:
            log.warning("the front end is not built; only the interface is served")

    def routes(self) -> list[Route]:
        return [Route("/{path:page}", self.answer, name="faces")]

    async def answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        if not self.files:
            return PlainTextResponse(_MISSING, 404 if path.startswith("assets/") else 503)
        if path in NAMES:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/{path}/{query}", 308)
        file = self.files.get("index.html" if path in FRONT else path) or self._page(path)
        return file.answer(request) if file else PlainTextResponse("Not found\n", 404)

    def _page(self, path: str) -> File | None:
        face, below, rest = path.partition("/")
        if face not in NAMES or not below or "." in rest.rpartition("/")[2]:
            return None
        return self.files.get(f"{face}.html")


def _read(folder: Path) -> list[tuple[str, File]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    return [(name, _file(name, path.read_bytes())) for name, path in zip(names, paths, strict=True) if name[0] != "."]


def _file(name: str, body: bytes) -> File:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    cache = _FOR_EVER if _HASHED.match(name) else _FOR_A_DAY if name.startswith("assets/") else _ASK
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": cache,
    }
    packed = gzip.compress(body, 9, mtime=0) if len(body) > 1000 and kind.startswith(_PACKED) else None
    return File(body, packed, headers)
