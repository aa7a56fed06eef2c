"""Gate perpetuals settled in USDT: payload -> core types.

Sizes come in contracts, times in seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from bot.core.arrays import floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.margin.tiers import brackets as continuous_brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    ForcedOrder,
    Listing,
    NotNegative,
    Positive,
    Rate,
    convert,
    in_order,
    reading,
)

NAME = "gate"
_SETTLE = "USDT"
_SECOND = 1000  # [ms]

# Seconds of 2015 to 2100; some rows have a fraction.
_Second = Annotated[int, msgspec.Meta(ge=1_420_070_400, le=4_102_444_800)]
_Instant = Annotated[float, msgspec.Meta(ge=1_420_070_400, le=4_102_444_800)]
_Signed = Annotated[float, msgspec.Meta(gt=-1e18, lt=1e18)]


class _Symbol(msgspec.Struct):
    name: str
    contract_size: Positive = msgspec.field(name="quanto_multiplier")  # [base]
    delisting: bool = msgspec.field(name="in_delisting", default=False)
    status: str = "trading"
    tracks: str = msgspec.field(name="contract_type", default="")  # "": a coin
    funding_interval: Annotated[int, msgspec.Meta(ge=60)] | None = None  # [s]


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/futures/usdt/contracts`: the perpetuals that trade, with contract sizes.

    Shares are left out: some have the name of a coin, such as CAT.
    """
    found = []
    for row in common.readable(convert(payload, list[object]), _Symbol):
        base, _, quote = row.name.partition("_")
        if row.status == "trading" and not row.delisting and row.tracks != "stocks":
            found.append(common.listed(NAME, row.name, base, quote, _SETTLE, row.contract_size))
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct):
    open_time: _Second = msgspec.field(name="t")
    open: Positive = msgspec.field(name="o")
    high: Positive = msgspec.field(name="h")
    low: Positive = msgspec.field(name="l")
    close: Positive = msgspec.field(name="c")
    contracts: NotNegative = msgspec.field(name="v")


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/futures/usdt/candlesticks`; no taker's side is told."""
    size = listing.contract_size
    bars = [
        Bar(k.open_time * _SECOND, k.open, k.high, k.low, k.close, k.contracts * size)
        for k in convert(payload, list[_Kline])
    ]
    return common.candles(bars, interval, taker=False)


class _Statistics(msgspec.Struct):
    time: _Second
    contracts: NotNegative = msgspec.field(name="open_interest")
    ratio: NotNegative = msgspec.field(name="lsr_account", default=0.0)


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, interval: int) -> OpenInterest:
    """Read `/futures/usdt/contract_stats`.

    A row bears the start of its period and is rewritten until some minutes after its end, so it is
    known at the end at the earliest.
    """
    rows = convert(payload, list[_Statistics])
    size = listing.contract_size
    return common.open_interest(
        [(row.time * _SECOND + interval, row.contracts * size) for row in rows]
    )


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, _listing: Listing, interval: int) -> LongShortRatio:
    """Read `/futures/usdt/contract_stats`: accounts long for each that is short."""
    rows = [row for row in convert(payload, list[_Statistics]) if row.ratio > 0]
    moments = [row.time * _SECOND + interval for row in rows]
    time, (ratio,) = in_order(moments, [row.ratio for row in rows])
    return LongShortRatio(time, ratio)


class _Funding(msgspec.Struct):
    time: _Second = msgspec.field(name="t")
    rate: Rate = msgspec.field(name="r")


@reading(NAME, "funding")
def funding(payload: object, _listing: Listing, _interval: int) -> FundingRates:
    """Read `/futures/usdt/funding_rate`."""
    rows = convert(payload, list[_Funding])
    time, (rate,) = in_order([row.time * _SECOND for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Tier(msgspec.Struct):
    value_cap: Positive = msgspec.field(name="risk_limit")  # [quote]
    maintenance: Positive = msgspec.field(name="maintenance_rate")
    max_leverage: Positive = msgspec.field(name="leverage_max")
    contract: str = ""
    deduction: float | str | None = None


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, _price: float) -> Brackets:
    """Read `/futures/usdt/risk_limit_tiers` of one contract: caps in quote, cumulative."""
    rows = convert(payload, list[_Tier])
    if {row.contract for row in rows} - {listing.id, ""}:
        raise ValueError("brackets of another contract")
    rows.sort(key=lambda row: row.value_cap)
    cap = floats([row.value_cap for row in rows])
    rate = floats([row.maintenance for row in rows])
    leverage = floats([row.max_leverage for row in rows])
    deduction = [common.told(row.deduction) for row in rows]
    if None in deduction[1:]:
        return continuous_brackets(cap, rate, leverage)
    return Brackets(cap, rate, leverage, floats([amount or 0.0 for amount in deduction]))


class _Ticker(msgspec.Struct):
    contract: str
    price: Positive = msgspec.field(name="last")
    turnover: NotNegative = msgspec.field(name="volume_24h_quote")
    contracts: NotNegative = msgspec.field(name="total_size")
    funding: Rate = msgspec.field(name="funding_rate")
    change: _Signed = msgspec.field(name="change_percentage")


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/futures/usdt/contracts`, for the funding intervals, and `/futures/usdt/tickers`."""
    contracts, tickers = answers
    symbols = common.readable(convert(contracts, list[object]), _Symbol)
    interval = {row.name: row.funding_interval for row in symbols}
    told = common.readable(convert(tickers, list[object]), _Ticker)
    return {
        listings[row.contract].instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.contracts * listings[row.contract].contract_size or None,
            funding=row.funding,
            funding_interval=seconds * _SECOND if (seconds := interval.get(row.contract)) else None,
            change=row.change / 100,
        )
        for row in told
        if row.contract in listings
    }


class _Level(msgspec.Struct):
    price: Positive = msgspec.field(name="p")
    contracts: NotNegative = msgspec.field(name="s")


class _Book(msgspec.Struct):
    asks: list[_Level]
    bids: list[_Level]


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `/futures/usdt/order_book`."""
    told = convert(payload, _Book)
    bids, asks = ([(one.price, one.contracts) for one in side] for side in (told.bids, told.asks))
    return depth.order_book(listing, now, bids, asks, most)


