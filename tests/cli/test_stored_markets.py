"""What the bot has kept can be judged like a recording."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli import app
from bot.core.market.heard import Heard
from storage.memory import open_memory
from tests.support.histories import history


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, events = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**events)


def test_what_the_bot_has_kept_can_be_judged_like_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/kept.sqlite3"
    whole = history(bars=600)

    async def keep() -> None:
        memory = await open_memory(url)
        try:
            await memory.history.save(whole)
            heard = Heard(((int(whole.candles.open_time[0]), int(whole.candles.close_time[-1])),))
            assert whole.liquidations is not None
            await memory.history.save_liquidations(whole.instrument, whole.liquidations, heard)
        finally:
            await memory.close()

    asyncio.run(keep())
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    words = ["backtest", "map", "--out", str(tmp_path / "p.csv"), "--source"]
    done = CliRunner().invoke(app, [*words, "stored:btc"])
    assert done.exit_code == 0, done.output
    assert "binance-btc-usdt: 50 intervals" in done.stdout
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 601
    none = CliRunner().invoke(app, [*words, "stored:eth"])
    assert none.exit_code == 2
    assert "No market of “eth” has been listened to" in none.stderr
