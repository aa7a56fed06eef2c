"""Bitget perpetuals settled in USDT: payload -> core types. Quantities are in base coin."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from bot.core.arrays import HOUR, floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.margin.tiers import brackets as continuous_brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, LongShortRatio
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    ForcedOrder,
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    in_order,
    reading,
)

NAME = "bitget"
_SETTLE = "USDT"
_TAKER_SIDE = {"buy": +1, "sell": -1}
# Of a liquidation Bitget publishes the side of the position: buy, a long was liquidated.
_POSITION_SIDE = {"buy": +1, "sell": -1}
# No single liquidation was ever worth so much [quote]: amounts that make it are no base coin.
_ABSURD = 1e9


class _Answer(msgspec.Struct):
    code: str
    data: object


def _data(payload: object) -> object:
    answer = convert(payload, _Answer)
    if answer.code != "00000":
        raise ValueError(f"refused with code {answer.code}")
    return answer.data


def _one_symbol(symbols: set[str], listing: Listing) -> None:
    if symbols - {listing.id}:
        raise ValueError("rows of another symbol")


class _Symbol(msgspec.Struct):
    symbol: str
    base: str = msgspec.field(name="baseCoin")
    quote: str = msgspec.field(name="quoteCoin")
    kind: str = msgspec.field(name="symbolType")
    status: str = msgspec.field(name="symbolStatus")
    share: str = msgspec.field(name="isRwa", default="NO")
    hours: Annotated[float, msgspec.Meta(ge=0.25, le=24)] | None = msgspec.field(
        name="fundInterval", default=None
    )


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v2/mix/market/contracts`: the perpetuals that trade.

    Shares are left out: some have the name of a coin.
    """
    found = [
        common.listed(NAME, row.symbol, row.base, row.quote, _SETTLE)
        for row in common.readable(convert(_data(payload), list[object]), _Symbol)
        if row.kind == "perpetual"
        and row.status == "normal"
        and row.quote == _SETTLE
        and row.share != "YES"
    ]
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative  # base coin; the field after it is in quote


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/api/v2/mix/market/candles` and `history-candles`; no taker's side is told."""
    rows = convert(_data(payload), list[_Kline])
    bars = [Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles(bars, interval, taker=False)


class _Funding(msgspec.Struct):
    symbol: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment = msgspec.field(name="fundingTime")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v2/mix/market/history-fund-rate`."""
    rows = convert(_data(payload), list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ratio(msgspec.Struct):
    long: Positive = msgspec.field(name="longAccountRatio")
    short: Positive = msgspec.field(name="shortAccountRatio")
    time: Moment = msgspec.field(name="ts")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, _listing: Listing, interval: int) -> LongShortRatio:
    """Read `/api/v2/mix/market/account-long-short`: shares of the accounts long and short.

    It is not said whether a row's time is the begin or the end of its period, so that the row is
    taken to be known when a period that begins there has ended.
    """
    rows = convert(_data(payload), list[_Ratio])
    ratios = [row.long / row.short for row in rows]
    time, (ratio,) = in_order([row.time + interval for row in rows], ratios)
    return LongShortRatio(time, ratio)


class _Tier(msgspec.Struct):
    symbol: str
    value_cap: Positive = msgspec.field(name="endUnit")  # [quote]
    max_leverage: Positive = msgspec.field(name="leverage")
    maintenance: Positive = msgspec.field(name="keepMarginRate")


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, _price: float) -> Brackets:
    """Read `/api/v2/mix/market/query-position-lever`: caps in quote currency, cumulative.

    Since November 2025 each part of a position bears the rate of its own bracket, which is what
    the deductions of `continuous_brackets` come to; they are not told.
    """
    rows = convert(_data(payload), list[_Tier])
    _one_symbol({row.symbol for row in rows}, listing)
    rows.sort(key=lambda row: row.value_cap)
    return continuous_brackets(
        floats([row.value_cap for row in rows]),
        floats([row.maintenance for row in rows]),
        floats([row.max_leverage for row in rows]),
    )


class _Ticker(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastPr")
    turnover: NotNegative = msgspec.field(name="usdtVolume")
    open_interest: NotNegative = msgspec.field(name="holdingAmount")  # [base]
    funding: Rate | None = msgspec.field(name="fundingRate", default=None)
    change: Annotated[float, msgspec.Meta(ge=-1, lt=1e9)] | None = msgspec.field(
        name="change24h", default=None
    )


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `contracts`, for the hours between fundings, and `tickers`."""
    contracts, tickers = answers
    symbols = common.readable(convert(_data(contracts), list[object]), _Symbol)
    hours = {row.symbol: row.hours for row in symbols}
    return {
        listings[row.symbol].instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.open_interest or None,
            funding=row.funding,
            funding_interval=round(apart * HOUR) if (apart := hours.get(row.symbol)) else None,
            change=row.change,
        )
        for row in common.readable(convert(_data(tickers), list[object]), _Ticker)
        if row.symbol in listings
    }


class _Book(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `/api/v2/mix/market/merge-depth`."""
    told = convert(_data(payload), _Book)
    return depth.order_book(listing, now, depth.levels(told.bids), depth.levels(told.asks), most)


class _Trade(msgspec.Struct):
    symbol: str
    side: str
    price: Positive
    quantity: Positive = msgspec.field(name="size")
    time: Moment = msgspec.field(name="ts")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/api/v2/mix/market/fills-history`; the side is the taker's."""
    rows = convert(_data(payload), list[_Trade])
    _one_symbol({row.symbol for row in rows}, listing)
    if any(row.side.lower() not in _TAKER_SIDE for row in rows):
        raise ValueError("a trade without a side")
    found = [
        depth.Trade(row.time, _TAKER_SIDE[row.side.lower()], row.price, row.quantity)
        for row in rows
    ]
    return depth.trades(listing, found)


class _Liquidated(msgspec.Struct):
    symbol: str
    side: str
    price: Positive
    quantity: Positive = msgspec.field(name="amount")
    time: Moment = msgspec.field(name="ts")


class _Liquidations(msgspec.Struct):
    rows: list[object] = msgspec.field(name="list")


@reading(NAME, "liquidations")
def liquidated_rows(payload: object) -> int:
    """Count the rows of `/api/v3/market/liquidations`, whatever is in them."""
    return len(convert(_data(payload), _Liquidations).rows)


@reading(NAME, "liquidations")
def liquidated(payload: object, listing: Listing) -> Sequence[ForcedOrder]:
    """Read `/api/v3/market/liquidations`; single rows that cannot be read are left out.

    If amounts were in quote currency after all, the larger ones would be seen by their value.
    """
    sent = convert(_data(payload), _Liquidations).rows
    rows = [row for row in common.readable(sent, _Liquidated) if row.side in _POSITION_SIDE]
    if sent and not rows:
        raise ValueError("no row can be read")
    if any(row.price * row.quantity > _ABSURD for row in rows):
        raise ValueError("amounts that are no base coin")
    return [
        ForcedOrder(row.symbol, row.time, _POSITION_SIDE[row.side], row.price, row.quantity)
        for row in rows
        if row.symbol == listing.id
    ]
