"""MEXC perpetuals: payload -> core types. Sizes come in contracts, times of bars in seconds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec
import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.margin.tiers import brackets as continuous_brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    UNREADABLE,
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

NAME = "mexc"
_SECOND = 1000  # [ms]
_ENABLED = 0
_SIDE = {1: +1, 2: -1}  # of the taker

# Seconds of 2015 to 2100.
_Second = Annotated[int, msgspec.Meta(ge=1_420_070_400, le=4_102_444_800)]


class _Answer(msgspec.Struct):
    success: bool
    code: int
    data: object = None


def _data(payload: object) -> object:
    answer = convert(payload, _Answer)
    if not answer.success or answer.code != 0:
        raise ValueError(f"refused with code {answer.code}")
    return answer.data


def _one_symbol(symbols: set[str], listing: Listing) -> None:
    if symbols - {listing.id}:
        raise ValueError("rows of another symbol")


class _Step(msgspec.Struct):
    cap: Positive = msgspec.field(name="maxVol")
    maintenance: Positive = msgspec.field(name="mmr")
    max_leverage: Positive = msgspec.field(name="maxLeverage")


class _Symbol(msgspec.Struct):
    symbol: str
    base: str = msgspec.field(name="baseCoin")
    quote: str = msgspec.field(name="quoteCoin")
    settle: str = msgspec.field(name="settleCoin")
    contract_size: Positive = msgspec.field(name="contractSize")  # [base]
    state: int
    kind: int = msgspec.field(name="futureType", default=1)  # 1: perpetual
    hidden: bool = msgspec.field(name="isHidden", default=False)


class _Risk(msgspec.Struct):
    counted: str = msgspec.field(name="riskLimitType", default="BY_VOLUME")
    steps: list[_Step] = msgspec.field(name="riskLimitCustom", default_factory=list)
    # Where the steps are not listed they are all alike.
    first: NotNegative = msgspec.field(name="riskBaseVol", default=0.0)
    width: NotNegative = msgspec.field(name="riskIncrVol", default=0.0)
    levels: Annotated[int, msgspec.Meta(ge=0, le=1000)] = msgspec.field(
        name="riskLevelLimit", default=0
    )
    maintenance: NotNegative = msgspec.field(name="maintenanceMarginRate", default=0.0)
    more_maintenance: NotNegative = msgspec.field(name="riskIncrMmr", default=0.0)
    initial: NotNegative = msgspec.field(name="initialMarginRate", default=0.0)
    more_initial: NotNegative = msgspec.field(name="riskIncrImr", default=0.0)


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v1/contract/detail`: the perpetuals that trade, with sizes and brackets.

    The caps of the brackets are in base coin as yet; `tiers` values them.
    """
    return list(_listed(convert(_data(payload), list[object])))


def _listed(rows: Sequence[object]) -> Iterator[Listing]:
    for raw in rows:
        try:
            row = convert(raw, _Symbol)
        except UNREADABLE:
            continue
        if row.kind != 1 or row.state != _ENABLED or row.hidden or row.settle != row.quote:
            continue
        listing = common.listed(
            NAME, row.symbol, row.base, row.quote, row.settle, row.contract_size
        )
        if listing is not None:
            yield replace(listing, brackets=_brackets(raw, row.contract_size))


def _brackets(raw: object, contract_size: float) -> Brackets | None:
    """Make a market's brackets, with caps in base coin; None if they make no sense."""
    try:
        risk = convert(raw, _Risk)
        if risk.counted != "BY_VOLUME":
            return None
        cap, rate, leverage = _listed_steps(risk) if risk.steps else _even_steps(risk)
        return continuous_brackets(cap * contract_size, rate, leverage)
    except UNREADABLE:
        return None


def _listed_steps(risk: _Risk) -> tuple[Floats, Floats, Floats]:
    steps = sorted(risk.steps, key=lambda step: step.cap)
    return (
        floats([step.cap for step in steps]),
        floats([step.maintenance for step in steps]),
        floats([step.max_leverage for step in steps]),
    )


def _even_steps(risk: _Risk) -> tuple[Floats, Floats, Floats]:
    step = np.arange(risk.levels if risk.width else min(risk.levels, 1))
    initial = risk.initial + step * risk.more_initial
    # The last of very many would leave less than no leverage.
    step, initial = step[(initial > 0) & (initial <= 1)], initial[(initial > 0) & (initial <= 1)]
    cap = risk.first + step * risk.width
    return floats(cap), floats(risk.maintenance + step * risk.more_maintenance), 1 / initial


class _Price(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="fairPrice")


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, _price: float) -> Brackets:
    """Value the brackets that came with the list at the mark price of `/contract/ticker`."""
    told = convert(_data(payload), _Price)
    _one_symbol({told.symbol}, listing)
    if listing.brackets is None:
        raise ValueError("no brackets that make sense came with the list")
    counted = listing.brackets
    return replace(
        counted,
        value_cap=counted.value_cap * told.price,
        deduction=counted.deduction * told.price,
    )


class _Klines(msgspec.Struct):
    time: list[_Second]
    open: list[Positive]
    high: list[Positive]
    low: list[Positive]
    close: list[Positive]
    contracts: list[NotNegative] = msgspec.field(name="vol")


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/api/v1/contract/kline/{symbol}`: columns; no taker's side is told."""
    told = convert(_data(payload), _Klines)
    columns = (told.time, told.open, told.high, told.low, told.close, told.contracts)
    bars = [
        Bar(at * _SECOND, open_, high, low, close, contracts * listing.contract_size)
        for at, open_, high, low, close, contracts in zip(*columns, strict=True)
    ]
    return common.candles(bars, interval, taker=False)


class _Funding(msgspec.Struct):
    symbol: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment = msgspec.field(name="settleTime")


class _Fundings(msgspec.Struct):
    rows: list[_Funding] = msgspec.field(name="resultList")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v1/contract/funding_rate/history`."""
    rows = convert(_data(payload), _Fundings).rows
    _one_symbol({row.symbol for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ticker(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastPrice")
    turnover: NotNegative = msgspec.field(name="amount24")  # [quote]
    contracts: NotNegative = msgspec.field(name="holdVol")
    funding: Rate | None = msgspec.field(name="fundingRate", default=None)
    change: Annotated[float, msgspec.Meta(ge=-1, lt=1e9)] | None = msgspec.field(
        name="riseFallRate", default=None
    )


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/api/v1/contract/ticker` of all; how often funding is paid is not told of all."""
    (tickers,) = answers
    return {
        listings[row.symbol].instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=row.contracts * listings[row.symbol].contract_size or None,
            funding=row.funding,
            change=row.change,
        )
        for row in common.readable(convert(_data(tickers), list[object]), _Ticker)
        if row.symbol in listings
    }


class _Book(msgspec.Struct):
    bids: list[depth.Level]
    asks: list[depth.Level]


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `/api/v1/contract/depth/{symbol}`: price, contracts, and how many orders these are."""
    told = convert(_data(payload), _Book)
    return depth.order_book(listing, now, depth.levels(told.bids), depth.levels(told.asks), most)


class _Trade(msgspec.Struct):
    price: Positive = msgspec.field(name="p")
    contracts: Positive = msgspec.field(name="v")
    side: int = msgspec.field(name="T")
    time: Moment = msgspec.field(name="t")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/api/v1/contract/deals/{symbol}`."""
    rows = convert(_data(payload), list[_Trade])
    if any(row.side not in _SIDE for row in rows):
        raise ValueError("a trade without a side")
    found = [depth.Trade(row.time, _SIDE[row.side], row.price, row.contracts) for row in rows]
    return depth.trades(listing, found)
