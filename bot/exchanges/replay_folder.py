"""Reads recordings: a folder with a market.json is one market, a folder of such folders several.

A fault anywhere in it is an error that names its place, and nothing of the folder is half-read.
"""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import numpy as np

from bot.core.arrays import Floats, Times
from bot.core.errors import BadSetting, MalformedData
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.positions import Positions
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges import csv_rows as rows
from bot.exchanges import market_json
from bot.exchanges.replay_tables import MODES, TABLES


class _Folder:
    """One market's folder, whose files are read as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = {path.name: path for path in sorted(folder.iterdir())}
        stems = {name.partition(".csv")[0] for name in self._files if ".csv" in name}
        for stem in sorted(stems - set(TABLES)):
            near = get_close_matches(stem, set(TABLES) - stems, n=1, cutoff=0.8)
            if near:
                why = f"is not known; should it be {near[0]}.csv?"
                raise MalformedData(self.label(f"{stem}.csv"), None, None, why)

    def label(self, name: str) -> str:
        return f"{self.folder.name}/{name}"

    def read(self, stem: str) -> tuple[str, dict[str, Floats]] | None:
        """Read a table if it is there; with the name errors know it by."""
        names = [name for name in (f"{stem}.csv", f"{stem}.csv.gz") if name in self._files]
        if not names:
            return None
        label = self.label(names[0])
        if len(names) > 1:
            raise MalformedData(label, None, None, f"{names[1]} stands beside it; keep one")
        return label, rows.read_rows(self._files[names[0]], label, TABLES[stem])

    def series(self, stem: str) -> tuple[str, Times, dict[str, Floats]] | None:
        """Read a table whose time rises."""
        found = self.read(stem)
        if found is None:
            return None
        label, table = found
        when = table.pop("ts").astype(np.int64)
        rows.check_rising(label, when, may_repeat=stem == "liquidations")
        return label, when, table


def _candles(folder: _Folder, interval: int) -> Candles:
    found = folder.series("candles")
    if found is None:
        label = folder.label("candles.csv")
        raise MalformedData(label, None, None, "is missing, plain or as candles.csv.gz")
    label, when, table = found
    if not len(when):
        raise MalformedData(label, 2, None, "has a header but no bars; one at least is needed")
    early = np.diff(when, prepend=when[0] - interval)
    rows.check_rows(
        label,
        "ts",
        early >= interval,
        lambda row: (
            f"{when[row]} is {early[row]} ms after the line before, while market.json says "
            f"candle_interval {market_json.interval_words(interval)}, which is {interval} ms"
        ),
    )
    opened, high, low, close = (table[name] for name in ("open", "high", "low", "close"))
    rows.check_rows(
        label,
        "low",
        low <= np.minimum(opened, close),
        lambda row: f"{low[row]} is above the bar's open or close; it should be the lowest price",
    )
    rows.check_rows(
        label,
        "high",
        high >= np.maximum(opened, close),
        lambda row: f"{high[row]} is below the bar's open or close; it should be the highest price",
    )
    volume, taker = table["volume"], table.get("taker_buy_volume")
    if taker is not None:
        rows.check_rows(
            label,
            "taker_buy_volume",
            taker <= volume * (1 + 1e-9),
            lambda row: f"{taker[row]} is more than the bar's volume, {volume[row]}",
        )
    return Candles(when, opened, high, low, close, volume, taker, interval)


def _totals(folder: _Folder, interval: int | None) -> LiquidationTotals | None:
    found = folder.series("liquidation_totals")
    if found is None:
        return None
    if interval is None:
        why = "liquidation_totals.csv needs liquidation_totals_interval, an interval such as 1h"
        raise MalformedData(folder.label(market_json.NAME), None, None, why)
    _, when, table = found
    return LiquidationTotals(when, table["long_usd"], table["short_usd"], interval)


def _liquidations(folder: _Folder) -> Liquidations | None:
    found = folder.series("liquidations")
    if found is None:
        return None
    _, when, table = found
    return Liquidations(when, table["side"].astype(np.int8), table["price"], table["quantity"])


def _positions(folder: _Folder) -> Positions | None:
    found = folder.read("positions")
    if found is None:
        return None
    _, table = found
    price = table["liquidation_price"]
    return Positions(
        table["ts"].astype(np.int64),
        table["side"].astype(np.int8),
        table["quantity"],
        table["entry_price"],
        table["leverage"],
        np.where(np.isfinite(price) & (price > 0), price, np.nan),
        table["margin_mode"] == MODES["isolated"],
    )


def _heard(folder: _Folder) -> Heard | None:
    found = folder.series("heard")
    if found is None:
        return None
    label, start, table = found
    until = table["until"].astype(np.int64)
    later = np.append(start[1:], until[-1:])
    rows.check_rows(
        label,
        "until",
        (until > start) & (until <= later),
        lambda row: f"{until[row]} should be after ts, and not after the next line's",
    )
    return Heard.of(zip(start.tolist(), until.tolist(), strict=True))


_Series = TypeVar("_Series")


def _instants(folder: _Folder, stem: str, make: Callable[..., _Series]) -> _Series | None:
    found = folder.series(stem)
    return None if found is None else make(found[1], *found[2].values())


def read_market(folder: Path) -> MarketHistory:
    """Read the recording of one market; MalformedData names file, line and column."""
    files = _Folder(folder)
    card = market_json.read_card(folder / market_json.NAME, files.label(market_json.NAME))
    return MarketHistory(
        card.instrument,
        _candles(files, card.candle_interval),
        _instants(files, "open_interest", OpenInterest),
        _instants(files, "funding", FundingRates),
        _instants(files, "long_short_ratio", LongShortRatio),
        _liquidations(files),
        _totals(files, card.totals_interval),
        _positions(files),
        card.brackets,
        card.liquidation_feed,
        card.simulated,
        _heard(files),
    )


def read_markets(folder: Path) -> list[MarketHistory]:
    """Read a folder of one market or of several; BadSetting if there is none, MalformedData."""
    asked = f"replay:{folder}"
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise BadSetting(f"{asked}: {what}. A recording is a folder with a market.json in it.")
    if (folder / market_json.NAME).exists():
        return [read_market(folder)]
    inner = sorted(path.parent for path in folder.glob(f"*/{market_json.NAME}"))
    if not inner:
        raise BadSetting(f"{asked}: no market.json in the folder, nor in the folders in it.")
    markets = [read_market(path) for path in inner]
    if len({market.simulated for market in markets}) > 1:
        raise BadSetting(f"{asked}: simulated and real markets lie together; keep them apart.")
    return markets
