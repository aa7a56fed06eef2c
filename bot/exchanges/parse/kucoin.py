"""KuCoin perpetuals: payload -> core types. Sizes come in contracts, which it calls lots."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    in_order,
    reading,
)

NAME = "kucoin"
_PERPETUAL = "FFWCSX"
_SIDE = {"buy": +1, "sell": -1}

# Nanoseconds of 2015 to 2100.
_Nanosecond = Annotated[
    int, msgspec.Meta(ge=1_420_070_400_000_000_000, le=4_102_444_800_000_000_000)
]
_MILLISECOND = 1_000_000  # [ns]


class _Answer(msgspec.Struct):
    code: str
    data: object


def _data(payload: object) -> object:
    answer = convert(payload, _Answer)
    if answer.code != "200000":
        raise ValueError(f"refused with code {answer.code}")
    return answer.data


def _one_symbol(symbols: set[str], listing: Listing) -> None:
    if symbols - {listing.id}:
        raise ValueError("rows of another symbol")


class _Symbol(msgspec.Struct):
    symbol: str
    kind: str = msgspec.field(name="type")
    status: str
    base: str = msgspec.field(name="baseCurrency")
    quote: str = msgspec.field(name="quoteCurrency")
    settle: str = msgspec.field(name="settleCurrency")
    contract_size: Positive = msgspec.field(name="multiplier")  # [base]; below 0 if inverse


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v1/contracts/active`: the linear perpetuals that trade, with contract sizes."""
    found = [
        common.listed(NAME, row.symbol, row.base, row.quote, row.settle, row.contract_size)
        for row in common.readable(convert(_data(payload), list[object]), _Symbol)
        if row.kind == _PERPETUAL and row.status == "Open" and row.settle == row.quote
    ]
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    contracts: NotNegative


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/api/v1/kline/query`; no taker's side is told."""
    bars = [
        Bar(k.open_time, k.open, k.high, k.low, k.close, k.contracts * listing.contract_size)
        for k in convert(_data(payload), list[_Kline])
    ]
    return common.candles(bars, interval, taker=False)


class _OpenInterest(msgspec.Struct):
    contracts: NotNegative = msgspec.field(name="openInterest")
    time: Moment = msgspec.field(name="ts")


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read `/api/ua/v1/market/open-interest` of one contract."""
    rows = convert(_data(payload), list[_OpenInterest])
    return common.open_interest([(row.time, row.contracts * listing.contract_size) for row in rows])


class _Funding(msgspec.Struct):
    symbol: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment = msgspec.field(name="timepoint")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v1/contract/funding-rates`; a contract that is too young has no list."""
    data = _data(payload)
    rows = convert([] if data is None else data, list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Tier(msgspec.Struct):
    symbol: str
    value_cap: Positive = msgspec.field(name="maxRiskLimit")  # [quote], included
    maintenance: Positive = msgspec.field(name="maintainMargin")
    max_leverage: Positive = msgspec.field(name="maxLeverage")


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, _price: float) -> Brackets:
    """Read `/api/v1/contracts/risk-limit/{symbol}`: caps in quote currency, cumulative.

    A level's rate holds for the whole position, so nothing is deducted.
    """
    rows = convert(_data(payload), list[_Tier])
    _one_symbol({row.symbol for row in rows}, listing)
    rows.sort(key=lambda row: row.value_cap)
    return Brackets(
        value_cap=floats([row.value_cap for row in rows]),
        maintenance_margin_rate=floats([row.maintenance for row in rows]),
        max_leverage=floats([row.max_leverage for row in rows]),
        deduction=np.zeros(len(rows)),
    )


class _Ticker(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastTradePrice")
    turnover: NotNegative = msgspec.field(name="turnoverOf24h")  # [quote]
    contracts: NotNegative = msgspec.field(name="openInterest")
    funding: Rate | None = msgspec.field(name="fundingFeeRate", default=None)
    funding_interval: Annotated[int, msgspec.Meta(ge=60_000)] | None = msgspec.field(
        name="fundingRateGranularity", default=None
    )
    change: Annotated[float, msgspec.Meta(ge=-1, lt=1e9)] | None = msgspec.field(
        name="priceChgPct", default=None
    )


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/api/v1/contracts/active`, which tells of the moment too."""
    (contracts,) = answers
    return {
        listings[row.symbol].instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.contracts * listings[row.symbol].contract_size or None,
            funding=row.funding,
            funding_interval=row.funding_interval,
            change=row.change,
        )
        for row in common.readable(convert(_data(contracts), list[object]), _Ticker)
        if row.symbol in listings
    }


class _Book(msgspec.Struct):
    symbol: str
    bids: list[depth.Level]
    asks: list[depth.Level]


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `/api/v1/level2/snapshot`: the whole book."""
    told = convert(_data(payload), _Book)
    _one_symbol({told.symbol}, listing)
    return depth.order_book(listing, now, depth.levels(told.bids), depth.levels(told.asks), most)


class _Trade(msgspec.Struct):
    side: str  # of the taker
    contracts: Positive = msgspec.field(name="size")
    price: Positive
    time: _Nanosecond = msgspec.field(name="ts")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/api/v1/trade/history`."""
    rows = convert(_data(payload), list[_Trade])
    found = [
        depth.Trade(row.time // _MILLISECOND, _SIDE[row.side], row.price, row.contracts)
        for row in rows
        if row.side in _SIDE
    ]
    if len(found) < len(rows):
        raise ValueError("a trade without a side")
    return depth.trades(listing, found)
