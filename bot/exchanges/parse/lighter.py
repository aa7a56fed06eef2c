"""Lighter perpetuals: payload -> core types. Quantities are in base coin, what is paid is USDC.

A market goes by a number. Open interest is one-sided (its own pages show the double). Margins are
told in hundredths of a percent.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec

from bot.core.arrays import HOUR, floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    Change,
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

NAME = "lighter"
LEVELS = 250  # orders of each side of the book
_SETTLE = "USDC"
_WHOLE = 1e4  # margins are told as parts of it
_FUNDED_FOR = 8  # hours that the rate of now is told for; each hour is paid its part
_Seconds = Annotated[int, msgspec.Meta(ge=1_420_070_400, le=4_102_444_800)]


class _Market(msgspec.Struct):
    id: int = msgspec.field(name="market_id")
    symbol: str
    kind: str = msgspec.field(name="market_type")
    status: str
    initial: Positive | None = msgspec.field(name="min_initial_margin_fraction", default=None)
    maintenance: Positive | None = msgspec.field(name="maintenance_margin_fraction", default=None)


class _Markets(msgspec.Struct):
    rows: list[object] = msgspec.field(name="order_book_details")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v1/orderBookDetails`: the perpetuals that trade, each with its one bracket."""
    found = []
    for row in common.readable(convert(payload, _Markets).rows, _Market):
        listing = common.listed(NAME, str(row.id), row.symbol, _SETTLE, _SETTLE)
        if listing is not None and row.kind == "perp" and row.status == "active":
            found.append(replace(listing, brackets=_bracket(row)))
    return found


def _bracket(market: _Market) -> Brackets | None:
    """Make the one bracket of a market, None where its margins are not told or make no sense."""
    if market.initial is None or market.maintenance is None:
        return None
    try:
        return Brackets(
            value_cap=floats([math.inf]),
            maintenance_margin_rate=floats([market.maintenance / _WHOLE]),
            max_leverage=floats([_WHOLE / market.initial]),
            deduction=floats([0.0]),
        )
    except ValueError:
        return None


class _Candle(msgspec.Struct):
    time: Moment = msgspec.field(name="t")
    open: Positive = msgspec.field(name="o")
    high: Positive = msgspec.field(name="h")
    low: Positive = msgspec.field(name="l")
    close: Positive = msgspec.field(name="c")
    volume: NotNegative = msgspec.field(name="v")


class _Candles(msgspec.Struct):
    rows: list[_Candle] = msgspec.field(name="c")


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/api/v1/candles`; the taker's side is not told."""
    bars = [
        Bar(k.time, k.open, k.high, k.low, k.close, k.volume)
        for k in convert(payload, _Candles).rows
    ]
    return common.candles(bars, interval, taker=False)


class _Funding(msgspec.Struct):
    time: _Seconds = msgspec.field(name="timestamp")
    percent: Annotated[float, msgspec.Meta(ge=0, lt=100)] = msgspec.field(name="rate")
    payer: str = msgspec.field(name="direction")


class _Fundings(msgspec.Struct):
    rows: list[_Funding] = msgspec.field(name="fundings")


_SIGN = {"long": +1, "short": -1}


@reading(NAME, "funding")
def funding(payload: object, _listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v1/fundings`: what was paid each hour, in percent, and the side that paid it."""
    rows = convert(payload, _Fundings).rows
    if {row.payer for row in rows} - _SIGN.keys():
        raise ValueError("funding that nobody pays")
    time, (rate,) = in_order(
        [row.time * 1000 for row in rows],
        [_SIGN[row.payer] * row.percent / 100 for row in rows],
    )
    return FundingRates(time, rate)


class _Detail(msgspec.Struct):
    id: int = msgspec.field(name="market_id")
    price: Positive = msgspec.field(name="last_trade_price")
    turnover: NotNegative = msgspec.field(name="daily_quote_token_volume")
    open_interest: NotNegative
    change: Change | None = msgspec.field(name="daily_price_change", default=None)  # [%]


class _Rate(msgspec.Struct):
    id: int = msgspec.field(name="market_id")
    exchange: str
    rate: Rate


class _Rates(msgspec.Struct):
    rows: list[object] = msgspec.field(name="funding_rates")


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/api/v1/orderBookDetails` and `/api/v1/funding-rates`.

    The latter tells rates of other venues as well, and all of them for eight hours.
    """
    markets, rates = answers
    funding = {
        row.id: row.rate / _FUNDED_FOR
        for row in common.readable(convert(rates, _Rates).rows, _Rate)
        if row.exchange == NAME
    }
    return {
        listing.instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.open_interest or None,
            funding=funding.get(row.id),
            funding_interval=HOUR,
            change=None if row.change is None else row.change / 100,
        )
        for row in common.readable(convert(markets, _Markets).rows, _Detail)
        if (listing := listings.get(str(row.id))) is not None
    }


