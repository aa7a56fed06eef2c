"""What an operator can set, and what happens when it is set wrongly."""

from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.errors import BadSetting
from bot.settings import KNOWN_VENUES, Settings, settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
CANARY = "123456789:AAcanaryCANARYcanaryCANARYcanary00"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*Settings.model_fields, "secrets_dir"):
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_example_names_every_setting_with_its_default_and_meaning() -> None:
    lines = EXAMPLE.read_text().splitlines()
    written = {}
    for comment, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            written[name] = (comment.removeprefix("# "), value)
    for name, field in Settings.model_fields.items():
        assert written.pop(name.upper())[0] == field.description
    assert not written, "names nothing that can be set"


def test_the_example_as_it_stands_is_the_same_as_no_file() -> None:
    assert settings(EXAMPLE) == settings(None)


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("VENUES", "binance,mtgox", "use some of binance, bybit, okx, hyperliquid"),
        ("VENUES", ",", "use some of binance, bybit, okx"),
        ("WINDOW", "25h", "use one of 12h, 24h, 3d, 7d, 30d"),
        ("THEME", "pink", "'dark' or 'light'"),
        ("HISTORY_DAYS", "1", "greater than or equal to 2"),
        ("HYPERLIQUID_ACCOUNTS", "-1", "greater than or equal to 0"),
        ("TELEGRAM_API_BASE", "localhost:8081", "begins with http:// or https://"),
        ("DISCORD_GATEWAY_URL", "http://x", "begins with ws:// or wss://"),
        ("TELEGRAM_WEBHOOK_URL", "ftp://x", "begins with https://"),
        ("TELEGRAM_WEBHOOK_LISTEN", "8443", "host:port"),
    ],
)
def test_a_bad_value_names_its_variable_and_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, right: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting) as caught:
        settings(None)
    assert variable in str(caught.value)
    assert right in str(caught.value)


def test_venues_are_read_from_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENUES", " OKX, binance,okx ")
    assert settings(None).venues == ("okx", "binance")


def test_a_venue_that_is_not_among_the_usual_ones_can_be_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "hyperliquid" not in settings(None).venues
    monkeypatch.setenv("VENUES", "binance,hyperliquid")
    assert settings(None).venues == ("binance", "hyperliquid")


def test_all_venues_can_be_had_with_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENUES", "all")
    assert settings(None).venues == KNOWN_VENUES
    monkeypatch.setenv("VENUES", "all,mtgox")
    with pytest.raises(BadSetting, match="use some of"):
        settings(None)


def test_a_token_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "telegram_token").write_text(CANARY)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    token = settings(None).telegram_token
    assert token is not None
    assert token.get_secret_value() == CANARY


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", CANARY)
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2hunter2@h/db")
    shown = f"{settings(None)!r} {settings(None)}"
    assert CANARY not in shown
    assert "hunter2" not in shown
