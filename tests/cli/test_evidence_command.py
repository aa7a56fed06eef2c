"""`emberline evidence`, as an operator with recordings and a database runs it."""

import asyncio
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.core.evidence.occurrences import Occurrence, market_name, model
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Kind
from bot.core.simulation.simulate import simulate
from bot.ports import Collected, GoneThrough
from storage.memory import open_memory

DAYS = 9


def write(folder: Path, history: MarketHistory, symbol: str) -> None:
    """Write a recording: prices, open interest, funding and every liquidation."""
    folder.mkdir(parents=True)
    card = {"exchange": "binance", "symbol": symbol, "contract": "linear"}
    (folder / "market.json").write_text(json.dumps({**card, "candle_interval": "5m"}))
    candles, interest, funding = history.candles, history.open_interest, history.funding
    assert interest is not None
    assert funding is not None
    assert history.liquidations is not None
    names = ("open", "high", "low", "close", "volume")
    _csv(
        folder, "candles", ("ts", *names), candles.open_time, *(getattr(candles, n) for n in names)
    )
    _csv(folder, "open_interest", ("ts", "open_interest"), interest.time, interest.quantity)
    forced = history.liquidations
    side = np.where(forced.side > 0, "long", "short")
    columns = (forced.time, side, forced.price, forced.quantity)
    _csv(folder, "liquidations", ("ts", "side", "price", "quantity"), *columns)
    _csv(folder, "funding", ("ts", "rate"), funding.time, funding.rate)


def _csv(folder: Path, stem: str, header: Sequence[str], *columns: object) -> None:
    rows = zip(*(column.tolist() for column in columns), strict=True)  # type: ignore[attr-defined]
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    with gzip.open(folder / f"{stem}.csv.gz", "wt") as file:
        file.write("\n".join([*lines, ""]))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    for seed, coin in enumerate(("ada", "sol", "xrp")):
        history = simulate("crash", seed, DAYS * 288).history
        write(folder / coin, history, f"{coin.upper()}/USDT:USDT")
    return folder


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'memory.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "300")
    return url


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["evidence", *map(str, words)])


def stored(url: str, coin: str) -> tuple[Sequence[Occurrence], Sequence[GoneThrough]]:
    async def ask() -> tuple[Sequence[Occurrence], Sequence[GoneThrough]]:
        memory = await open_memory(url)
        key = f"binance {coin}/USDT:USDT"
        found = await memory.episodes.of_market(key, model())
        gone = await memory.episodes.gone_through(key, model())
        await memory.close()
        return found, gone

    return asyncio.run(ask())


def test_a_build_over_recordings_prints_what_followed_and_stores_nothing(
    recorded: Path, tmp_path: Path
) -> None:
    result = run("build", "--source", f"replay:{recorded}")
    assert result.exit_code == 0, result.output
    for coin in ("ada", "sol", "xrp"):
        assert re.search(
            rf"^{coin}: 9 days, \d+ of \d+ episodes count", result.output, re.MULTILINE
        )
    assert "edge (90 %)" in result.output
    assert "too few to say" in result.output
    assert re.search(r"over [23] coins", result.output)
    assert not (tmp_path / "memory.sqlite3").exists()


def test_a_recording_that_is_stored_is_known_the_next_time(recorded: Path, database: str) -> None:
    first = run("build", "sol", "--source", f"replay:{recorded}", "--store")
    assert first.exit_code == 0, first.output
    assert "known from before" not in first.output
    found, gone = stored(database, "SOL")
    assert found
    assert len(gone) == 1
    again = run("build", "--source", f"replay:{recorded}", "--store")
    assert "sol: 9 days" in again.output
    assert again.output.count("known from before") == 1
    assert repr(stored(database, "SOL")) == repr((found, gone))


