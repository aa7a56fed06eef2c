"""Bybit linear: payload -> core types. Quantities are in base coin; lists come newest first."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.errors import MarketUnavailable
from bot.core.language import later
from bot.core.margin.tiers import Brackets
from bot.core.margin.tiers import brackets as continuous_brackets
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.parse import common
from bot.exchanges.parse.common import (
    UNREADABLE,
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

NAME = "bybit"
# Bybit publishes the side of the position that was closed: Buy, a long was liquidated.
_SIDE = {"Buy": +1, "Sell": -1}


class _Result(msgspec.Struct):
    rows: list[object] = msgspec.field(name="list")
    symbol: str | None = None
    category: str | None = None
    next_page: str | None = msgspec.field(name="nextPageCursor", default=None)


class _Answer(msgspec.Struct):
    code: int = msgspec.field(name="retCode")
    result: _Result


def answered(payload: object, listing: Listing | None = None) -> _Result:
    """Return the result of an answer, of one market if there is one. ValueError."""
    answer = convert(payload, _Answer)
    if answer.code != 0:
        raise ValueError(f"refused with code {answer.code}")
    if listing is not None:
        kind = "inverse" if listing.inverse else "linear"
        if answer.result.category not in {None, kind}:
            raise ValueError("an answer about contracts of another kind")
        _one_symbol({answer.result.symbol}, listing)
    return answer.result


def _one_symbol(symbols: set[str | None], listing: Listing) -> None:
    if symbols - {listing.id, None}:
        raise ValueError("rows of another symbol")


class _Symbol(msgspec.Struct):
    symbol: str
    contract_type: str = msgspec.field(name="contractType")
    status: str
    base: str = msgspec.field(name="baseCoin")
    quote: str = msgspec.field(name="quoteCoin")
    settle: str = msgspec.field(name="settleCoin")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/v5/market/instruments-info`: the linear perpetuals that trade, of one page."""
    return perpetuals(payload, NAME, "LinearPerpetual")


def perpetuals(payload: object, exchange: str, kind: str) -> list[Listing]:
    """Return the perpetuals of a kind that trade. msgspec.ValidationError, ValueError."""
    found = [
        common.listed(exchange, row.symbol, row.base, row.quote, row.settle)
        for row in common.readable(answered(payload).rows, _Symbol)
        if row.contract_type == kind and row.status == "Trading"
    ]
    return [listing for listing in found if listing]


@reading(NAME, "the list of perpetuals")
def next_page(payload: object) -> str:
    """Return where the next page of listings starts; the empty string after the last."""
    return answered(payload).next_page or ""


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative  # base coin for linear contracts
    turnover: NotNegative


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/v5/market/kline`; the taker's side of the volume is not told."""
    rows = convert(answered(payload, listing).rows, list[_Kline])
    bars = [Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles(bars, interval, taker=False)


class _OpenInterest(msgspec.Struct):
    both: NotNegative = msgspec.field(name="openInterest")
    time: Moment = msgspec.field(name="timestamp")
    one: float | str | None = msgspec.field(name="singleOpenInterest", default=None)


def one_sided(both: float, one: float | str | None) -> float:
    """Return open interest of one side: as told, or half of what Bybit sums over both sides."""
    told = common.told(one)
    return both / 2 if told is None else told


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read `/v5/market/open-interest`: base coin of linear contracts, dollars of inverse ones.

    Bybit sums both sides, and since 2026 tells one of them beside.
    """
    rows = convert(answered(payload, listing).rows, list[_OpenInterest])
    return common.open_interest([(row.time, one_sided(row.both, row.one)) for row in rows])


class _Funding(msgspec.Struct):
    symbol: str
    rate: Rate = msgspec.field(name="fundingRate")
    time: Moment = msgspec.field(name="fundingRateTimestamp")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/v5/market/funding/history`."""
    rows = convert(answered(payload, listing).rows, list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ratio(msgspec.Struct):
    symbol: str
    long: Positive = msgspec.field(name="buyRatio")
    short: Positive = msgspec.field(name="sellRatio")
    time: Moment = msgspec.field(name="timestamp")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, listing: Listing, _interval: int) -> LongShortRatio:
    """Read `/v5/market/account-ratio`: shares of the accounts that are long and short."""
    rows = convert(answered(payload, listing).rows, list[_Ratio])
    _one_symbol({row.symbol for row in rows}, listing)
    ratios = [row.long / row.short for row in rows]
    time, (ratio,) = in_order([row.time for row in rows], ratios)
    return LongShortRatio(time, ratio)


class _Tier(msgspec.Struct):
    symbol: str
    value_cap: Positive = msgspec.field(name="riskLimitValue")  # [quote]
    maintenance: Positive = msgspec.field(name="maintenanceMargin")
    initial: Positive = msgspec.field(name="initialMargin")
    max_leverage: Positive = msgspec.field(name="maxLeverage")
    deduction: float | str | None = msgspec.field(name="mmDeduction", default=None)


# Initial margin x greatest leverage is 1 if the rate is a fraction, 100 if it is in percent.
# Bybit's page shows percent, its answers for linear contracts have been fractions.
_PERCENT_FROM = 10.0


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, _price: float) -> Brackets:
    """Read `/v5/market/risk-limit`: the caps are in quote currency and already cumulative."""
    rows = convert(answered(payload, listing).rows, list[_Tier])
    _one_symbol({row.symbol for row in rows}, listing)
    rows.sort(key=lambda row: row.value_cap)
    cap = floats([row.value_cap for row in rows])
    leverage = floats([row.max_leverage for row in rows])
    rate = floats([row.maintenance for row in rows])
    percent = floats([row.initial for row in rows]) * leverage > _PERCENT_FROM
    rate = np.where(percent, rate / 100, rate)
    deduction = [common.told(row.deduction) for row in rows]
    if None in deduction[1:]:
        return continuous_brackets(cap, rate, leverage)
    return Brackets(cap, rate, leverage, floats([amount or 0.0 for amount in deduction]))


class _Liquidation(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    price: Positive = msgspec.field(name="p")  # the bankruptcy price
    quantity: Positive = msgspec.field(name="v")
    time: Moment = msgspec.field(name="T")


class _Push(msgspec.Struct):
    topic: str = ""
    data: list[_Liquidation] | None = None


class _AnyPush(msgspec.Struct):
    topic: str = ""
    data: object = None


_PUSH = msgspec.json.Decoder(_Push, strict=False)
_ANY_PUSH = msgspec.json.Decoder(_AnyPush, strict=False)
_TOPIC = "allLiquidation."


def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of `allLiquidation.SYMBOL`, which may tell of several liquidations.

    Answers to pings and subscriptions are none. If single rows cannot be read, the others stand.
    """
    try:
        push = _PUSH.decode(message)
    except UNREADABLE:
        push = _readable(message)
    if not push.data or not push.topic.startswith(_TOPIC):
        return ()
    found = [
        ForcedOrder(row.symbol, row.time, side, row.price, row.quantity)
        for row in push.data
        if (side := _SIDE.get(row.side)) is not None
    ]
    if not found:
        raise MarketUnavailable(NAME, later("a liquidation has no side it could have"))
    return found


@reading(NAME, "a liquidation")
def _readable(message: bytes) -> _Push:
    """Keep what can be read of a message, and refuse it if that is nothing."""
    push = _ANY_PUSH.decode(message)
    if not push.topic.startswith(_TOPIC):
        return _Push()
    rows = common.readable(push.data if isinstance(push.data, list) else [], _Liquidation)
    if not rows:
        raise ValueError("no row can be read")
    return _Push(push.topic, rows)
