"""What stands on Bitfinex now: payload -> core types."""

from collections.abc import Mapping, Sequence

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.bitfinex import NAME, Amount
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

LEVELS = 250  # of each side of the book
_FUNDING_INTERVAL = 8 * HOUR  # of every contract


class _Now(msgspec.Struct, array_like=True):
    symbol: str
    time: Moment
    gap: object
    price: object
    spot: object
    gap5: object
    fund: object
    gap7: object
    due: object
    accrued: object
    step: object
    gap11: object
    funding: Rate | None
    gap13: object
    gap14: object
    mark: Positive
    gap16: object
    gap17: object
    open_interest: NotNegative | None


class _Ticker(msgspec.Struct, array_like=True):
    symbol: str
    bid: object
    bid_size: object
    ask: object
    ask_size: object
    change: object  # [quote/base]
    relative: Change | None  # a fraction
    price: Positive
    volume: NotNegative  # [base] of the last 24 hours


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/v2/status/deriv?keys=ALL` and `/v2/tickers?symbols=ALL`.

    Turnover is the volume at the last price, because it is told in base coin.
    """
    statuses, tickers = (convert(answer, list[object]) for answer in answers)
    traded = {row.symbol: row for row in common.readable(tickers, _Ticker)}
    found = {}
    for row in common.readable(statuses, _Now):
        listing, ticker = listings.get(row.symbol), traded.get(row.symbol)
        if listing is not None and ticker is not None:
            found[listing.instrument] = Summary(
                time=now,
                price=row.mark,
                turnover=ticker.volume * ticker.price,
                open_interest=row.open_interest or None,
                funding=row.funding,
                funding_interval=_FUNDING_INTERVAL,
                change=ticker.relative,
            )
    return found


class _Level(msgspec.Struct, array_like=True):
    price: Positive
    count: int
    amount: Amount  # above zero a bid


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, now: int) -> OrderBook:
    """Read `/v2/book/SYMBOL/P0`: both sides in one list, prices to five digits."""
    rows = convert(payload, list[_Level])
    bids, asks = (
        [(row.price, abs(row.amount)) for row in rows if way * row.amount > 0] for way in (+1, -1)
    )
    return depth.order_book(listing, now, bids, asks, LEVELS)


class _Trade(msgspec.Struct, array_like=True):
    id: int
    time: Moment
    amount: Amount  # above zero the taker bought
    price: Positive


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/v2/trades/SYMBOL/hist`."""
    found = [
        depth.Trade(row.time, +1 if row.amount > 0 else -1, row.price, abs(row.amount))
        for row in convert(payload, list[_Trade])
        if row.amount
    ]
    return depth.trades(listing, found)
