"""A secret never reaches a log, however it gets there."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from bot.core.errors import MarketUnavailable
from bot.core.language import Tongue, later, speaking
from bot.logs import start_logging
from tests.support.foreign import OPEN, Quoting

TELEGRAM = "123456789:AAcanaryCANARYcanaryCANARYcanary00"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GcAnAr.canaryCANARYcanaryCANARYcanaryCAN"
PASSWORD = "hunter2hunter2"


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, events = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**events)


def _fail() -> None:
    raise RuntimeError(f"no answer from {TELEGRAM} with {PASSWORD}")


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_hidden_in_events_fields_and_tracebacks(
    capsys: pytest.CaptureFixture[str], form: Literal["console", "json"]
) -> None:
    start_logging("DEBUG", form, secrets=[PASSWORD])
    log = structlog.get_logger()
    log.info("asked", url=f"https://api.telegram.org/bot{TELEGRAM}/getMe")
    log.warning("refused", password=PASSWORD)
    logging.getLogger("a.library").error("token %s refused", DISCORD)
    try:
        _fail()
    except RuntimeError:
        log.exception("failed")
    said = capsys.readouterr().err
    assert said.count("[hidden]") >= 5
    for secret in (TELEGRAM, DISCORD, PASSWORD):
        assert secret not in said
    assert "RuntimeError" in said


def test_json_logs_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("INFO", "json")
    structlog.get_logger().info("feed reconnected", exchange="okx", after=3)
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "feed reconnected"
    assert (event["exchange"], event["after"], event["level"]) == ("okx", 3, "info")


def test_the_http_client_is_quiet_because_its_urls_hold_the_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start_logging("DEBUG")
    logging.getLogger("httpx").info("HTTP Request: POST /bot%s/getMe", TELEGRAM)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["console", "json"])
def test_operators_read_english_whoever_is_answered(
    capsys: pytest.CaptureFixture[str], form: Literal["console", "json"]
) -> None:
    start_logging("INFO", form)
    log = structlog.get_logger()
    error = MarketUnavailable("okx", later("it took too long"))
    with speaking(Tongue("de", Quoting())):
        log.warning("market not gathered", why=error, reason=error.reason)
        try:
            raise error
        except MarketUnavailable:
            log.exception("not foreseen")
    said = capsys.readouterr().err
    assert said.count("OKX is not answering: it took too long.") == 2
    assert OPEN not in said
