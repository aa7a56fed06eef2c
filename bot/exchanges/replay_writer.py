"""Writes a market's history as a recording that `replay:DIR` reads back, bit for bit."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.core.arrays import Floats, Signs
from bot.core.errors import NotEnoughData
from bot.core.market.history import MarketHistory
from bot.core.market.positions import Positions
from bot.exchanges.csv_rows import packed
from bot.exchanges.market_json import NAME, interval_words
from bot.exchanges.replay_tables import TABLES

_PART = ".part"  # of a file that is not written whole yet

_Columns = Mapping[str, Sequence[object]]


def write_market(folder: Path, history: MarketHistory) -> None:
    """Write a history into a folder, made if there is none; tables already there are replaced.

    Each file is as it was before or as it is now, also after a kill in the middle: what is being
    recorded is written again and again, each time a little longer. market.json comes last: a
    folder that was cut short the first time is no recording. NotEnoughData if there is no candle.
    """
    if not len(history.candles):
        raise NotEnoughData(f"{history.instrument.key} has no candle to record")
    folder.mkdir(parents=True, exist_ok=True)
    card = json.dumps(_card(history), indent=1, ensure_ascii=False, allow_nan=False)
    files = {
        f"{stem}.csv.gz": packed(list(columns), columns.values())
        for stem, columns in _tables(history).items()
    }
    files[NAME] = f"{card}\n".encode()
    for name, body in files.items():
        with (folder / f"{name}{_PART}").open("wb") as part:
            part.write(body)
            part.flush()
            os.fsync(part.fileno())
    for stem in TABLES:
        for name in {f"{stem}.csv", f"{stem}.csv.gz"} - set(files):
            (folder / name).unlink(missing_ok=True)
    for name in files:
        (folder / f"{name}{_PART}").replace(folder / name)


def _card(history: MarketHistory) -> dict[str, Any]:
    instrument, totals, brackets = (
        history.instrument,
        history.liquidation_totals,
        history.brackets,
    )
    card: dict[str, Any] = {
        "exchange": instrument.exchange,
        "symbol": instrument.symbol,
        "contract": instrument.contract.value,
        "candle_interval": interval_words(history.candles.interval),
        "liquidation_feed": history.liquidation_feed,
        "origin": "simulated market" if history.simulated else "real market",
        "simulated": history.simulated,
    }
    if totals is not None:
        card["liquidation_totals_interval"] = interval_words(totals.interval)
    if brackets is not None:
        rows = zip(
            brackets.value_cap,
            brackets.maintenance_margin_rate,
            brackets.max_leverage,
            brackets.deduction,
            strict=True,
        )
        card["tiers"] = [
            {
                "maxNotional": None if np.isinf(cap) else float(cap),
                "maintenanceMarginRate": float(rate),
                "maxLeverage": float(leverage),
                "maintenanceAmount": float(deduction),
            }
            for cap, rate, leverage, deduction in rows
        ]
    return card


def _numbers(values: Floats) -> list[object]:
    """Shortest texts that are read back as the same numbers; empty for nan."""
    return ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124 - nan


def _sides(side: Signs) -> list[object]:
    return ["long" if sign > 0 else "short" for sign in side.tolist()]


def _positions(positions: Positions) -> _Columns:
    return {
        "ts": positions.time.tolist(),
        "side": _sides(positions.side),
        "quantity": _numbers(positions.quantity),
        "entry_price": _numbers(positions.entry_price),
        "leverage": _numbers(positions.leverage),
        "liquidation_price": _numbers(positions.liquidation_price),
        "margin_mode": ["isolated" if alone else "cross" for alone in positions.isolated.tolist()],
    }


def _tables(history: MarketHistory) -> dict[str, _Columns]:
    """The tables of what the history holds."""
    candles = history.candles
    bars = ("open", "high", "low", "close", "volume")
    tables: dict[str, _Columns] = {
        "candles": {
            "ts": candles.open_time.tolist(),
            **{name: _numbers(getattr(candles, name)) for name in bars},
        }
    }
    if candles.taker_buy_volume is not None:
        taker = _numbers(candles.taker_buy_volume)
        tables["candles"] = {**tables["candles"], "taker_buy_volume": taker}
    if (interest := history.open_interest) is not None:
        quantity = _numbers(interest.quantity)
        tables["open_interest"] = {"ts": interest.time.tolist(), "open_interest": quantity}
    if (funding := history.funding) is not None:
        tables["funding"] = {"ts": funding.time.tolist(), "rate": _numbers(funding.rate)}
    if (ratio := history.long_short_ratio) is not None:
        tables["long_short_ratio"] = {"ts": ratio.time.tolist(), "ratio": _numbers(ratio.ratio)}
    if (events := history.liquidations) is not None:
        tables["liquidations"] = {
            "ts": events.time.tolist(),
            "side": _sides(events.side),
            "price": _numbers(events.price),
            "quantity": _numbers(events.quantity),
        }
    if (totals := history.liquidation_totals) is not None:
        tables["liquidation_totals"] = {
            "ts": totals.time.tolist(),
            "long_usd": _numbers(totals.long_usd),
            "short_usd": _numbers(totals.short_usd),
        }
    if history.heard is not None:
        spans = history.heard.spans
        tables["heard"] = {"ts": [at for at, _ in spans], "until": [at for _, at in spans]}
    if history.positions is not None:
        tables["positions"] = _positions(history.positions)
    return tables
