"""`emberline estimate` and `emberline backtest map`, as a person with recordings runs them."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.core.arrays import HOUR
from bot.core.market.history import MarketHistory
from tests.support.walks import wandering


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def write(folder: Path, history: MarketHistory, *, totals: bool = True) -> Path:
    """Write a recording as replay_format.md has it."""
    folder.mkdir(parents=True)
    card = {
        "exchange": history.instrument.exchange,
        "symbol": history.instrument.symbol,
        "contract": "linear",
        "candle_interval": "5m",
        "liquidation_totals_interval": "1h",
    }
    (folder / "market.json").write_text(json.dumps(card))
    candles = history.candles
    columns = ("open_time", "open", "high", "low", "close", "volume")
    rows = zip(*(getattr(candles, name).tolist() for name in columns), strict=True)
    _csv(folder / "candles.csv", ("ts", *columns[1:]), rows)
    if history.open_interest is not None:
        told = history.open_interest
        pairs = zip(told.time.tolist(), told.quantity.tolist(), strict=True)
        _csv(folder / "open_interest.csv", ("ts", "open_interest"), pairs)
    if totals:
        hours = np.unique(candles.open_time // HOUR * HOUR).tolist()
        draw = np.random.default_rng(1)
        sums = ((hour, *draw.exponential(1e6, 2).tolist()) for hour in hours)
        _csv(folder / "liquidation_totals.csv", ("ts", "long_usd", "short_usd"), sums)
    return folder


def _csv(place: Path, header: object, rows: object) -> None:
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)  # type: ignore[arg-type]  # any row is one
        writer.writerows(rows)  # type: ignore[arg-type]


def maps(place: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(place.read_text())["maps"]
    return found


def test_a_map_is_written_for_each_time_and_none_knows_what_came_later(tmp_path: Path) -> None:
    history = wandering(bars=300)
    whole = write(tmp_path / "whole", history)
    at = [int(history.candles.close_time[n]) for n in (250, 120)]
    out = tmp_path / "maps" / "out.json"
    told = run(
        "estimate", "--source", f"replay:{whole}", "--at", at[0], "--at", at[1], "--json", out
    )
    assert told.exit_code == 0, told.output
    assert [each["ts"] for each in maps(out)] == at
    for time, known in zip(at, maps(out), strict=True):
        cut = write(tmp_path / str(time), history.known_at(time))
        alone = tmp_path / "alone.json"
        assert run("estimate", "--source", f"replay:{cut}", "--json", alone).exit_code == 0
        assert maps(alone)[0] | {"market": ""} == known | {"market": ""}


def test_a_map_is_as_long_as_its_edges_say(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    folder = write(tmp_path / "m", wandering(bars=60))
    assert run("estimate", "--source", f"replay:{folder}", "--json", out).exit_code == 0
    (known,) = maps(out)
    bins = len(known["edges"]) - 1
    assert all(len(known[name]) == bins for name in ("long_usd", "short_usd", "low", "high"))
    assert (np.diff(known["edges"]) > 0).all()
    total = np.add(known["long_usd"], known["short_usd"])
    assert (np.array(known["low"]) <= total).all()
    assert (total <= np.array(known["high"])).all()


def test_a_backtest_writes_a_line_for_every_bar_and_prints_the_baselines(tmp_path: Path) -> None:
    history = wandering(bars=300)
    folder, out = write(tmp_path / "m", history), tmp_path / "pred.csv"
    told = run("backtest", "map", "--source", f"replay:{folder}", "--out", out)
    assert told.exit_code == 0, told.output
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "ts",
        "long_usd",
        "short_usd",
        "long_reported_usd",
        "short_reported_usd",
    ]
    assert [int(row["ts"]) for row in rows] == history.candles.open_time.tolist()
    for words in ("prices only", "bare move", "25 intervals"):
        assert words in told.output


def test_several_markets_are_each_judged_on_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / "all" / name, wandering(bars=60))
    out = tmp_path / "pred.csv"
    told = run("backtest", "map", "--source", f"replay:{tmp_path / 'all'}", "--out", out)
    assert told.exit_code == 0, told.output
    assert {place.name for place in tmp_path.glob("*.csv")} == {"pred-one.csv", "pred-two.csv"}


def test_a_recording_without_liquidations_is_forecast_and_not_scored(tmp_path: Path) -> None:
    history = wandering(bars=60, interest=False)
    folder, out = write(tmp_path / "m", history, totals=False), tmp_path / "pred.csv"
    told = run("backtest", "map", "--source", f"replay:{folder}", "--out", out)
    assert told.exit_code == 0
    assert "nothing to score" in told.output
    assert len(out.read_text().splitlines()) == 61


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("live", "no recording"),
        ("replay:nowhere", "no folder"),
        ("replay:{empty}", "holds no market.json"),
        ("replay:{broken}", "line 4, column close"),
        ("replay:{early}", "Not enough data"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    broken = write(tmp_path / "broken", wandering(bars=9)) / "candles.csv"
    lines = broken.read_text().splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join((*cells[:4], "dear", *cells[5:]))
    broken.write_text("\n".join(lines))
    write(tmp_path / "early", wandering(bars=9))
    place = source.format(**{name: tmp_path / name for name in ("empty", "broken", "early")})
    told = run("estimate", "--source", place, "--at", 5, "--json", tmp_path / "out.json")
    assert told.exit_code == 2
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", wandering(bars=9))
    told = run("backtest", "map", "--source", f"replay:{folder}", "--out", folder)
    assert told.exit_code == 2
    assert "cannot be written" in told.output


def test_holes_and_missing_series_are_said(tmp_path: Path) -> None:
    whole = wandering(bars=300)
    folder = write(tmp_path / "holed", replace(whole, open_interest=None))
    rows = (folder / "candles.csv").read_text().splitlines(keepends=True)
    (folder / "candles.csv").write_text("".join(rows[:100] + rows[112:]))
    for words in (
        ("estimate", "--json", tmp_path / "m.json"),
        ("backtest", "map", "--out", tmp_path / "p.csv"),
    ):
        done = run(*words, "--source", f"replay:{folder}")
        assert done.exit_code == 0, done.output
        assert "holed: no open interest" in done.stderr
        assert "12 rows are missing in candles" in done.stderr


def test_a_time_before_the_first_candle_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "young", wandering(bars=50))
    done = run("estimate", "--source", f"replay:{folder}", "--at", 1000, "--json", tmp_path / "m")
    assert done.exit_code == 2
    assert "--at 1000 is before the first candle closed" in done.stderr
