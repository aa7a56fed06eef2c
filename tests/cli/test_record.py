"""`emberline record` as a person uses it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app, recordings
from bot.exchanges.replay import read_market, read_markets
from bot.settings import Settings
from tests.support.histories import history

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HISTORY_DAYS", "2")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.start_logging", lambda *_: None)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def test_the_past_is_written_at_once_and_drawn_from(tmp_path: Path) -> None:
    code, said = run("record", "BTC", "--source", "sim", "--out", "rec", "--back", "30h")
    assert code == 0, said
    assert re.search(r"rec/sim-a-btc-usdt: 3(59|60) bars, 3(59|60|61) open interest", said), said
    markets = read_markets(tmp_path / "rec")
    assert len(markets) == 2
    assert all(market.simulated for market in markets)
    code, said = run("heatmap", "BTC", "--source", "replay:rec", "-o", "btc.png")
    assert code == 0, said
    assert "SIMULATED" in said


def test_recording_for_a_while_ends_by_itself_and_can_be_gone_on_with(tmp_path: Path) -> None:
    words = ("record", "BTC", "--source", "sim", "--venues", "sim-a", "--out", "rec")
    code, said = run(*words, "--hours", "0.02")
    assert code == 0, said
    first = read_market(tmp_path / "rec" / "sim-a-btc-usdt")
    assert 285 <= len(first.candles) <= 290  # a day of the past before
    code, said = run(*words, "--back", "2d")
    assert code == 0, said
    second = read_market(tmp_path / "rec" / "sim-a-btc-usdt")
    assert len(second.candles) > 500


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--back", "a week"), "write days or hours, such as 30d or 12h"),
        (("--back", "91d"), "at most 90d"),
        (("--source", "nowhere"), "is not a source"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    code, told = run("record", "BTC", "--out", "rec", *words)
    assert code == 2
    assert said in told
    assert "Traceback" not in told


def test_what_the_bot_has_kept_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = history(bars=600)
    monkeypatch.setattr(recordings, "recordings", lambda _: {"binance-btc-usdt": whole})
    code, said = run("record", "BTC", "--source", "stored", "--out", "rec", "--back", "1d")
    assert code == 0, said
    found = read_market(tmp_path / "rec" / "binance-btc-usdt")
    assert len(found.candles) == 288


def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path) -> None:
    environment = {**os.environ, "HISTORY_DAYS": "2", "PYTHONPATH": str(ROOT)}
    words = ["record", "BTC", "--source", "sim", "--venues", "sim-a", "--out", "rec"]
    recording = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-m", "bot", *words],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    card = tmp_path / "rec" / "sim-a-btc-usdt" / "market.json"
    deadline = time.monotonic() + 60
    while not card.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1.5)
    recording.send_signal(signal.SIGINT)
    out, err = recording.communicate(timeout=60)
    assert recording.returncode == 0, err
    assert "Traceback" not in err
    assert "rec/sim-a-btc-usdt: " in out
    assert len(read_market(card.parent).candles) > 280
