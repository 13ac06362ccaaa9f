"""The endpoint layer at a few doors of its own: shapes, limits, languages, rights, errors."""

import asyncio
import sys
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from volunteer import journal
from volunteer.act import Act
from volunteer.api.http import ById, Day, Instant, Reply, Struct, Text, View, Whole, door
from volunteer.errors import Forbidden, Missing, Reason, Refused

SECRET = "secret " + "words"


class Span(Struct):
    days: Annotated[int, Whole(1, 14)] = 7
    first: Day | None = None
    loud: bool = False
    colour: Literal["red", "blue"] | None = None


class Order(Struct):
    title: Annotated[str, Text(1, 10)]
    count: Annotated[int, Whole(0, 100)] = 1
    at: Instant | None = None
    sizes: tuple[Annotated[int, Whole(0, 9)], ...] = ()


class Echo(View):
    said: dict[str, Any]


@door("GET", "/t/spans/{id}", summary="Spans", public=True)
async def read_span(path: ById, query: Span) -> Echo:
    return Echo(said=query.model_dump(mode="json") | {"id": str(path.id)})


@door("GET", "/t/me", summary="Who")
async def read_who(act: Act) -> Echo:
    return Echo(said={"id": str(act.actor.id), "language": act.actor.language})


@door("PUT", "/t/spans/{id}", summary="Order")
async def write_span(path: ById, body: Order) -> Echo:
    return Echo(said=body.model_dump(mode="json"))


async def _instead(act: Act, path: ById) -> Echo | None:
    return Echo(said={"try": str(path.id)})


@door("POST", "/t/fail/{id}", summary="Fail as told", gone=True, instead=_instead)
async def fail(act: Act, path: ById, body: Order) -> Echo:
    match body.title:
        case "missing":
            raise Missing("region")
        case "forbidden":
            raise Forbidden("t.fail")
        case "refused":
            raise Refused([Reason("email_taken"), Reason("strange", {"n": 3})])
        case "gone":
            raise Refused([Reason("dead_link")], gone=True)
        case "too_many":
            raise Refused([Reason("too_many", {"seconds": 42})])
        case "away":
            raise ConnectionResetError(SECRET)
    raise RuntimeError(SECRET)


@door("DELETE", "/t/spans/{id}", summary="Nothing left")
async def drop_span(path: ById) -> None:
    return None


HERE = [sys.modules[__name__]]
THING = f"/t/spans/{uuid4()}"
KEY = {"Idempotency-Key": "k-1"}


@pytest_asyncio.fixture
async def client(clients: Any, town: None) -> Any:
    async with clients(HERE) as open_:
        yield open_


@pytest_asyncio.fixture
async def me(person: Any) -> dict[str, str]:
    return (await person()).headers


