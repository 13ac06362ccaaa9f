"""Expected failures are one line that names the remedy; nothing else becomes one."""

import socket
from pathlib import Path

import pytest
from pydantic import ValidationError
from tortoise.exceptions import DoesNotExist, OperationalError

from dispatch.cli import place, trouble
from dispatch.cli.trouble import Trouble
from dispatch.planner.problem import Malformed
from tests.dispatch.cli.program import citong
from volunteer.errors import Fault, Forbidden, Invalid, Missing, Reason, Refused
from volunteer.postgres import EmbeddedError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Trouble("so it is"), "so it is"),
        (EmbeddedError("no server"), "no server"),
        (Invalid([Fault("port", "错", "is odd"), Fault("host", "错", "is away")]), "port: is odd; host: is away"),
        (Missing("draft"), "there is no such draft"),
        (Forbidden("draft.run"), "this needs a role that may draft.run"),
        (Malformed(["need 1: unknown shift"]), "need 1: unknown shift"),
        (Malformed([str(n) for n in range(10)]), "0; 1; 2; 3; 4; 5; 6; 7; and 2 more"),
        (FileNotFoundError(2, "No such file", "a.csv"), "a.csv: no such file"),
        (PermissionError(13, "Permission denied", "a.csv"), "a.csv: no permission"),
        (ConnectionResetError("gone away"), "the database says: gone away; check CITONG_DATABASE_URL"),
    ],
)
def test_expected_errors_are_said(error: Exception, said: str) -> None:
    assert trouble.line(error) == said


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), DoesNotExist("x"), OSError("x"), AssertionError()])
def test_the_unexpected_keeps_its_traceback(error: Exception) -> None:
    assert trouble.line(error) is None


def test_reasons_come_with_their_remedies() -> None:
    said = trouble.line(Refused([Reason("full", {"max": 3})])) or ""
    assert "all seats are taken" in said
    assert "(" in said


def test_the_database_is_heard_through_the_orm() -> None:
    class Undefined(Exception):
        sqlstate = "42P01"

    error = OperationalError("relation is not there")
    error.__cause__ = Undefined()
    assert trouble.line(error) == "the database lacks our tables; run: citong migrate"


def test_values_of_settings_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITONG_MAIL_PORT", "secret-port")
    with pytest.raises(ValidationError) as caught:
        place.settings()
    said = trouble.line(caught.value) or ""
    assert said.startswith("setting CITONG_MAIL_PORT: ")
    assert "secret-port" not in said


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (("demo", "--port", port), ("serve", "--port", port)):
            said = citong(*words, var=str(tmp_path / "var")).trouble
            assert port in said
            assert "--port" in said
    assert not (tmp_path / "var").exists()


def test_a_wrong_database_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    said = citong("check", url=f"postgres://nobody@127.0.0.1:{port}/none").trouble
    assert "CITONG_DATABASE_URL" in said
    assert "port" in citong("migrate", url="postgres://nobody@host:port/none").trouble


def test_a_name_that_postgres_does_not_know_is_said(database_url: str) -> None:
    said = citong("migrate", url=database_url.replace("/test_", "/no_such_")).trouble
    assert "no_such_" in said


def test_wrong_settings_are_said(tmp_path: Path) -> None:
    said = citong("check", port="many", workers="0").trouble
    assert "CITONG_PORT" in said
    assert "CITONG_WORKERS" in said
    assert str(tmp_path / "none.toml") in citong("check", config=str(tmp_path / "none.toml")).trouble


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("zone", "Mars/Olympus", "setting CITONG_ZONE: no such time zone; want a name as Asia/Shanghai"),
        ("public_url", "citong.example", "setting CITONG_PUBLIC_URL: not the address of a page; want https://host"),
        ("database_url", "mysql://root@host/name", "setting CITONG_DATABASE_URL: not the address of a PostgreSQL; "),
        ("database_ulr", "postgres://host/name", "CITONG_DATABASE_ULR is no setting; it is spelt CITONG_DATABASE_URL"),
    ],
)
def test_a_bad_setting_is_said_before_anything_starts(setting: str, value: str, said: str) -> None:
    assert citong("serve", "--port", "0", **{setting: value}).trouble.startswith(said)


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",)])
def test_what_serves_says_where_no_database_is(command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = citong(*command, database_url=f"postgres://nobody@127.0.0.1:{port}/none").trouble
    assert said.startswith(f"no database at 127.0.0.1:{port} ")


def test_an_unknown_line_of_the_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "citong.toml"
    file.write_text("prot = 8000\n")
    assert citong("check", config=str(file)).trouble == "setting prot: there is no such name"


def test_missing_files_are_said(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "none")
    assert citong("import", "regions", nowhere, var=nowhere).trouble == f"{nowhere}: no such file"
    assert citong("plan", "--problem", nowhere, "--out", "-").trouble == f"{nowhere}: no such file"
