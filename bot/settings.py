"""What an operator can set: environment variables, or the same names in `.env`."""

import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.errors import BadSetting
from bot.core.instruments import base_of
from bot.core.windows import DEFAULT_WINDOW, WINDOWS

LIVE_VENUES = ("binance", "bybit", "okx")
KNOWN_VENUES = (
    *LIVE_VENUES,
    "hyperliquid",
    "binancecoinm",
    "bybitinverse",
    "bitmex",
    "bitget",
    "gate",
    "kucoin",
    "mexc",
    "htx",
    "kraken",
    "dydx",
    "deribit",
    "bitfinex",
    "lighter",
)

_ENV_FILE = ".env"


class Settings(BaseSettings):
    """Every setting has a default that works; a chat starts once it has a token."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True, frozen=True
    )

    telegram_token: SecretStr | None = Field(
        None, description="From @BotFather. Without it Telegram is not started."
    )
    telegram_api_base: str | None = Field(
        None, description="Origin of another Bot API server, such as http://127.0.0.1:8081."
    )
    telegram_webhook_url: str | None = Field(
        None, description="Public https address for updates. Without it updates are polled."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="What Telegram must send with each update; needed with a webhook."
    )
    telegram_webhook_listen: str = Field(
        "127.0.0.1:8443", description="Where the webhook listens, behind your TLS proxy."
    )
    discord_token: SecretStr | None = Field(
        None, description="From the developer portal. Without it Discord is not started."
    )
    discord_api_base: str | None = Field(
        None, description="Another REST server, such as http://127.0.0.1:8082/api/v10."
    )
    discord_gateway_url: str | None = Field(
        None, description="Another gateway, such as ws://127.0.0.1:8082/gateway."
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///data/emberline.sqlite3"),
        description="SQLite file or postgresql://user:password@host/name.",
    )
    venues: Annotated[tuple[str, ...], NoDecode] = Field(
        LIVE_VENUES,
        description="Venues of the live source, separated by commas, or all; known are "
        f"{', '.join(KNOWN_VENUES)}.",
    )
    hyperliquid_accounts: int = Field(
        200,
        ge=0,
        le=2000,
        description="So many of Hyperliquid's largest accounts are followed: their positions are "
        "shown and their liquidations told; 0: none.",
    )
    hyperliquid_accounts_file: Path | None = Field(
        None, description="File of addresses to look at instead of the largest, one a line."
    )
    collect: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Coins kept current though nobody asks, such as BTC,ETH,SOL.",
    )
    collect_idle_days: int = Field(
        14, ge=1, le=400, description="Days after which a market nobody asks for is let go."
    )
    watches_per_user: int = Field(
        20, ge=1, le=1000, description="Watches that one person may keep, in all chats together."
    )
    watches_per_chat: int = Field(50, ge=1, le=5000, description="Watches of one chat.")
    ask_per_minute: int = Field(
        20,
        ge=0,
        le=1000,
        description="Questions that one person may ask in a minute, and a chat thrice; 0: no end.",
    )
    exchange_base: str | None = Field(
        None, description="Send every venue's requests to this origin instead (mirrors, tests)."
    )
    explain_llm_url: str | None = Field(
        None,
        description="OpenAI-compatible endpoint that may reword /explain, such as "
        "http://127.0.0.1:8000/v1. Without it no language model is asked.",
    )
    explain_llm_model: str | None = Field(
        None, description="Its model's name; needed with the endpoint."
    )
    explain_llm_key: SecretStr | None = Field(None, description="Its key, if it wants one.")
    theme: Literal["dark", "light"] = Field("dark", description="Pictures: dark or light.")
    language: Literal["en", "de"] = Field(
        "en",
        description="Language of chats that choose none: en or de; of a private one its phone's.",
    )
    window: str = Field(
        DEFAULT_WINDOW.name,
        description=f"Window of a heatmap when none is named: {' '.join(w.name for w in WINDOWS)}.",
    )
    history_days: int = Field(
        30, ge=2, le=90, description="Days of history that an estimate is built from."
    )
    alive_file: Path = Field(
        Path("data/alive"), description="Touched while the bot runs; `doctor --alive` looks at it."
    )
    metrics_listen: str | None = Field(
        None,
        description="Where /metrics, /healthz and /readyz are told, such as 127.0.0.1:9464. "
        "Without it nothing listens.",
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Asked for once a minute while all is well, for a watchman outside."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json.")

    def secrets(self) -> list[str]:
        """Return what must never stand in a log."""
        kept = (
            self.telegram_token,
            self.telegram_webhook_secret,
            self.discord_token,
            self.explain_llm_key,
            self.heartbeat_url,
        )
        password = urlsplit(self.database_url.get_secret_value()).password
        return [secret.get_secret_value() for secret in kept if secret] + [password or ""]

    @field_validator("venues", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(word.strip().lower() for word in value.split(",") if word.strip())

    @field_validator("collect", mode="before")
    @classmethod
    def _coins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = [word.strip() for word in value.split(",") if word.strip()]
        unknown = [word for word in words if not base_of(word)]
        if unknown:
            raise ValueError("use names of coins, such as BTC,ETH,SOL")
        return tuple(dict.fromkeys(base_of(word) for word in words))

    @field_validator("venues")
    @classmethod
    def _known_venues(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("all",):
            return KNOWN_VENUES
        unknown = [venue for venue in value if venue not in KNOWN_VENUES]
        if unknown or not value:
            raise ValueError(f"use some of {', '.join(KNOWN_VENUES)}")
        return tuple(dict.fromkeys(value))

    @field_validator("window")
    @classmethod
    def _known_window(cls, value: str) -> str:
        names = [window.name for window in WINDOWS]
        if value not in names:
            raise ValueError(f"use one of {', '.join(names)}")
        return value

    @field_validator("telegram_webhook_listen", "metrics_listen")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is None:
            return None
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or not 0 <= int(port) < 2**16:
            raise ValueError("use host:port, such as 127.0.0.1:8443")
        return value

    @field_validator("telegram_api_base", "exchange_base", "discord_api_base", "explain_llm_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        return _address(value, ("http://", "https://"))

    @field_validator("discord_gateway_url")
    @classmethod
    def _websocket(cls, value: str | None) -> str | None:
        return _address(value, ("ws://", "wss://"))

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat(cls, value: SecretStr | None) -> SecretStr | None:
        _address(None if value is None else value.get_secret_value(), ("http://", "https://"))
        return value

    @field_validator("telegram_webhook_url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        return _address(value, ("https://", "http://127.0.0.1", "http://localhost"))


def _address(value: str | None, schemes: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if not value.startswith(schemes):
        raise ValueError(f"use an address that begins with {' or '.join(schemes)}")
    try:
        usable = bool(urlsplit(value).hostname) and urlsplit(value).port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("use an address with a host, such as https://example.org")
    return value.rstrip("/")


def settings(env_file: str | Path | None = _ENV_FILE) -> Settings:
    """Read the environment, then `.env`, then the folder named by SECRETS_DIR, if any.

    Raises BadSetting with one sentence for each variable that cannot be used, without its value.
    """
    try:
        return Settings(_env_file=env_file, _secrets_dir=os.environ.get("SECRETS_DIR"))
    except ValidationError as error:
        sentences = [
            f"{str(problem['loc'][0]).upper()}: {_plain(problem['msg'])}."
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise BadSetting(" ".join(sentences)) from None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")