class _Trade(msgspec.Struct):
    contract: str
    time: _Instant = msgspec.field(name="create_time")
    size: _Signed  # contracts, above zero if the taker bought
    price: Positive


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/futures/usdt/trades`."""
    rows = convert(payload, list[_Trade])
    if {row.contract for row in rows} - {listing.id}:
        raise ValueError("trades of another contract")
    found = [
        depth.Trade(round(row.time * _SECOND), 1 if row.size > 0 else -1, row.price, abs(row.size))
        for row in rows
        if row.size
    ]
    return depth.trades(listing, found)


class _Liquidated(msgspec.Struct):
    contract: str
    time: _Second
    # Contracts of the position, above zero if it was long; the order that closed it has the
    # opposite sign, and may be for a part.
    size: _Signed
    price: Positive = msgspec.field(name="fill_price")
    order_size: _Signed | None = None
    left: _Signed = 0.0  # contracts of the order that found no taker


@reading(NAME, "liquidations")
def liquidated(payload: object, listing: Listing) -> Sequence[ForcedOrder]:
    """Read `/futures/usdt/liq_orders`; what was not filled is no liquidation yet."""
    sent = convert(payload, list[object])
    rows = common.readable(sent, _Liquidated)
    if sent and not rows:
        raise ValueError("no row can be read")
    found = []
    for row in rows:
        ordered = row.size if row.order_size is None else row.order_size
        filled = abs(ordered) - abs(row.left)
        if row.contract == listing.id and row.size and filled > 0:
            side = 1 if row.size > 0 else -1
            found.append(ForcedOrder(row.contract, row.time * _SECOND, side, row.price, filled))
    return found
