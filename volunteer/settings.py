"""What an operator can set: environment ``CITONG_…``, then the file that ``CITONG_CONFIG`` names, then these defaults.

``config/default.toml`` shows every setting with its default; a test holds the two equal.
"""

import importlib.util
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


def _postgres(url: SecretStr) -> SecretStr:
    if url.get_secret_value():
        try:
            parts = urlsplit(url.get_secret_value())
            known = parts.scheme in ("postgres", "postgresql") and parts.port != 0  # asking for it judges it
        except ValueError:
            known = False
        if not known:
            raise ValueError("not the address of a PostgreSQL; want postgres://user:password@host:port/name")
    return url


def _page(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not the address of a page; want https://host")
    return url


def _page_or_none(url: str) -> str:
    return _page(url) if url else url


def _push(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", key.get_secret_value()):
            raise ValueError("not a key; want what `citong push-key` prints")
        if importlib.util.find_spec("cryptography") is None:
            raise ValueError("Web Push is an extra; first: pip install citong[push]")
    return key


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("no such time zone; want a name as Asia/Shanghai") from error
    return name


class Settings(BaseSettings):
    """``database_url`` empty = the embedded server under ``var``. ``public_url``: what links in mails start with.
    ``mail_host`` empty = mails stay in the outbox; ``gateway_url`` empty = no text messages. ``gateway_allow``: hosts
    that the gateway may have though they are not on the public internet."""

    model_config = SettingsConfigDict(env_prefix="CITONG_", extra="forbid")

    database_url: Annotated[SecretStr, AfterValidator(_postgres)] = SecretStr("")
    pool: int = Field(10, ge=2, le=100)
    var: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    workers: int = Field(1, ge=1, le=64)
    public_url: Annotated[str, AfterValidator(_page)] = "http://127.0.0.1:8000"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    session_days: int = Field(30, ge=1, le=365)
    code_minutes: int = Field(10, ge=1, le=60)
    mail_host: str = ""
    mail_port: int = Field(587, ge=1, le=65535)
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = "citong@localhost"
    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_timeout: int = Field(60, ge=1, le=900)
    gateway_url: Annotated[str, AfterValidator(_page_or_none)] = ""
    gateway_key: SecretStr = SecretStr("")
    gateway_channels: tuple[Literal["sms", "wechat"], ...] = ("sms",)
    gateway_allow: tuple[str, ...] = ()
    push_key: Annotated[SecretStr, AfterValidator(_push)] = SecretStr("")
    live: bool = True
    body_limit: int = Field(1_000_000, ge=1_000, le=100_000_000)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = os.environ.get("CITONG_CONFIG")
        file = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return (init_settings, env_settings, *file)
