"""Service records as a sheet to take away, CSV or XLSX."""

import asyncio
from io import BytesIO
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from volunteer.api import caller
from volunteer.api.http import Day, Struct
from volunteer.api.problem import answer, invalid
from volunteer.api.shapes import STRINGS
from volunteer.days import midnight
from volunteer.errors import Fault, Invalid, Missing
from volunteer.quiet import ZONE
from volunteer.records import printing
from volunteer.spans import Span


class Sheet(Struct):
    """Services that began on these days; ``whose``: one's own, or all that one may read."""

    since: Annotated[Day, Field(alias="from")]
    until: Day
    whose: Literal["mine", "all"] = "all"


_SHEET = TypeAdapter(Sheet)
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def _export(request: Request) -> Response:
    language = caller.spoken(request.headers.get("accept-language", "")) or "zh"
    try:
        act = await caller.act(request)
        language = act.actor.language
        form = request.path_params["form"]
        if form not in _MEDIA:
            raise Missing("page")
        asked = _sheet(request)
        span = Span(midnight(asked.since, ZONE), midnight(asked.until, ZONE, after=1))
        header, rows = await printing.printed(act, span, whose=asked.whose)
        out = BytesIO()
        await asyncio.to_thread(printing.write, out, form, header, rows)
    except Exception as error:  # noqa: BLE001  every error has an answer; the unforeseen is logged there
        return answer(error, language)
    name = f"hours-{asked.since}-{asked.until}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(out.getvalue(), headers=headers, media_type=_MEDIA[form])


def _sheet(request: Request) -> Sheet:
    try:
        asked = _SHEET.validate_strings(dict(request.query_params), context=STRINGS)
    except ValidationError as error:
        raise invalid(error, "query") from error
    if asked.until < asked.since:
        raise Invalid([Fault("until", "不得早于开始日期", "must not lie before the first day")])
    return asked


# Not a door: a browser saves it as a file.
route = Route("/api/records/export.{form:str}", _export, methods=["GET"])