async def test_values_of_path_and_query(client: Any) -> None:
    said = (await client.get(f"{THING}?days=3&first=2028-02-29&loud=true&colour=red")).json()["said"]
    assert said == {"days": 3, "first": "2028-02-29", "loud": True, "colour": "red", "id": THING[-36:]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("days=0", "days"), ("days=15", "days"), ("days=3.5", "days"), ("days=%2B3", "days"), ("days=٣", "days"),
        ("days=", "days"), ("days=1e1", "days"), ("first=1700000000", "first"), ("first=2027-02-29", "first"),
        ("first=1999-12-31", "first"), ("colour=green", "colour"), ("loud=maybe", "loud"), ("other=1", "other"),
        ("days=3&days=4", "days"), ("colour=red%00", "colour"),
    ],
)  # fmt: skip
async def test_a_wrong_query_is_422_and_names_its_field(client: Any, query: str, field: str) -> None:
    answer = await client.get(f"{THING}?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert field in [fault["field"] for fault in problem["faults"]]


async def test_all_faults_of_all_parts_come_at_once(client: Any, me: dict[str, str]) -> None:
    answer = await client.put("/t/spans/7?q=1", headers=me | KEY, json={"count": "3", "more": 1})
    assert sorted(fault["field"] for fault in answer.json()["faults"]) == ["count", "id", "more", "q", "title"]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"title":"a","count":42.0}', {"count": 42}),
        ('{"title":"a","sizes":[1.0,2]}', {"sizes": [1, 2]}),
        ('{"title":"a","at":"2026-03-01T09:00:00+08:00"}', {"at": "2026-03-01T01:00:00Z"}),
    ],
)
async def test_values_of_a_body(client: Any, me: dict[str, str], body: str, kept: dict[str, Any]) -> None:
    headers = me | KEY | {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await client.put(THING, headers=headers, content=body)
    assert answer.status_code == 200
    assert answer.json()["said"].items() >= kept.items()


@pytest.mark.parametrize(
    "body",
    [
        *["[]", "{", "", "null", '{"title":""}', '{"title":7}', '{"title":"12345678901"}', '{"title":"a","x":1}'],
        *['{"title":"a\\u0000"}', '{"title":"\\ud800"}', '{"title":' + "[" * 100_000],
        *[f'{{"title":"a","count":{n}}}' for n in ('"42"', "true", "1.5", "-1", "9" * 20, "null", "1e400")],
        *[f'{{"title":"a","at":{at}}}' for at in ("1700000000", '"2026-03-01T09:00:00"', '"2026-02-30T09:00:00Z"')],
        '{"title":"a","sizes":["1"]}',
    ],
)
async def test_a_wrong_body_is_422(client: Any, me: dict[str, str], body: str) -> None:
    answer = await client.put(THING, headers=me | KEY | {"Content-Type": "application/json"}, content=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["faults"]


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
async def test_only_json_is_read(client: Any, me: dict[str, str], media: str) -> None:
    answer = await client.put(THING, headers=me | KEY | {"Content-Type": media}, content='{"title":"a"}')
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported")


async def test_a_body_above_the_limit_is_413_however_it_comes(client: Any, me: dict[str, str], settings: Any) -> None:
    async def pieces() -> Any:
        for _ in range(settings.body_limit // 50_000 + 1):
            yield b" " * 50_000

    headers = me | KEY | {"Content-Type": "application/json"}
    for content in (b" " * (settings.body_limit + 1), pieces()):
        answer = await client.put(THING, headers=headers, content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_door_without_body_takes_none(client: Any, me: dict[str, str]) -> None:
    assert (await client.delete(THING, headers=me | KEY)).status_code == 204
    headers = me | KEY | {"Content-Type": "application/json"}
    assert (await client.request("DELETE", THING, headers=headers, content="{}")).status_code == 422  # the key was used
    headers |= {"Idempotency-Key": "k-2"}
    assert (await client.request("DELETE", THING, headers=headers, content="{}")).status_code == 204
    headers |= {"Idempotency-Key": "k-3"}
    assert (await client.request("DELETE", THING, headers=headers, content='{"a":1}')).status_code == 422


@pytest.mark.parametrize("key", [None, "", "a b", "k\tk", "x" * 256])
async def test_a_write_needs_a_key(client: Any, me: dict[str, str], key: str | None) -> None:
    headers = me | ({} if key is None else {"Idempotency-Key": key})
    answer = await client.put(THING, headers=headers, json={"title": "a"})
    assert (answer.status_code, answer.json()["code"]) == (400, "key_missing")


async def test_nobody_is_401_before_anything_is_read(client: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eA=="}):
        answer = await client.put("/t/spans/7", headers=headers, content="{")
        assert (answer.status_code, answer.json()["code"]) == (401, "anonymous")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("title", "status", "code"),
    [
        ("missing", 404, "missing"),
        ("forbidden", 403, "forbidden"),
        ("refused", 409, "refused"),
        ("gone", 410, "dead_link"),
        ("too_many", 429, "too_many"),
        ("away", 503, "busy"),
        ("other", 500, "broken"),
    ],
)
async def test_each_error_has_its_answer(
    client: Any, me: dict[str, str], title: str, status: int, code: str, caplog: Any
) -> None:
    answer = await client.post(f"/t/fail/{uuid4()}", headers=me | KEY, json={"title": title})
    assert answer.status_code == status
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["title"]
    assert problem["detail"]
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    if title in ("too_many", "away"):
        assert int(answer.headers["retry-after"]) in (42, 2)
    if title == "other":
        assert problem["detail"].split()[1].strip("。您的操作尚未生效") in caplog.text


async def test_a_refusal_tells_every_reason_in_words_and_what_is_open_instead(client: Any, me: dict[str, str]) -> None:
    thing = str(uuid4())
    asked = {"headers": me | KEY | {"Accept-Language": "en"}, "json": {"title": "refused"}}
    problem = (await client.post(f"/t/fail/{thing}", **asked)).json()
    assert problem["reasons"][0]["text"] == "the address belongs to another person"
    assert problem["reasons"][0]["remedy"]
    assert problem["reasons"][1] == {"rule": "strange", "data": {"n": 3}, "text": "strange", "remedy": ""}
    assert problem["next"] == {"said": {"try": thing}}


async def test_the_language_is_asked_for_or_known(client: Any, person: Any) -> None:
    english = (await person(language="en")).headers
    assert (await client.get("/t/me", headers=english)).json()["said"]["language"] == "en"
    header = {"Accept-Language": "fr, en;q=0.4, zh-CN;q=0.8"}
    assert (await client.get("/t/me", headers=english | header)).json()["said"]["language"] == "zh"
    assert (await client.get("/t/me")).json()["title"] == "请先登录"
    assert (await client.get("/t/me", headers={"Accept-Language": "en-GB"})).json()["title"] == "Not signed in"


async def test_unknown_paths_and_methods_are_problems_too(client: Any) -> None:
    answer = await client.get("/t/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "missing")
    answer = await client.post(THING)
    assert (answer.status_code, answer.json()["code"]) == (405, "not_allowed")
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "PUT", "DELETE"}


async def test_every_answer_carries_the_security_headers(client: Any) -> None:
    for path in (THING, "/t/nowhere", "/t/me"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "ws://citong.test" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


# ---- cross-site ----


async def _cookie_write(client: Any, token: str, headers: dict[str, str]) -> int:
    sent = {"Cookie": f"citong_session={token}", "Idempotency-Key": uuid4().hex} | headers
    status: int = (await client.put(THING, headers=sent, json={"title": "a"})).status_code
    return status


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "null"}, {"Origin": "http://evil.test"}, {"Origin": "http://citong.test.evil.test"},
        {"Origin": "http://sub.citong.test"}, {"Origin": "http://citong.test:8080"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
        {"Origin": "http://citong.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"},
    ],
)  # fmt: skip
async def test_a_write_by_cookie_must_come_from_our_page(client: Any, person: Any, headers: dict[str, str]) -> None:
    assert await _cookie_write(client, (await person()).token, headers) == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://citong.test"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_page_writes_by_cookie(client: Any, person: Any, headers: dict[str, str]) -> None:
    assert await _cookie_write(client, (await person()).token, headers) == 200


async def test_a_program_needs_no_page_and_its_wrong_token_is_not_helped_by_a_cookie(client: Any, person: Any) -> None:
    signed = await person()
    assert (await client.put(THING, headers=signed.headers | KEY, json={"title": "a"})).status_code == 200
    both = {"Authorization": "Bearer wrong", "Cookie": f"citong_session={signed.token}", "Origin": "http://citong.test"}
    assert (await client.put(THING, headers=both | KEY, json={"title": "a"})).status_code == 401


# ---- declaring ----


def test_a_field_without_bounds_cannot_be_declared() -> None:
    for hint in (int, str, float, list[int], int | None, dict[str, str]):
        with pytest.raises(TypeError, match="bounds"):
            type("Loose", (Struct,), {"__annotations__": {"field": hint}})
    assert type("Tight", (Struct,), {"__annotations__": {"field": UUID | None}})


def test_two_doors_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from volunteer.api import doors

    with pytest.raises(ValueError, match="share"):
        doors.doors(HERE * 2)


def test_a_door_takes_only_what_the_layer_gives() -> None:
    async def odd(act: Act, thing: ById) -> Reply[None]:
        return Reply(None)

    with pytest.raises(TypeError, match="act, path, query, body"):
        door("GET", "/t/odd", summary="Odd")(odd)


async def test_nothing_is_written_by_a_reading_door(client: Any, me: dict[str, str]) -> None:
    before = await journal.heads(["region:350502"])
    await client.get("/t/me", headers=me)
    assert await journal.heads(["region:350502"]) == before


# ---- the database goes away ----


async def test_a_lost_database_is_busy_never_broken_and_comes_back(
    client: Any, me: dict[str, str], db: str, admin: Any
) -> None:
    async def statuses() -> set[int]:
        headers = [me | {"Idempotency-Key": uuid4().hex} for _ in range(8)]
        reads = [client.get("/t/me", headers=me) for _ in range(8)]
        writes = [client.put(THING, headers=one, json={"title": "a"}) for one in headers]
        return {answer.status_code for answer in await asyncio.gather(*reads, *writes)}

    assert await statuses() == {200}
    name = db.rpartition("/")[2].partition("?")[0]
    for _ in range(3):
        going = asyncio.create_task(statuses())
        await asyncio.sleep(0.01)
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        assert await going <= {200, 503}
    assert await statuses() <= {200, 503}
    assert await statuses() == {200}
