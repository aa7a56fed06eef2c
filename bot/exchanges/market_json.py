"""A recording's market.json: which market it is, and what its columns do not say."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.errors import MalformedData
from bot.core.instruments import Contract, Instrument, instrument
from bot.core.language import mark
from bot.core.margin.bundled import brackets_by_rule
from bot.core.margin.tiers import Brackets

NAME = "market.json"
_HUGE = 1e300  # nothing here is as large
_UNITS = {"s": 1000, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


@dataclass(frozen=True, slots=True)
class MarketCard:
    """What market.json says."""

    instrument: Instrument
    candle_interval: int  # [ms]
    totals_interval: int | None  # [ms] of the liquidation totals
    brackets: Brackets | None
    liquidation_feed: str
    simulated: bool


def interval(words: str) -> int | None:
    """Read an interval [ms]; None if it is none.

    >>> interval("15m"), interval("1h"), interval("1 fortnight")
    (900000, 3600000, None)
    """
    found = re.fullmatch(r"([1-9]\d{0,4})([smhdw])", words)
    return int(found[1]) * _UNITS[found[2]] if found else None


def interval_words(length: int) -> str:
    """Write an interval [ms] as it is read.

    >>> interval_words(900_000), interval_words(86_400_000), interval_words(90_000)
    ('15m', '1d', '90s')
    """
    unit = next(unit for unit in "dhms" if length % _UNITS[unit] == 0)
    return f"{length // _UNITS[unit]}{unit}"


class _Reader:
    """Takes values out of one JSON object; what is wrong is said with its place."""

    def __init__(self, label: str, fields: Mapping[str, Any], where: str = "") -> None:
        self._label = label
        self._fields = fields
        self._where = where

    def wrong(self, key: str, why: str) -> MalformedData:
        return MalformedData(self._label, None, None, f"{self._where}{key} {why}")

    def text(self, key: str, example: str, default: str | None = None) -> str:
        value = self._fields.get(key, default)
        if value is None:
            raise self.wrong(key, f"is missing; it should be a text such as “{example}”")
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise self.wrong(key, f"{value!r} is not a text such as “{example}”")
        return value.strip()

    def interval(self, key: str) -> int | None:
        if self._fields.get(key) is None:
            return None
        words = self.text(key, "15m")
        found = interval(words)
        if found is None:
            raise self.wrong(key, f"“{words}” is not an interval such as 15m, 1h or 1d")
        return found

    def number(self, key: str, right: str, default: float | None = None) -> float:
        value = self._fields.get(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.wrong(key, f"is missing; it should be {right}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _HUGE:
            raise self.wrong(key, f"{value!r} is not {right}")
        return float(value)


def _brackets(label: str, market: Instrument, tiers: Any) -> Brackets:
    if not (isinstance(tiers, list) and tiers and all(isinstance(tier, dict) for tier in tiers)):
        why = "tiers should be a list such as [{maxNotional, maintenanceMarginRate, maxLeverage}]"
        raise MalformedData(label, None, None, why)
    caps, rates, leverages, deductions = [], [], [], []
    for at, tier in enumerate(tiers):
        reader = _Reader(label, tier, f"tiers[{at}].")
        last = math.inf if at == len(tiers) - 1 else None  # the last may have no end
        caps.append(reader.number("maxNotional", "a value such as 50000", last))
        rates.append(reader.number("maintenanceMarginRate", "a fraction such as 0.004"))
        leverages.append(reader.number("maxLeverage", "a leverage such as 125"))
        if rates[-1] < 1 < rates[-1] * leverages[-1]:
            why = (
                f"tiers[{at}]: at {leverages[-1]:g}x the margin is {1 / leverages[-1]:.3g} of the"
                f" value, below the maintenance margin of {rates[-1]:g}"
            )
            raise MalformedData(label, None, None, why)
        if tier.get("maintenanceAmount") is not None:
            deductions.append(reader.number("maintenanceAmount", "a value such as 50"))
    try:
        made = brackets_by_rule(market, floats(caps), floats(rates), floats(leverages))
        if not deductions:
            return made
        return Brackets(floats(caps), floats(rates), floats(leverages), floats(deductions))
    except ValueError as error:
        raise MalformedData(label, None, None, f"tiers: {error}") from error


def read_card(path: Path, label: str) -> MarketCard:
    """Read market.json; MalformedData names the first fault."""
    try:
        fields = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise MalformedData(label, None, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MalformedData(label, None, None, "is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        why = f"is not JSON: {error.msg} at character {error.colno}"
        raise MalformedData(label, error.lineno, None, why) from error
    if not isinstance(fields, dict):
        raise MalformedData(label, None, None, "should be one object, in braces")
    reader = _Reader(label, fields)
    exchange = reader.text("exchange", "binance")
    symbol = reader.text("symbol", "BTC/USDT:USDT")
    contract = reader.text("contract", "linear", "linear")
    if contract not in set(Contract):
        raise reader.wrong("contract", f"“{contract}” is not “linear” or “inverse”")
    try:
        market = instrument(exchange, symbol, Contract(contract))
    except ValueError as error:
        raise reader.wrong("symbol", str(error)) from error
    candle_interval = reader.interval("candle_interval")
    if candle_interval is None:
        raise reader.wrong("candle_interval", "is missing; it should be an interval such as 15m")
    origin = reader.text("origin", "real market, 2024", "")
    return MarketCard(
        market,
        candle_interval,
        reader.interval("liquidation_totals_interval"),
        _brackets(label, market, fields["tiers"]) if fields.get("tiers") is not None else None,
        reader.text("liquidation_feed", mark("lossy: at most one order a second"), ""),
        fields.get("simulated") is True or "simulat" in origin.lower(),
    )
