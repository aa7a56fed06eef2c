"""Binance COIN-M: payload -> core types. Inverse perpetuals, counted in contracts of 10 or 100 USD.

What is sent as for USDⓈ-M is read by the same parsers.
"""

from collections.abc import Sequence

import msgspec

from bot.core.market.series import Candles, LongShortRatio, OpenInterest
from bot.exchanges.parse import binance, binance_now, common
from bot.exchanges.parse.common import (
    Bar,
    Listing,
    Moment,
    NotNegative,
    Positive,
    convert,
    in_order,
    reading,
    speaking_for,
)

NAME = "binancecoinm"

funding = speaking_for(NAME, binance.funding)
forced_orders = speaking_for(NAME, binance.forced_orders)
overview = speaking_for(NAME, binance_now.overview)
book = speaking_for(NAME, binance_now.book)
trades = speaking_for(NAME, binance_now.trades)


class _Symbol(msgspec.Struct):
    symbol: str
    contract_type: str = msgspec.field(name="contractType")
    status: str = msgspec.field(name="contractStatus")
    base: str = msgspec.field(name="baseAsset")
    quote: str = msgspec.field(name="quoteAsset")
    settle: str = msgspec.field(name="marginAsset")
    size: Positive = msgspec.field(name="contractSize")  # [quote]


class _ExchangeInfo(msgspec.Struct):
    symbols: list[object]


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/dapi/v1/exchangeInfo`: the perpetuals that trade, with their contract sizes."""
    rows = common.readable(convert(payload, _ExchangeInfo).symbols, _Symbol)
    found = [
        common.listed(NAME, row.symbol, row.base, row.quote, row.settle, row.size)
        for row in rows
        if row.contract_type == "PERPETUAL" and row.status == "TRADING"
    ]
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    contracts: NotNegative
    close_time: int
    volume: NotNegative  # base coin: what stands here is quote currency for USDⓈ-M
    trades: int
    taker_buy_contracts: NotNegative
    taker_buy_volume: NotNegative


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/dapi/v1/klines`; the last bar may still be forming."""
    rows = convert(payload, list[_Kline])
    bars = [
        Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume, k.taker_buy_volume) for k in rows
    ]
    return common.candles(bars, interval, taker=True)


class _OpenInterest(msgspec.Struct):
    pair: str
    contract_type: str = msgspec.field(name="contractType")
    contracts: NotNegative = msgspec.field(name="sumOpenInterest")
    time: Moment = msgspec.field(name="timestamp")


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read `/futures/data/openInterestHist` of a pair's perpetual, in quote currency."""
    rows = convert(payload, list[_OpenInterest])
    if {(row.pair, row.contract_type) for row in rows} - {(pair(listing), "PERPETUAL")}:
        raise ValueError("rows of another contract")
    return common.open_interest([(row.time, row.contracts * listing.contract_size) for row in rows])


class _Ratio(msgspec.Struct):
    pair: str
    ratio: Positive = msgspec.field(name="longShortRatio")
    time: Moment = msgspec.field(name="timestamp")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, listing: Listing, _interval: int) -> LongShortRatio:
    """Read `/futures/data/globalLongShortAccountRatio`, which is told of a pair."""
    rows = convert(payload, list[_Ratio])
    if {row.pair for row in rows} - {pair(listing)}:
        raise ValueError("rows of another pair")
    time, (ratio,) = in_order([row.time for row in rows], [row.ratio for row in rows])
    return LongShortRatio(time, ratio)


def pair(listing: Listing) -> str:
    """Return what Binance calls a perpetual and its futures together: BTCUSD of BTCUSD_PERP."""
    return listing.id.partition("_")[0]
