"""The doors of signing in and out."""

from typing import Annotated, Literal

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from volunteer import people, signin
from volunteer.act import Act
from volunteer.api import caller
from volunteer.api.http import Reply, Struct, Text, View, door
from volunteer.api.people import Me, me_view
from volunteer.errors import Reason, Refused

Email = Annotated[
    str, Text(3, 254, r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}$")
]
Token = Annotated[str, Text(20, 100, r"^[A-Za-z0-9_-]+$")]


class AskCode(Struct):
    email: Email
    face: Literal["phone", "desk", "board"] = "phone"


class Sent(View):
    """The same for every address, known or not."""

    sent: Literal[True] = True
    seconds: int


class Exchange(Struct):
    """``email`` and ``code``, or ``token`` alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["email", "code"], "not": {"required": ["token"]}},
                {"required": ["token"], "properties": {"email": False, "code": False}},
            ]
        }
    )

    email: Email = ""
    code: Annotated[str, Text(6, 6, "^[0-9]{6}$")] = ""
    token: Token = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Exchange":
        if self.model_fields_set not in ({"email", "code"}, {"token"}):
            raise PydanticCustomError("exchange", "email and code, or token")
        return self


class Welcome(View):
    me: Me


@door("POST", "/api/signin/code", summary="Ask for a code by mail", status=202, public=True, keyed=False, limited=True)
async def send_code(act: Act, body: AskCode, request: Request) -> Sent:
    await signin.ask(act, body.email, face=body.face, address=_address(request))
    return Sent(seconds=caller.settings(request).code_minutes * 60)


@door(
    "POST", "/api/signin/exchange", summary="Begin a session", public=True, keyed=False, limited=True, gone=True
)  # fmt: skip
async def exchange_code(act: Act, body: Exchange, request: Request) -> Reply[Welcome]:
    settings = caller.settings(request)
    if body.token:
        opened = await signin.by_token(act, body.token, days=settings.session_days)
    else:
        opened = await signin.by_code(act, body.email, body.code, address=_address(request), days=settings.session_days)
    actor = await people.actor(opened.secret, act.at)
    if actor is None:
        raise Refused([Reason("dead_link")], gone=True)
    cookie = caller.cookie(settings, opened.secret, seconds=settings.session_days * 86_400)
    return Reply(Welcome(me=await me_view(actor)), {"Set-Cookie": cookie})


@door("POST", "/api/signout", summary="End this session", public=True)
async def sign_out(act: Act, request: Request) -> Reply[None]:
    await signin.end(act)
    return Reply(None, {"Set-Cookie": caller.cookie(caller.settings(request), "", seconds=0)})


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
