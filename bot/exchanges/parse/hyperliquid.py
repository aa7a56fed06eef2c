"""Hyperliquid perpetuals: payload -> core types. Quantities are in base coin throughout.

All answers come from one endpoint, named here by the request's `type`. Coins that trade by the
thousand are called kPEPE; they are listed here as everywhere else, 1000PEPE, which is the same
unit.
"""

import heapq
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.margin.tiers import Brackets
from bot.core.margin.tiers import brackets as continuous_brackets
from bot.core.market.series import Candles, FundingRates
from bot.exchanges.parse import common
from bot.exchanges.parse.common import (
    UNREADABLE,
    Bar,
    Listing,
    Moment,
    NotNegative,
    OpenPosition,
    Positive,
    Rate,
    convert,
    in_order,
    reading,
)

NAME = "hyperliquid"
_DOLLAR = "USDC"
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_THOUSANDS = re.compile(r"k(?=[A-Z])")

_Leverage = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class _Market(msgspec.Struct):
    name: str
    max_leverage: _Leverage = msgspec.field(name="maxLeverage")
    table: int | None = msgspec.field(name="marginTableId", default=None)
    delisted: bool = msgspec.field(name="isDelisted", default=False)


class _Tier(msgspec.Struct):
    lower: NotNegative = msgspec.field(name="lowerBound")  # [quote] position value
    max_leverage: _Leverage = msgspec.field(name="maxLeverage")


class _Table(msgspec.Struct):
    tiers: list[_Tier] = msgspec.field(name="marginTiers")


class _Meta(msgspec.Struct):
    universe: list[object]
    tables: list[object] = msgspec.field(name="marginTables", default_factory=list)


class _Context(msgspec.Struct):
    open_interest: NotNegative = msgspec.field(name="openInterest")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `metaAndAssetCtxs`: the perpetuals that trade, their open interest and brackets.

    Markets and their contexts are two lists in the same order.
    """
    meta, contexts = convert(payload, tuple[_Meta, list[object]])
    if len(meta.universe) != len(contexts):
        raise ValueError("markets and their contexts do not match")
    tables = dict(common.readable(meta.tables, tuple[int, _Table]))
    return list(_listed(zip(meta.universe, contexts, strict=True), tables))


def _listed(rows: "zip[tuple[object, object]]", tables: dict[int, _Table]) -> Iterator[Listing]:
    for raw, context in rows:
        try:
            market = convert(raw, _Market)
        except UNREADABLE:
            continue
        base = _THOUSANDS.sub("1000", market.name)
        listing = common.listed(NAME, market.name, base, _DOLLAR, _DOLLAR)
        if listing is None or market.delisted:
            continue
        told = common.readable([context], _Context)
        interest = told[0].open_interest if told else None
        yield replace(listing, open_interest=interest or None, brackets=_brackets(market, tables))


def _brackets(market: _Market, tables: dict[int, _Table]) -> Brackets | None:
    """Make a market's brackets; a table that is not listed is a single step."""
    table = tables.get(market.table) if market.table is not None else None
    tiers = sorted(table.tiers, key=lambda tier: tier.lower) if table else []
    leverage = floats([tier.max_leverage for tier in tiers] or [market.max_leverage])
    cap = floats([*(tier.lower for tier in tiers[1:]), math.inf])
    try:
        # Maintenance margin is half the initial margin at the step's greatest leverage.
        return continuous_brackets(cap, 1 / (2 * leverage), leverage)
    except ValueError:
        return None


class _Candle(msgspec.Struct):
    open_time: Moment = msgspec.field(name="t")
    close_time: int = msgspec.field(name="T")  # [ms] its last millisecond
    coin: str = msgspec.field(name="s")
    open: Positive = msgspec.field(name="o")
    high: Positive = msgspec.field(name="h")
    low: Positive = msgspec.field(name="l")
    close: Positive = msgspec.field(name="c")
    volume: NotNegative = msgspec.field(name="v")  # [base]


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `candleSnapshot`; the taker's side of the volume is not told."""
    rows = convert(payload, list[_Candle])
    _one_coin({row.coin for row in rows}, listing)
    if any(row.close_time + 1 - row.open_time != interval for row in rows):
        raise ValueError("bars of another length")
    bars = [Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles(bars, interval, taker=False)


class _Funding(msgspec.Struct):
    coin: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `fundingHistory`: what was paid each hour, as a fraction for that hour."""
    rows = convert(payload, list[_Funding])
    _one_coin({row.coin for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


def _one_coin(coins: set[str], listing: Listing) -> None:
    if coins - {listing.id}:
        raise ValueError("rows of another coin")


class _Chosen(msgspec.Struct):
    kind: Literal["cross", "isolated"] = msgspec.field(name="type")
    value: Positive


class _Position(msgspec.Struct):
    coin: str
    size: Annotated[float, msgspec.Meta(gt=-1e18, lt=1e18)] = msgspec.field(name="szi")
    leverage: _Chosen
    entry_price: Positive = msgspec.field(name="entryPx")
    liquidation_price: float | None = msgspec.field(name="liquidationPx", default=None)
    value: NotNegative | None = msgspec.field(name="positionValue", default=None)  # [quote] at mark


class _Asset(msgspec.Struct):
    position: _Position


class _State(msgspec.Struct):
    assets: list[object] = msgspec.field(name="assetPositions")


@reading(NAME, "an account")
def positions(payload: object) -> Sequence[OpenPosition]:
    """Read `clearinghouseState`: all positions of one account, the size's sign being the side.

    A liquidation price is missing where none liquidates the position. In cross margin it holds as
    long as the account's other positions stay as they are.
    """
    assets = convert(payload, _State).assets
    rows = [asset.position for asset in common.readable(assets, _Asset)]
    if assets and not rows:
        raise ValueError("no position can be read")
    return [
        OpenPosition(
            row.coin,
            1 if row.size > 0 else -1,
            abs(row.size),
            row.entry_price,
            row.leverage.value,
            _price(row.liquidation_price),
            row.leverage.kind == "isolated",
            row.value / abs(row.size) if row.value else math.nan,
        )
        for row in rows
        if row.size
    ]


def _price(price: float | None) -> float:
    return price if price is not None and 0 < price < np.inf else math.nan


class _Account(msgspec.Struct):
    address: str = msgspec.field(name="ethAddress")
    value: NotNegative = msgspec.field(name="accountValue")  # [USD]


class _Leaderboard(msgspec.Struct):
    rows: list[msgspec.Raw] = msgspec.field(name="leaderboardRows")


_ACCOUNT = msgspec.json.Decoder(_Account, strict=False)


@reading(NAME, "the list of accounts")
def largest(message: bytes, count: int) -> Sequence[str]:
    """Read the leaderboard: addresses of the accounts that are worth most, largest first.

    It names some 30,000 accounts in 25 MB, of which only address and worth are decoded.
    """
    found = list(_accounts(msgspec.json.decode(message, type=_Leaderboard).rows))
    if not found:
        raise ValueError("no account can be read")
    best = heapq.nlargest(count, found, key=lambda account: account.value)
    return list(dict.fromkeys(account.address.lower() for account in best))


def _accounts(rows: Sequence[msgspec.Raw]) -> Iterator[_Account]:
    for row in rows:
        try:
            account = _ACCOUNT.decode(row)
        except UNREADABLE:
            continue
        if is_address(account.address):
            yield account


def is_address(word: str) -> bool:
    """Say whether a word can be an account's address.

    >>> is_address("0x" + "0123456789abcdef" * 2 + "01234567"), is_address("0x12")
    (True, False)
    """
    return _ADDRESS.fullmatch(word) is not None
