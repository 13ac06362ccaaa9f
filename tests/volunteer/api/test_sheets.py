"""The sheet of hours: what the rules name, for whoever may read it, without live formulas."""

from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from tests.volunteer.offices import Office
from volunteer import signin, tables
from volunteer.act import system
from volunteer.api import sheets
from volunteer.models import ServiceRecord, Volunteer
from volunteer.quiet import ZONE
from volunteer.settings import Settings


async def client(office: Office, key: str = "") -> httpx2.AsyncClient:
    app = Starlette(routes=[sheets.route])
    app.state.settings = Settings(public_url="http://citong.test")
    headers = {"accept-language": "en"}
    if key:
        await Volunteer.filter(id=office.people[key]).update(email=f"{key}@citong.test")
        headers["authorization"] = f"Bearer {await signin.token(system(), f'{key}@citong.test')}"
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://citong.test", headers=headers)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_sheet_holds_what_one_may_read(office: Office, tmp_path: Path, form: str) -> None:
    record = await office.served(came=20)
    await office.served("other")
    await ServiceRecord.filter(id=record.id).update(title="=1+1")
    day = record.plan_from.astimezone(ZONE).date()
    path = f"/api/records/export.{form}?from={day}&until={day}"
    lines: dict[str, list[list[str]]] = {}
    for key, query in (("organiser", ""), ("volunteer", ""), ("stranger", ""), ("recorder", "&whose=mine")):
        answer = await (await client(office, key)).get(path + query)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
        file = tmp_path / f"{key}.{form}"
        file.write_bytes(answer.content)
        lines[key] = [cells for _, cells in tables.read(file)]
    header = lines["organiser"][0]
    assert {"event", "name", "hours", "organisation", "recorded by"} <= set(header)
    rows = [dict(zip(header, [*line, *[""] * len(header)], strict=False)) for line in lines["organiser"][1:]]
    assert {(row["name"], float(row["hours"])) for row in rows} == {("陈volunteer", 1.5), ("陈other", 2.0)}
    assert [len(lines[key]) - 1 for key in ("organiser", "volunteer", "stranger", "recorder")] == [2, 1, 0, 0]
    if form == "csv":
        assert b"'=1+1" in (tmp_path / "organiser.csv").read_bytes()


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        ("", "csv?from=2026-03-01&until=2026-03-02", 401),
        ("organiser", "csv?from=2026-03-02&until=2026-03-01", 422),
        ("organiser", "csv?from=2026-02-30&until=2026-03-01", 422),
        ("organiser", "csv", 422),
        ("organiser", "exe?from=2026-03-01&until=2026-03-02", 404),
        ("organiser", "csv?from=2026-03-01&until=2026-03-02&whose=yours", 422),
    ],
)
async def test_what_cannot_be_asked_is_told(office: Office, key: str, path: str, status: int) -> None:
    answer = await (await client(office, key)).get(f"/api/records/export.{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
