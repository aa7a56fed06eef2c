"""HTX linear swaps: payload -> core types; htx_now.py reads what stands at this moment.

Sizes come in contracts, times of bars in seconds.

What was traded and what is open is counted on both sides there: each trade, and each contract that
stands open, twice. Here it counts once.
"""

import math
from collections.abc import Sequence

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
from bot.exchanges.parse.frames import unpacked

NAME = "htx"
SIDES = 2  # on which it counts
# It publishes the order: a long is closed by selling.
_POSITION_SIDE = {"sell": +1, "buy": -1}
_TRADES = 1  # contract_status of a contract that trades


class Answer(msgspec.Struct):
    """What HTX wraps its answers in."""

    data: object = None
    ticks: object = None  # of the overview
    tick: object = None  # of the book
    channel: str = msgspec.field(name="ch", default="")
    status: str = "ok"
    code: int = 200  # of the newer endpoints, instead of a status


def answered(payload: object) -> Answer:
    """Unwrap an answer. ValueError if it is a refusal."""
    answer = convert(payload, Answer)
    if answer.status != "ok" or answer.code != 200:  # noqa: PLR2004 - as HTTP says it
        raise ValueError(f"refused with status {answer.status} and code {answer.code}")
    return answer


def told_of(answer: Answer, listing: Listing) -> object:
    """Return the rows of an answer about one contract. ValueError if it is another."""
    if answer.channel.split(".")[1:2] != [listing.id]:
        raise ValueError("an answer about another contract")
    return answer.data


class _Symbol(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    base: str = msgspec.field(name="symbol")
    size: Positive = msgspec.field(name="contract_size")
    state: int = msgspec.field(name="contract_status")
    kind: str = msgspec.field(name="business_type")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `swap_contract_info`: the linear swaps that trade, with contract sizes."""
    found = []
    for row in common.readable(convert(answered(payload).data, list[object]), _Symbol):
        quote = row.id.removeprefix(f"{row.base}-")
        if row.kind == "swap" and row.state == _TRADES:
            found.append(common.listed(NAME, row.id, row.base, quote, quote, row.size))
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct):
    open_time: int = msgspec.field(name="id")  # [s]
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    both_sides: NotNegative = msgspec.field(name="amount")  # [base]


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `linear-swap-ex/market/history/kline`; the taker's side is not told."""
    rows = convert(told_of(answered(payload), listing), list[_Kline])
    bars = [
        Bar(
            convert(k.open_time * 1000, Moment), k.open, k.high, k.low, k.close,
            k.both_sides / SIDES,
        )
        for k in rows
    ]  # fmt: skip
    return common.candles(bars, interval, taker=False)


class _Interest(msgspec.Struct):
    both_sides: NotNegative = msgspec.field(name="volume")  # [base], as it was asked for
    time: Moment = msgspec.field(name="ts")


class _Interests(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    rows: list[_Interest] = msgspec.field(name="tick")


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read `swap_his_open_interest` asked for in base coin, as it was recorded at each time."""
    told = convert(answered(payload).data, _Interests)
    _one_contract({told.id}, listing)
    return common.open_interest([(row.time, row.both_sides / SIDES) for row in told.rows])


class _Funding(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    rate: Rate = msgspec.field(name="funding_rate")
    time: Moment = msgspec.field(name="funding_time")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/v5/market/funding_rate_history`."""
    rows = convert(answered(payload).data, list[_Funding])
    _one_contract({row.id for row in rows}, listing)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ratio(msgspec.Struct):
    long: Positive = msgspec.field(name="buy_ratio")
    short: Positive = msgspec.field(name="sell_ratio")
    time: Moment = msgspec.field(name="ts")


class _Ratios(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    rows: list[_Ratio] = msgspec.field(name="list")


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, listing: Listing, _interval: int) -> LongShortRatio:
    """Read `swap_elite_account_ratio`: of the accounts of its largest traders, not of all."""
    told = convert(answered(payload).data, _Ratios)
    _one_contract({told.id}, listing)
    ratios = [row.long / row.short for row in told.rows]
    time, (ratio,) = in_order([row.time for row in told.rows], ratios)
    return LongShortRatio(time, ratio)


def _one_contract(ids: set[str], listing: Listing) -> None:
    if ids - {listing.id}:
        raise ValueError("rows of another contract")


class _Ladder(msgspec.Struct):
    factor: Positive = msgspec.field(name="adjust_factor")
    smallest: NotNegative = msgspec.field(name="min_size")  # contracts


class _Ladders(msgspec.Struct):
    leverage: Positive = msgspec.field(name="lever_rate")
    steps: list[_Ladder] = msgspec.field(name="ladders")


class _Factors(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    ladders: list[_Ladders] = msgspec.field(name="list")


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, price: float) -> Brackets:
    """Read `swap_adjustfactor`: caps in contracts, valued at `price` [quote/base].

    A position's maintenance margin is its margin times a factor, so its rate is factor / leverage.
    The factors are told for each leverage on offer, and those of the greatest are taken; a rate
    holds for the whole position, so nothing is deducted.
    """
    told = [one for one in convert(answered(payload).data, list[_Factors]) if one.id == listing.id]
    if not told:
        raise ValueError("nothing is told of the contract")
    greatest = max(told[0].ladders, key=lambda ladders: ladders.leverage)
    steps = sorted(greatest.steps, key=lambda step: step.smallest)
    contracts = [*(step.smallest for step in steps[1:]), math.inf]
    return Brackets(
        value_cap=floats(contracts) * listing.contract_size * price,
        maintenance_margin_rate=floats([step.factor for step in steps]) / greatest.leverage,
        max_leverage=np.full(len(steps), greatest.leverage),
        deduction=np.zeros(len(steps)),
    )


class _Liquidation(msgspec.Struct):
    id: str = msgspec.field(name="contract_code")
    side: str = msgspec.field(name="direction")
    contracts: Positive = msgspec.field(name="volume")
    price: Positive  # the bankruptcy price
    time: Moment = msgspec.field(name="created_at")


class _Push(msgspec.Struct):
    op: str = ""
    topic: str = ""
    data: list[object] | None = None


class _Ping(msgspec.Struct):
    op: str = ""
    # Now a number and now a text; it is handed back as it came.
    ts: int | str | None = None


_PUSH = msgspec.json.Decoder(_Push, strict=False)
_PING = msgspec.json.Decoder(_Ping)


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one packed message of `public.*.liquidation_orders`; quantities are in contracts.

    Answers to pings and subscriptions are none. If single rows cannot be read, the others stand.
    """
    push = _PUSH.decode(unpacked(message))
    if push.op != "notify" or not push.topic.endswith(".liquidation_orders") or not push.data:
        return ()
    found = [
        ForcedOrder(row.id, row.time, side, row.price, row.contracts)
        for row in common.readable(push.data, _Liquidation)
        if (side := _POSITION_SIDE.get(row.side)) is not None
    ]
    if not found:
        raise ValueError("no row can be read")
    return found


def pong(message: bytes) -> str | None:
    """Return what a ping wants to hear back, with the time it told; None for anything else.

    >>> pong(b'{"op":"ping","ts":"1789676355591"}')
    '{"op":"pong","ts":"1789676355591"}'
    """
    ping = _PING.decode(unpacked(message))
    if ping.op != "ping":
        return None
    return msgspec.json.encode({"op": "pong", "ts": ping.ts}).decode()
