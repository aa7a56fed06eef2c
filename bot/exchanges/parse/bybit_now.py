"""Bybit of the moment, linear and inverse alike: all markets in a line, order book, trades."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.bybit import NAME, answered, one_sided
from bot.exchanges.parse.common import (
    Change,
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    reading,
)

_SIDE = {"Buy": +1, "Sell": -1}  # the taker's


class _Ticker(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastPrice")
    change: Change = msgspec.field(name="price24hPcnt")  # a fraction, despite its name
    amount: NotNegative = msgspec.field(name="volume24h")
    both: NotNegative = msgspec.field(name="openInterest")
    # Empty for futures that expire.
    funding: Rate = msgspec.field(name="fundingRate")
    hours: Annotated[int, msgspec.Meta(ge=1, le=24)] | None = msgspec.field(
        name="fundingIntervalHour", default=None
    )
    one: float | str | None = msgspec.field(name="singleOpenInterest", default=None)


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/v5/market/tickers`: amounts are base coin, or quote currency of inverse contracts."""
    (tickers,) = answers
    told = common.readable(answered(tickers).rows, _Ticker)
    return {
        listing.instrument: Summary(
            time=now,
            price=row.price,
            turnover=listing.base(row.amount, row.price) * row.price,
            open_interest=listing.base(one_sided(row.both, row.one), row.price) or None,
            funding=row.funding,
            funding_interval=row.hours * HOUR if row.hours else None,
            change=row.change,
        )
        for row in told
        if (listing := listings.get(row.symbol)) is not None
    }


class _Book(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    bids: list[depth.Level] = msgspec.field(name="b")
    asks: list[depth.Level] = msgspec.field(name="a")
    time: Moment = msgspec.field(name="ts")


class _Answer(msgspec.Struct):
    code: int = msgspec.field(name="retCode")
    result: _Book


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, _now: int, most: int) -> OrderBook:
    """Read `/v5/market/orderbook`, which says itself of what time it is."""
    told = convert(payload, _Answer).result
    if told.symbol != listing.id:
        raise ValueError("a book of another symbol")
    bids, asks = depth.levels(told.bids), depth.levels(told.asks)
    return depth.order_book(listing, told.time, bids, asks, most)


class _Trade(msgspec.Struct):
    symbol: str
    time: Moment
    side: str
    price: Positive
    amount: Positive = msgspec.field(name="size")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/v5/market/recent-trade`."""
    rows = convert(answered(payload).rows, list[_Trade])
    if {row.symbol for row in rows} - {listing.id}:
        raise ValueError("trades of another symbol")
    return depth.trades(
        listing,
        [depth.Trade(row.time, _side(row.side), row.price, row.amount) for row in rows],
    )


def _side(word: str) -> int:
    if word not in _SIDE:
        raise ValueError("a trade without a side")
    return _SIDE[word]
