"""What the operator's files say is what the code does without them."""

import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from volunteer.settings import Settings

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("CITONG_")]:
        monkeypatch.delenv(name)


def test_the_file_of_defaults_is_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings()
    written = tomllib.loads((CONFIG / "default.toml").read_text("utf-8"))
    assert set(written) == set(Settings.model_fields)
    monkeypatch.setenv("CITONG_CONFIG", str(CONFIG / "default.toml"))
    assert Settings() == plain


def test_the_example_for_production_is_valid_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITONG_CONFIG", str(CONFIG / "production.example.toml"))
    monkeypatch.setenv("CITONG_POOL", "7")
    monkeypatch.setenv("CITONG_MAIL_PASSWORD", "secret")
    found = Settings()
    assert (found.pool, found.workers, found.mail_password) == (7, 1, SecretStr("secret"))
    assert "secret" not in repr(found)


def test_an_unknown_name_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("prot = 8000\n")
    monkeypatch.setenv("CITONG_CONFIG", str(file))
    with pytest.raises(ValidationError, match="prot"):
        Settings()
