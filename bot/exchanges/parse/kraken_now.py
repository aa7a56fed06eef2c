"""Kraken Futures at this moment: overview, order book, latest trades -> core types."""

from collections.abc import Mapping, Sequence

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Instant,
    Listing,
    NotNegative,
    Positive,
    convert,
    milliseconds,
    reading,
)
from bot.exchanges.parse.kraken import NAME

# The whole book comes; so many levels of each side are kept.
LEVELS = 2000
_TAKER_SIDE = {"buy": +1, "sell": -1}
_ALL = 1.0  # [fraction of value for an hour]; no rate comes near it


class _Ticker(msgspec.Struct):
    id: str = msgspec.field(name="symbol")
    mark: Positive = msgspec.field(name="markPrice")
    volume: NotNegative = msgspec.field(name="vol24h")  # as the contract is counted
    open_interest: NotNegative = msgspec.field(name="openInterest")  # likewise
    last: Positive | None = None
    turnover: NotNegative | None = msgspec.field(name="volumeQuote", default=None)
    opened: Positive | None = msgspec.field(name="open24h", default=None)
    # For each unit it is counted in: [USD] if linear, [base] if inverse.
    funding: float | None = msgspec.field(name="fundingRate", default=None)


class _Tickers(msgspec.Struct):
    rows: list[object] = msgspec.field(name="tickers")


@reading(NAME, "the overview")
def overview(
    payloads: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/derivatives/api/v3/tickers`; funding is that of the hour under way."""
    (payload,) = payloads
    found = {}
    for row in common.readable(convert(payload, _Tickers).rows, _Ticker):
        listing = listings.get(row.id.upper())
        if listing is None:
            continue
        price = row.last or row.mark
        dollars = row.volume if listing.inverse else row.turnover
        found[listing.instrument] = Summary(
            time=now,
            price=price,
            turnover=row.volume * price if dollars is None else dollars,
            open_interest=listing.base(row.open_interest, row.mark) or None,
            funding=_relative(row, inverse=listing.inverse),
            funding_interval=HOUR,
            change=price / row.opened - 1 if row.opened else None,
        )
    return found


def _relative(row: _Ticker, *, inverse: bool) -> float | None:
    """Return funding as a fraction of the position's value, None where it cannot be one."""
    if row.funding is None:
        return None
    rate = row.funding * row.mark if inverse else row.funding / row.mark
    return rate if -_ALL < rate < _ALL else None


class _Sides(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]


class _Book(msgspec.Struct):
    book: _Sides = msgspec.field(name="orderBook")
    time: Instant | None = msgspec.field(name="serverTime", default=None)


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, now: int) -> OrderBook:
    """Read `/derivatives/api/v3/orderbook`: [price, amount]."""
    told = convert(payload, _Book)
    time = now if told.time is None else milliseconds(told.time)
    bids, asks = depth.levels(told.book.bids), depth.levels(told.book.asks)
    return depth.order_book(listing, time, bids, asks, LEVELS)


class _Trade(msgspec.Struct):
    time: Instant
    side: str  # the taker's
    price: Positive
    amount: Positive = msgspec.field(name="size")


class _Trades(msgspec.Struct):
    rows: list[_Trade] = msgspec.field(name="history")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/derivatives/api/v3/history`."""
    found = [
        depth.Trade(milliseconds(row.time), _TAKER_SIDE[row.side], row.price, row.amount)
        for row in convert(payload, _Trades).rows
        if row.side in _TAKER_SIDE
    ]
    return depth.trades(listing, found)