class _Order(msgspec.Struct):
    price: Positive
    left: NotNegative = msgspec.field(name="remaining_base_amount")


class _Book(msgspec.Struct):
    bids: list[_Order]
    asks: list[_Order]


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, now: int) -> OrderBook:
    """Read `/api/v1/orderBookOrders`: single orders, of which those of one price are one level."""
    book = convert(payload, _Book)
    return depth.order_book(listing, now, _levels(book.bids), _levels(book.asks), LEVELS)


def _levels(orders: Iterable[_Order]) -> depth.Levels:
    """Sum the orders of each price.

    >>> _levels([_Order(101.0, 2.0), _Order(100.0, 1.0), _Order(101.0, 0.5)])
    [(101.0, 2.5), (100.0, 1.0)]
    """
    offered: dict[float, float] = {}
    for order in orders:
        offered[order.price] = offered.get(order.price, 0.0) + order.left
    return list(offered.items())


class _Trade(msgspec.Struct):
    id: int = msgspec.field(name="market_id")
    time: Moment = msgspec.field(name="timestamp")
    size: Positive
    price: Positive
    maker_sold: bool = msgspec.field(name="is_maker_ask")
    kind: str = msgspec.field(name="type", default="")


class _Trades(msgspec.Struct):
    rows: list[_Trade] = msgspec.field(name="trades")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/api/v1/recentTrades`."""
    rows = convert(payload, _Trades).rows
    if {str(row.id) for row in rows} - {listing.id}:
        raise ValueError("trades of another market")
    found = [
        depth.Trade(row.time, +1 if row.maker_sold else -1, row.price, row.size) for row in rows
    ]
    return depth.trades(listing, found)


class _Push(msgspec.Struct):
    kind: str = msgspec.field(name="type", default="")
    liquidations: list[object] | None = msgspec.field(name="liquidation_trades", default=None)


_PUSH = msgspec.json.Decoder(_Push)


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of the channel `trade/MARKET`, which tells liquidations in a list of theirs.

    Who is liquidated takes: a long sells to a maker who bids (apidocs.lighter.xyz, and the position
    of the taker before it, which recorded messages tell). The last fifty, told after subscribing,
    happened before, and so count not. Positions that are deleveraged have a type of their own.
    """
    push = _PUSH.decode(message)
    if push.kind != "update/trade" or not push.liquidations:
        return ()
    readable = common.readable(push.liquidations, _Trade)
    if not readable:
        raise ValueError("no row can be read")
    return [
        ForcedOrder(str(row.id), row.time, -1 if row.maker_sold else +1, row.price, row.size)
        for row in readable
        if row.kind == "liquidation"
    ]


def pong(message: bytes) -> str | None:
    """Answer a message that asks whether somebody listens. msgspec.MsgspecError."""
    return '{"type": "pong"}' if _PUSH.decode(message).kind == "ping" else None
