"""HTX linear swaps at this moment: overview, order book, latest trades -> core types."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

import msgspec

from bot.core.arrays import HOUR
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
from bot.exchanges.parse.htx import NAME, SIDES, answered, told_of

LEVELS = 150  # of each side of the book
_TAKER_SIDE = {"buy": +1, "sell": -1}

_Row = TypeVar("_Row")


class _Ticker(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    open: Positive
    close: Positive
    both_sides: NotNegative = msgspec.field(name="trade_turnover")  # [quote] of 24 hours


class _InterestNow(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    both_sides: NotNegative = msgspec.field(name="amount")  # [base]


class _FundingNow(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    rate: Rate = msgspec.field(name="funding_rate")


class _Period(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    hours: Annotated[int, msgspec.Meta(ge=1, le=24)] = msgspec.field(name="settlement_period")


@reading(NAME, "the overview")
def overview(
    payloads: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `batch_merged`, `swap_open_interest`, `swap_batch_funding_rate`, `swap_contract_info`.

    The last says how many hours lie between fundings.
    """
    tickers, interests, fundings, contracts = [answered(payload) for payload in payloads]
    interest = {row.id: row.both_sides / SIDES for row in _rows(interests.data, _InterestNow)}
    funding_ = {row.id: row.rate for row in _rows(fundings.data, _FundingNow)}
    hours = {row.id: row.hours for row in _rows(contracts.data, _Period)}
    found = {}
    for row in _rows(tickers.ticks, _Ticker):
        if row.id in listings:
            between = hours.get(row.id)
            found[listings[row.id].instrument] = Summary(
                time=now,
                price=row.close,
                turnover=row.both_sides / SIDES,
                open_interest=interest.get(row.id) or None,
                funding=funding_.get(row.id),
                funding_interval=between * HOUR if between else None,
                change=row.close / row.open - 1,
            )
    return found


def _rows(told: object, form: type[_Row]) -> list[_Row]:
    return common.readable(convert(told, list[object]), form)


class _Book(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]
    time: Moment = msgspec.field(name="ts")


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, _now: int) -> OrderBook:
    """Read `linear-swap-ex/market/depth`, not merged: [price, contracts]."""
    answer = answered(payload)
    told_of(answer, listing)
    told = convert(answer.tick, _Book)
    bids, asks = depth.levels(told.bids), depth.levels(told.asks)
    return depth.order_book(listing, told.time, bids, asks, LEVELS)


class _Trade(msgspec.Struct):
    both_sides: Positive = msgspec.field(name="amount")  # contracts
    time: Moment = msgspec.field(name="ts")
    price: Positive
    taker: str = msgspec.field(name="direction")


class _Trades(msgspec.Struct):
    rows: list[_Trade] = msgspec.field(name="data")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `linear-swap-ex/market/history/trade`: trades in batches."""
    batches = convert(told_of(answered(payload), listing), list[_Trades])
    rows = itertools.chain.from_iterable(batch.rows for batch in batches)
    found = [
        depth.Trade(row.time, _TAKER_SIDE[row.taker], row.price, row.both_sides / SIDES)
        for row in rows
        if row.taker in _TAKER_SIDE
    ]
    return depth.trades(listing, found)
