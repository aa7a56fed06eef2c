"""The bundled brackets of a market, for when its venue's own table cannot be had."""

import re
from functools import cache

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.instruments import Contract, Instrument
from bot.core.margin import bracket_tables as tables
from bot.core.margin.rules import rule_for, venue
from bot.core.margin.tiers import Brackets, brackets

_THOUSAND = 1e3

# By venue and by what the contract settles in: one currency, "linear" (any other) or "inverse".
_TABLES = {
    ("binance", "linear"): tables.BINANCE,
    ("bitget", "USDC"): tables.BITGET_USDC,
    ("bitget", "linear"): tables.BITGET,
    ("bybit", "USDC"): tables.BYBIT_USDC,
    ("bybit", "linear"): tables.BYBIT,
    ("dydx", "linear"): tables.DYDX,
    ("gate", "linear"): tables.GATE,
    ("htx", "linear"): tables.HTX,
    ("hyperliquid", "linear"): tables.HYPERLIQUID,
    ("kraken", "inverse"): tables.KRAKEN_INVERSE,
    ("kucoin", "linear"): tables.KUCOIN,
    ("mexc", "linear"): tables.MEXC,
    ("okx", "linear"): tables.OKX,
}
_TABLES_IN_BASE = {
    ("bitmex", "inverse"): tables.BITMEX_INVERSE,
    ("coinex", "linear"): tables.COINEX,
    ("phemex", "inverse"): tables.PHEMEX_INVERSE,
}
_MULTIPLIER = re.compile(r"^(?:10{3,}|1M(?=[A-Z]{3})|k(?=[A-Z]))")


def _lines(ladders: tables.Ladders) -> dict[str, tuple[str, str]]:
    """Coin -> its steps and its caps, as text."""
    return {
        coin: (steps, caps)
        for steps, text in ladders.items()
        for line in text.strip().splitlines()
        for coin, caps in [line.strip().split(maxsplit=1)]
    }


def _found(
    kinds: list[tuple[str, str]], among: dict[tuple[str, str], tables.Ladders], coins: list[str]
) -> tuple[str, str] | None:
    for kind in kinds:
        lines = _lines(among.get(kind, {}))
        for coin in coins:
            if coin in lines:
                return lines[coin]
    return None


def brackets_by_rule(
    instrument: Instrument, value_cap: Floats, rate: Floats, max_leverage: Floats
) -> Brackets:
    """Make brackets of a venue's steps, with deductions where the venue has them.

    Where it has none, a step's rate holds for the whole position and the margin jumps at its end.
    """
    made = brackets(value_cap, rate, max_leverage)
    if rule_for(instrument.exchange, instrument.contract).deduction:
        return made
    return Brackets(value_cap, rate, max_leverage, np.zeros(len(value_cap)))


@cache
def brackets_for(instrument: Instrument, price: float | None = None) -> Brackets:
    """Return a market's bundled brackets.

    Some venues set their steps in the base coin; `price` [quote/base] turns these into value, and
    without it only their first step is used. A coin that the venue's table lacks, or a venue
    without a table, is given Binance's steps for that coin: venues copy each other there.

    >>> btc = Instrument("binance", "BTC", "USDT", "USDT")
    >>> table = brackets_for(btc)
    >>> table.value_cap[:2], table.max_leverage[:2], table.deduction[:2]
    (array([300000., 800000.]), array([150., 100.]), array([  0., 300.]))
    """
    name = venue(instrument.exchange)
    inverse = instrument.contract is Contract.INVERSE
    kinds = [(name, "inverse")] if inverse else [(name, instrument.settle), (name, "linear")]
    coin = _MULTIPLIER.sub("", instrument.base)
    unit = _THOUSAND
    found = _found(kinds, _TABLES, [coin, "*"])
    if found is None and (found := _found(kinds, _TABLES_IN_BASE, [coin])):
        if price is None:
            found = (found[0].split()[0], "inf")
        unit = price or 1.0
    steps, caps = found or _found([("binance", "linear")], _TABLES, [coin, "*"]) or ("", "")
    percent, leverage = zip(*(step.split("/") for step in steps.split()), strict=True)
    rate = floats([f"{each}e-2" for each in percent])  # as exact as if written as a fraction
    return brackets_by_rule(instrument, floats(caps.split()) * unit, rate, floats(leverage))
