"""OKX of the moment: all swaps in a line, order book, trades. Sizes come in contracts."""

from collections.abc import Mapping, Sequence

import msgspec

from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    reading,
)
from bot.exchanges.parse.okx import NAME, answered

_SIDE = {"buy": +1, "sell": -1}  # the taker's


class _Ticker(msgspec.Struct):
    symbol: str = msgspec.field(name="instId")
    price: Positive = msgspec.field(name="last")
    before: Positive = msgspec.field(name="open24h")
    contracts: NotNegative = msgspec.field(name="vol24h")


class _Interest(msgspec.Struct):
    symbol: str = msgspec.field(name="instId")
    contracts: NotNegative = msgspec.field(name="oi")


class _Funding(msgspec.Struct):
    symbol: str = msgspec.field(name="instId")
    rate: Rate = msgspec.field(name="fundingRate")
    due: Moment = msgspec.field(name="fundingTime")
    due_after: Moment = msgspec.field(name="nextFundingTime")


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `tickers`, `open-interest` and `funding-rate` of all swaps."""
    tickers, interests, fundings = (answered(answer) for answer in answers)
    interest = {row.symbol: row.contracts for row in common.readable(interests, _Interest)}
    funding = {row.symbol: row for row in common.readable(fundings, _Funding)}
    return {
        listing.instrument: Summary(
            time=now,
            price=row.price,
            turnover=listing.base(row.contracts, row.price) * row.price,
            open_interest=listing.base(interest.get(row.symbol, 0.0), row.price) or None,
            funding=due.rate if (due := funding.get(row.symbol)) else None,
            funding_interval=due.due_after - due.due if due and due.due_after > due.due else None,
            change=row.price / row.before - 1,
        )
        for row in common.readable(tickers, _Ticker)
        if (listing := listings.get(row.symbol)) is not None
    }


class _Book(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]
    time: Moment = msgspec.field(name="ts")


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, _now: int, most: int) -> OrderBook:
    """Read `books`, which says itself of what time it is."""
    (told,) = convert(answered(payload), list[_Book])
    bids, asks = depth.levels(told.bids), depth.levels(told.asks)
    return depth.order_book(listing, told.time, bids, asks, most)


class _Trade(msgspec.Struct):
    symbol: str = msgspec.field(name="instId")
    time: Moment = msgspec.field(name="ts")
    side: str
    price: Positive = msgspec.field(name="px")
    contracts: Positive = msgspec.field(name="sz")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `trades`."""
    rows = convert(answered(payload), list[_Trade])
    if {row.symbol for row in rows} - {listing.id} or {row.side for row in rows} - _SIDE.keys():
        raise ValueError("trades of another symbol, or without a side")
    return depth.trades(
        listing,
        [depth.Trade(row.time, _SIDE[row.side], row.price, row.contracts) for row in rows],
    )
