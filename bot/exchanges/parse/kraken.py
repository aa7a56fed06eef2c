"""Kraken Futures perpetuals: payload -> core types; kraken_now.py reads what stands at this moment.

PF_ contracts are linear and counted in base coin, PI_ ones inverse and counted in dollars.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.parse import common
from bot.exchanges.parse.common import (
    Bar,
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

NAME = "kraken"
_QUOTE = "USD"
_KINDS = {"PF": "flexible_futures", "PI": "futures_inverse"}
# It publishes the taker's side, and a liquidation takes: a long is closed by selling.
_POSITION_SIDE = {"sell": +1, "buy": -1}
# A number of seconds up to here [1], of milliseconds beyond it.
_SECONDS = 10**11

_Data = TypeVar("_Data")


class _Level(msgspec.Struct):
    initial: Positive = msgspec.field(name="initialMargin")
    maintenance: Positive = msgspec.field(name="maintenanceMargin")
    # [USD] from which it holds: inverse contracts are dollars.
    contracts: NotNegative | None = None
    value: NotNegative | None = msgspec.field(name="numNonContractUnits", default=None)

    @property
    def start(self) -> float:
        return self.contracts or self.value or 0.0


class _Symbol(msgspec.Struct):
    id: str = msgspec.field(name="symbol")
    kind: str = msgspec.field(name="type")
    trades: bool = msgspec.field(name="tradeable")
    size: Positive = msgspec.field(name="contractSize", default=1.0)
    levels: list[object] = msgspec.field(name="marginLevels", default_factory=list)


class _Instruments(msgspec.Struct):
    rows: list[object] = msgspec.field(name="instruments")
    result: str = ""


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/derivatives/api/v3/instruments`: the dollar perpetuals that trade, with brackets.

    Base and quote stand in the name: PF_XBTUSD. Dated futures are called FF_ and FI_.
    """
    found = []
    for row in common.readable(convert(payload, _Instruments).rows, _Symbol):
        kind, _, pair = row.id.upper().partition("_")
        base = pair.removesuffix(_QUOTE)
        if not row.trades or row.kind != _KINDS.get(kind) or base == pair:
            continue
        settle = base if kind == "PI" else _QUOTE
        listing = common.listed(NAME, row.id.upper(), base, _QUOTE, settle, row.size)
        if listing is not None:
            found.append(replace(listing, brackets=_brackets(row)))
    return found


def _brackets(symbol: _Symbol) -> Brackets | None:
    """Make a contract's brackets: a level holds for the whole position, so nothing is deducted."""
    levels = sorted(common.readable(symbol.levels, _Level), key=lambda level: level.start)
    try:
        return Brackets(
            value_cap=floats([*(level.start for level in levels[1:]), math.inf]),
            maintenance_margin_rate=floats([level.maintenance for level in levels]),
            max_leverage=1 / floats([level.initial for level in levels]),
            deduction=np.zeros(len(levels)),
        )
    except ValueError:
        return None


class _Candle(msgspec.Struct):
    open_time: Moment = msgspec.field(name="time")
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative  # as the contract is counted


class _Candles(msgspec.Struct):
    candles: list[_Candle]
    cut: bool = msgspec.field(name="more_candles", default=False)


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/api/charts/v1/trade/SYMBOL/5m`; dollars become base coin at the bar's mean price."""
    told = convert(payload, _Candles)
    _whole(cut=told.cut)
    bars = [
        Bar(
            k.open_time, k.open, k.high, k.low, k.close,
            listing.base(k.volume, (k.open + k.high + k.low + k.close) / 4),
        )
        for k in told.candles
    ]  # fmt: skip
    return common.candles(bars, interval, taker=False)


def _whole(*, cut: bool) -> None:
    # Rows come oldest first, so it is the newest that an answer cut short lacks.
    if cut:
        raise ValueError("an answer that was cut short")


class _Told(msgspec.Struct):
    timestamp: list[int]
    data: object
    more: bool = False


class _Analytics(msgspec.Struct):
    result: _Told
    errors: list[object] = msgspec.field(default_factory=list)


def _analytics(payload: object, form: type[_Data], interval: int) -> tuple[list[int], _Data]:
    """Return the ends of the buckets [ms], at which they are known, and what is told of them."""
    told = convert(payload, _Analytics)
    if told.errors:
        raise ValueError("refused")
    _whole(cut=told.result.more)
    ends = [
        convert(stamp * 1000 if stamp < _SECONDS else stamp, Moment) + interval
        for stamp in told.result.timestamp
    ]
    return ends, convert(told.result.data, form)


class _Span(msgspec.Struct, array_like=True):
    open: NotNegative
    high: NotNegative
    low: NotNegative
    close: NotNegative


@reading(NAME, "open interest")
def open_interest(payload: object, _listing: Listing, interval: int) -> OpenInterest:
    """Read the analytics `open-interest`: as the contract is counted, so dollars if inverse."""
    ends, spans = _analytics(payload, list[_Span], interval)
    return common.open_interest([(end, span.close) for end, span in zip(ends, spans, strict=True)])


class _RateSpan(msgspec.Struct, array_like=True):
    open: Rate
    high: Rate
    low: Rate
    close: Rate


class _Fundings(msgspec.Struct):
    relative: list[_RateSpan] = msgspec.field(name="relativeRate")


@reading(NAME, "funding")
def funding(payload: object, _listing: Listing, interval: int) -> FundingRates:
    """Read the analytics `funding`: what was paid through the hour, as a fraction of value."""
    ends, told = _analytics(payload, _Fundings, interval)
    if len(ends) != len(told.relative):
        raise ValueError("rates without times")
    time, (rate,) = in_order(ends, [span.close for span in told.relative])
    return FundingRates(time, rate)


class _Accounts(msgspec.Struct):
    long: list[NotNegative] = msgspec.field(name="longCount")
    short: list[NotNegative] = msgspec.field(name="shortCount")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, _listing: Listing, interval: int) -> LongShortRatio:
    """Read the analytics `long-short-info`: accounts that are long and short.

    A contract that nobody holds on one side has no ratio then.
    """
    ends, told = _analytics(payload, _Accounts, interval)
    if not len(ends) == len(told.long) == len(told.short):
        raise ValueError("accounts without times")
    time, (long, short) = in_order(ends, told.long, told.short)
    held = (long > 0) & (short > 0)
    return LongShortRatio(time[held], long[held] / short[held])


class _Push(msgspec.Struct):
    feed: str = ""
    kind: str = msgspec.field(name="type", default="")


class _Liquidation(msgspec.Struct):
    id: str = msgspec.field(name="product_id")
    side: str
    price: Positive
    quantity: Positive = msgspec.field(name="qty")
    time: Moment


_PUSH = msgspec.json.Decoder(_Push)
_LIQUIDATION = msgspec.json.Decoder(_Liquidation, strict=False)


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of the feed `trade`: a trade, which counts if it is a liquidation's.

    The latest trades, told after each subscription, are none, nor is any answer.
    """
    push = _PUSH.decode(message)
    if push.feed != "trade" or push.kind != "liquidation":
        return ()
    row = _LIQUIDATION.decode(message)
    side = _POSITION_SIDE.get(row.side)
    if side is None:
        raise ValueError("a liquidation without a side")
    return [ForcedOrder(row.id, row.time, side, row.price, row.quantity)]
