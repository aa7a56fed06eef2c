"""Binance USDⓈ-M: payload -> core types. Quantities are in base coin throughout.

Every parser of a series is called with the payload, the listing and the interval it was asked
for, whichever of these a venue's payload needs, so that all venues are read alike. What cannot be
right is refused with MarketUnavailable.
"""

from collections.abc import Sequence

import msgspec

from bot.core.errors import MarketUnavailable
from bot.core.language import later
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.parse import common
from bot.exchanges.parse.common import (
    UNREADABLE,
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

NAME = "binance"
# A long is closed by selling, and Binance publishes the order's side.
_SIDE = {"SELL": +1, "BUY": -1}


class _Symbol(msgspec.Struct):
    symbol: str
    contract_type: str = msgspec.field(name="contractType")
    status: str
    base: str = msgspec.field(name="baseAsset")
    quote: str = msgspec.field(name="quoteAsset")
    settle: str = msgspec.field(name="marginAsset")


class _ExchangeInfo(msgspec.Struct):
    symbols: list[dict[str, object]]


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/fapi/v1/exchangeInfo`: the dollar perpetuals that trade."""
    rows = common.readable(convert(payload, _ExchangeInfo).symbols, _Symbol)
    found = [
        common.listed(NAME, row.symbol, row.base, row.quote, row.settle)
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
    volume: NotNegative
    close_time: int
    quote_volume: NotNegative
    trades: int
    taker_buy_volume: NotNegative  # ccxt's unified candle drops this


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/fapi/v1/klines`; the last bar may still be forming."""
    rows = convert(payload, list[_Kline])
    bars = [
        Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume, k.taker_buy_volume) for k in rows
    ]
    return common.candles(bars, interval, taker=True)


class _OpenInterest(msgspec.Struct):
    symbol: str
    quantity: NotNegative = msgspec.field(name="sumOpenInterest")
    time: Moment = msgspec.field(name="timestamp")


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read `/futures/data/openInterestHist`: `sumOpenInterest` is base coin, the value is USD."""
    rows = convert(payload, list[_OpenInterest])
    _one_symbol({row.symbol for row in rows}, listing)
    return common.open_interest([(row.time, row.quantity) for row in rows])


class _Funding(msgspec.Struct):
    symbol: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment = msgspec.field(name="fundingTime")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/fapi/v1/fundingRate`."""
    rows = convert(payload, list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ratio(msgspec.Struct):
    symbol: str
    ratio: Positive = msgspec.field(name="longShortRatio")
    time: Moment = msgspec.field(name="timestamp")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, listing: Listing, _interval: int) -> LongShortRatio:
    """Read `/futures/data/globalLongShortAccountRatio`: all accounts, not the top traders'."""
    rows = convert(payload, list[_Ratio])
    _one_symbol({row.symbol for row in rows}, listing)
    time, (ratio,) = in_order([row.time for row in rows], [row.ratio for row in rows])
    return LongShortRatio(time, ratio)


def _one_symbol(symbols: set[str], listing: Listing) -> None:
    if symbols - {listing.id}:
        raise ValueError("rows of another symbol")


class _Order(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    price: NotNegative = msgspec.field(name="ap")  # average of the fills; `p` is only the limit
    filled: NotNegative = msgspec.field(name="z")  # in all; `l` is only the last fill
    time: Moment = msgspec.field(name="T")


class _Event(msgspec.Struct):
    event: str = msgspec.field(name="e", default="")
    order: _Order | None = msgspec.field(name="o", default=None)
    data: "_Event | None" = None  # a combined stream wraps the event


class _AnyEvent(msgspec.Struct):
    event: str = msgspec.field(name="e", default="")
    data: "_AnyEvent | None" = None


_EVENT = msgspec.json.Decoder(_Event, strict=False)
_ANY_EVENT = msgspec.json.Decoder(_AnyEvent, strict=False)


def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of `!forceOrder@arr` or `SYMBOL@forceOrder`, bare or wrapped.

    Answers to subscriptions and events of other kinds are no orders; an order of which nothing
    has been filled yet liquidates nothing.
    """
    try:
        event = _EVENT.decode(message)
    except UNREADABLE:
        return _no_forced_order(message)
    while event.data is not None:
        event = event.data
    order = event.order
    if event.event != "forceOrder" or order is None:
        return ()
    side = _SIDE.get(order.side)
    if side is None:
        raise MarketUnavailable(NAME, later("a liquidation has no side it could have"))
    if not (order.filled and order.price):
        return ()
    return (ForcedOrder(order.symbol, order.time, side, order.price, order.filled),)


@reading(NAME, "a liquidation")
def _no_forced_order(message: bytes) -> Sequence[ForcedOrder]:
    """Let events of other kinds pass, and refuse a forced order that cannot be read."""
    event = _ANY_EVENT.decode(message)
    while event.data is not None:
        event = event.data
    if event.event == "forceOrder":
        raise ValueError("a forced order that cannot be read")
    return ()
