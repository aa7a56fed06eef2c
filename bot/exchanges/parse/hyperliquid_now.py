"""Hyperliquid of the moment: all perpetuals in a line, order book."""

from collections.abc import Mapping, Sequence

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook
from bot.core.market.summary import Summary
from bot.exchanges.parse import depth
from bot.exchanges.parse.common import (
    UNREADABLE,
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    reading,
)
from bot.exchanges.parse.hyperliquid import NAME


class _Named(msgspec.Struct):
    name: str


class _Universe(msgspec.Struct):
    universe: list[_Named]


class _Context(msgspec.Struct):
    price: Positive = msgspec.field(name="markPx")
    turnover: NotNegative = msgspec.field(name="dayNtlVlm")
    interest: NotNegative = msgspec.field(name="openInterest")  # [base]
    funding: Rate
    before: Positive | None = msgspec.field(name="prevDayPx", default=None)


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `metaAndAssetCtxs`: markets and their contexts are two lists in the same order."""
    meta, contexts = convert(answers[0], tuple[_Universe, list[object]])
    if len(meta.universe) != len(contexts):
        raise ValueError("markets and their contexts do not match")
    rows = zip(meta.universe, map(_context, contexts), strict=True)
    return {
        listing.instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.interest or None,
            funding=row.funding,
            funding_interval=HOUR,
            change=row.price / row.before - 1 if row.before else None,
        )
        for named, row in rows
        if row is not None and (listing := listings.get(named.name)) is not None
    }


def _context(told: object) -> _Context | None:
    try:
        return convert(told, _Context)
    except UNREADABLE:
        return None


class _Level(msgspec.Struct):
    price: Positive = msgspec.field(name="px")
    quantity: NotNegative = msgspec.field(name="sz")


class _Book(msgspec.Struct):
    coin: str
    time: Moment
    levels: tuple[list[_Level], list[_Level]]  # bids, asks


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, _now: int, most: int) -> OrderBook:
    """Read `l2Book`, which says itself of what time it is."""
    told = convert(payload, _Book)
    if told.coin != listing.id:
        raise ValueError("a book of another coin")
    bids, asks = ([(one.price, one.quantity) for one in side] for side in told.levels)
    return depth.order_book(listing, told.time, bids, asks, most)
