"""Binance of the moment, USDⓈ-M and COIN-M alike: all markets in a line, order book, trades."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.binance import NAME
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

_USUAL_INTERVAL = 8 * HOUR  # of markets that are not in the list of those with another


class _Ticker(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastPrice")
    change: Change = msgspec.field(name="priceChangePercent")
    amount: NotNegative = msgspec.field(name="volume")  # base coin, or contracts where they count


class _Premium(msgspec.Struct):
    symbol: str
    funding: Rate = msgspec.field(name="lastFundingRate")  # despite its name, what falls due next


class _Interval(msgspec.Struct):
    symbol: str
    hours: Annotated[int, msgspec.Meta(ge=1, le=24)] = msgspec.field(name="fundingIntervalHours")


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `ticker/24hr`, `premiumIndex` and `fundingInfo`; no open interest is told of all."""
    tickers, premiums, intervals = (convert(answer, list[object]) for answer in answers)
    funding = {row.symbol: row.funding for row in common.readable(premiums, _Premium)}
    hours = {row.symbol: row.hours for row in common.readable(intervals, _Interval)}
    told = [row for row in common.readable(tickers, _Ticker) if row.symbol in listings]
    return {
        listings[row.symbol].instrument: Summary(
            time=now,
            price=row.price,
            turnover=listings[row.symbol].base(row.amount, row.price) * row.price,
            funding=funding.get(row.symbol),
            funding_interval=hours[row.symbol] * HOUR if row.symbol in hours else _USUAL_INTERVAL,
            change=row.change / 100,
        )
        for row in told
    }


class _Book(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `depth`."""
    told = convert(payload, _Book)
    return depth.order_book(listing, now, depth.levels(told.bids), depth.levels(told.asks), most)


class _Trade(msgspec.Struct):
    time: Moment
    price: Positive
    amount: NotNegative = msgspec.field(name="qty")
    sold: bool = msgspec.field(name="isBuyerMaker")  # who made the price bought, so the taker sold


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `trades`: the latest; some of nothing are the venue's own bookkeeping."""
    return depth.trades(
        listing,
        [
            depth.Trade(row.time, -1 if row.sold else 1, row.price, row.amount)
            for row in convert(payload, list[_Trade])
            if row.amount
        ],
    )