def test_what_the_bot_has_stored_is_gone_through_coin_by_coin_all_venues_together(
    database: str,
) -> None:
    made = replace(simulate("crash", 5, DAYS * 288).history, simulated=False)
    venues = [Instrument(venue, "SOL", "USDT", "USDT") for venue in ("okx", "binance")]
    quoted = Instrument("binance", "SOL", "USDC", "USDC")  # not what is meant by SOL alone
    alone = Instrument("binance", "ADA", "USDT", "USDT")

    async def remember() -> None:
        memory = await open_memory(database)
        for each in (*venues, quoted, alone):
            await memory.history.save(replace(made, instrument=each))
            await memory.collections.adopt([Collected(each, 1)])
        never = Instrument("binance", "XRP", "USDT", "USDT")  # collected, and nothing came yet
        await memory.collections.adopt([Collected(never, 1)])
        await memory.close()

    asyncio.run(remember())
    result = run("build")
    assert result.exit_code == 0, result.output
    assert re.findall(r"^(\w+): 9 days", result.output, re.MULTILINE) == ["ADA", "SOL"]
    both = "binance SOL/USDT:USDT + okx SOL/USDT:USDT"
    assert market_name("SOL", venues) == both
    keys = {each.episode.market for each in asyncio.run(every(database))}
    assert keys == {"binance ADA/USDT:USDT", both}
    listed = run("episodes", "sol")
    assert "known from before" in listed.output
    assert "ADA" not in listed.output


async def every(url: str) -> list[Occurrence]:
    memory = await open_memory(url)
    found = [each for kind in Kind for each in await memory.episodes.of_kind(kind, model())]
    await memory.close()
    return found


def test_a_build_that_is_killed_goes_on_where_it_was(
    recorded: Path, tmp_path: Path, database: str
) -> None:
    folder = tmp_path / "many"
    for number in range(6):
        shutil.copytree(recorded / "sol", folder / f"coin{number}")
        card = folder / f"coin{number}" / "market.json"
        card.write_text(card.read_text().replace("SOL", f"C{number}"))
    words = [sys.executable, "-m", "bot", "evidence", "build", "--store"]
    asked = [*words, "--source", f"replay:{folder}"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, env=dict(os.environ)) as process:  # noqa: S603 - our own program
        deadline = time.monotonic() + 60
        while not (tmp_path / "memory.sqlite3").exists() or not stored(database, "C1")[1]:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    done = [number for number in range(6) if stored(database, f"C{number}")[1]]
    assert 2 <= len(done) < 6
    result = run("build", "--source", f"replay:{folder}", "--store")
    assert result.exit_code == 0, result.output
    assert result.output.count("known from before") == len(done)
    counts = {len(stored(database, f"C{number}")[0]) for number in range(6)}
    assert len(counts) == 1  # the same prices, the same episodes, none of them twice


def test_episodes_are_listed_one_by_one_with_what_followed(recorded: Path) -> None:
    result = run("episodes", "--source", f"replay:{recorded / 'sol'}")
    assert result.exit_code == 0, result.output
    for word in ("kind", "price", "zone", "15m", "24h", "end"):
        assert word in result.output
    rows = [line for line in result.output.splitlines() if re.search(r"20\d\d-\d\d-\d\d", line)]
    said = re.search(r"(\d+) of (\d+) episodes count", result.output)
    assert said is not None
    assert len(rows) == int(said[2]) > 0
    times = [row.split("│")[1] for row in rows]
    assert times == sorted(times)


def test_only_the_last_days_are_gone_through_where_that_is_asked(recorded: Path) -> None:
    result = run("build", "ada", "--source", f"replay:{recorded}", "--days", "4")
    assert "ada: 4 days" in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("build", "--source", "sim", "--store"), "what is simulated is never remembered"),
        (("build", "--source", "merge:a"), "is no past"),
        (("build", "--source", "replay:nowhere"), "There is no folder"),
        (("build",), "No market is stored"),
        (("episodes", "doge"), "No market of doge is stored"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_simulated_market_is_marked_and_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HISTORY_DAYS", "3")
    result = run("build", "SOL", "--source", "sim")
    assert result.exit_code == 0, result.output
    assert re.search(r"SOL: 3 days, .*simulated", result.output)
    assert not (tmp_path / "memory.sqlite3").exists()
