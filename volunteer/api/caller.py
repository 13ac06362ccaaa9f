"""From a request to an :class:`Act`: who calls, in which language, and whether the page that calls is ours."""

from urllib.parse import urlsplit

from starlette.requests import Request

from volunteer import people
from volunteer.act import Act, Actor, Language, now
from volunteer.api.problem import ProtocolError
from volunteer.live import Gathered
from volunteer.settings import Settings

COOKIE = "citong_session"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def settings(request: Request) -> Settings:
    """The settings that the application was composed with (``app.state.settings``)."""
    found = request.app.state.settings
    assert isinstance(found, Settings)
    return found


async def act(request: Request) -> Act:
    """The act of this request: its clock is read here, once. A secret that names no live session makes nobody: an
    ``Authorization`` header is believed alone, the cookie is not asked then."""
    at = now()
    secret = _bearer(request)
    if secret is None:
        _own_page(request)
        secret = request.cookies.get(COOKIE)
    actor = (await _known(request)([secret])).get(secret) if secret else None
    asked = spoken(request.headers.get("accept-language", ""))
    known = actor or Actor(id=None)
    return Act(Actor(known.id, known.grants, known.session, asked or known.language), at)


def _known(request: Request) -> Gathered[str, Actor]:
    """Who holds which secret, as it is now; a crowd that calls at once is asked for together."""
    state = request.app.state
    if not hasattr(state, "known"):
        state.known = Gathered(lambda secrets: people.actors(secrets, now()))
    known: Gathered[str, Actor] = state.known
    return known


def _bearer(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _own_page(request: Request) -> None:
    """A write from a browser must come from a page of ours. With the session's cookie the browser must say so; without
    one, what it says must not be another site (nobody is signed in by a stranger's page)."""
    if request.method not in WRITES:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if (site is not None and site != "same-origin") or (origin is not None and not _ours(request, origin)):
        raise ProtocolError("cross_site")
    if COOKIE in request.cookies and site is None and origin is None:
        raise ProtocolError("cross_site")


def _ours(request: Request, origin: str) -> bool:
    if origin == _origin(settings(request).public_url):
        return True
    # A proxy may speak TLS for us, so the host alone is compared; cookies do not part schemes either.
    host = request.headers.get("host", "")
    return bool(host) and urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc == host


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def spoken(header: str) -> Language | None:
    """The better liked of our two languages in an ``Accept-Language`` header, if it names one."""
    best: tuple[float, Language] | None = None
    for part in header.split(",")[:20]:
        tag, _, weight = part.partition(";")
        language = _LANGUAGES.get(tag.strip().lower().split("-")[0])
        liking = _liking(weight)
        if language is not None and liking > 0 and (best is None or liking > best[0]):
            best = (liking, language)
    return best[1] if best else None


def _liking(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


def cookie(settings: Settings, secret: str, *, seconds: int) -> str:
    """The session's cookie for a ``Set-Cookie`` header: out of scripts' reach, never sent by other sites' forms."""
    secure = "; Secure" if settings.public_url.startswith("https:") else ""
    return f"{COOKIE}={secret}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
